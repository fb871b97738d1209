create or replace function yardstick_engine.remove_series(series_ids bigint[])
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
-- Each series is looked up by its key, in every partition.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $remove_series$
declare
    state_count  bigint;
    detail_count bigint;
begin
    delete from yardstick.metric_partials as p
    where p.series_id = any(remove_series.series_ids);
    get diagnostics state_count = row_count;
    delete from yardstick.metric_details as d
    using yardstick.metric_series as s
    where s.series_id = any(remove_series.series_ids) and d.organization_id = s.organization_id and d.series_id = s.series_id;
    get diagnostics detail_count = row_count;
    delete from yardstick.metric_series as s
    where s.series_id = any(remove_series.series_ids);
    return state_count + detail_count;
end
$remove_series$;

comment on function yardstick_engine.remove_series(bigint[]) is
'Removes series with all their states, and returns the number of these.';
