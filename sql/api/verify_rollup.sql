-- Definer, with the owner's rights. A DBA who has chosen no organization verifies a metric of the platform for all of them.
create or replace function yardstick_api.verify_rollup(metric_name text, sample integer default 20, seed bigint default null)
returns table (
    time_window       text,
    period_start      timestamptz,
    aggregation_level text,
    aggregation_id    uuid,
    stored_value      numeric,
    recomputed_value  numeric,
    is_equal          boolean,
    detail            text
)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $verify_rollup$
declare
    organization constant uuid := yardstick.defining_organization();
begin
    return query
    select v.time_window, v.period_start, v.aggregation_level, v.aggregation_id, v.stored_value, v.recomputed_value, v.is_equal, v.detail
    from yardstick_engine.verify(organization, verify_rollup.metric_name, verify_rollup.sample, verify_rollup.seed) as v;
end
$verify_rollup$;

comment on function yardstick_api.verify_rollup(text, integer, bigint) is
'A random sample (20, at most 1000) of the stored values of a metric, each beside what its source gives when it is read again, of every level '
'and window and of nothing that waits to be calculated: measures from the rows, metrics made of others from the stored values of their parts, '
'queries and functions by running them again. Looks in as many periods for values that are not stored (not of queries and functions). is_equal false: the value (an estimate: '
'by more than its stated error) or sample_size differs, none is stored though there is one, or the states it is merged from differ; null: it could not be '
'recomputed; detail says why. The same seed takes the same sample. A DBA who has chosen no organization gets those of every organization. '
'Nothing is stored. YS003: no such metric. YS004: no organization chosen. YS006: sample out of range.';

grant execute on function yardstick_api.verify_rollup(text, integer, bigint) to yardstick_app, yardstick_dba, yardstick_worker;
