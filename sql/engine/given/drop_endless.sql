create or replace function yardstick_engine.drop_endless(
    organization_id uuid,
    metric_ids      uuid[],
    error_code      text,
    message         text
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $drop_endless$
declare
    kind record;
begin
    for kind in
        with

        gone as (
            delete from yardstick.metric_pending as p
            where p.organization_id = drop_endless.organization_id and p.metric_id = any(drop_endless.metric_ids)
            returning p.metric_id, p.period_type, p.period_start
        )

        select g.period_type::integer as period_type, jsonb_agg(jsonb_build_object(
            'metric_id', g.metric_id, 'organization_id', drop_endless.organization_id, 'period_start', g.period_start,
            'error_code', drop_endless.error_code, 'message', drop_endless.message
        )) as failures
        from (select distinct gone.metric_id, gone.period_type, gone.period_start from gone) as g
        group by g.period_type
    loop
        perform yardstick_engine.record_given_errors(kind.period_type, kind.failures);
    end loop;
end
$drop_endless$;

comment on function yardstick_engine.drop_endless(uuid, uuid[], text, text) is
'Gives all periods that wait of metrics whose query does not come back an error instead of another try.';
