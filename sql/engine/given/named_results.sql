create or replace function yardstick_engine.named_results(organization_id uuid, cells jsonb, results jsonb)
returns table (
    no                integer,
    metric_id         uuid,
    period_start      date,
    aggregation_level text,
    aggregation_id    uuid,
    value             numeric,
    sample_size       bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $named_results$
    select c.no, c.metric_id, c.period_start, s.aggregation_level, s.aggregation_id, r.value, r.sample_size
    from jsonb_to_recordset(named_results.results) as r (
        request_no integer, aggregation_level text, aggregation_key text, value numeric, sample_size bigint, error_code text, is_done boolean
    )
    inner join jsonb_to_recordset(named_results.cells) as c (no integer, metric_id uuid, period_start date) on c.no = r.request_no
    inner join yardstick.metric_definitions as d on d.id = c.metric_id
    cross join lateral yardstick_engine.scopes_named(
        named_results.organization_id, d.aggregation_levels, r.aggregation_level, r.aggregation_key
    ) as s
    -- An aggregate over nothing is no value: neither a missing one nor zero.
    where not r.is_done and r.error_code is null and coalesce(r.sample_size > 0, r.value is not null)
$named_results$;

comment on function yardstick_engine.named_results(uuid, jsonb, jsonb) is
'Rows that queries gave, with the scopes they are of; rows of a department, team or user that is not known, and rows of nothing (no sample, or where it is not said no value), are left out.';
