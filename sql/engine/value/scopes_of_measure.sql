-- As the statistics have it, for it is asked before every slice; what was never counted is counted.
create or replace function yardstick_engine.scopes_of_measure()
returns double precision
language sql
stable
set search_path = pg_catalog, pg_temp
as $scopes_of_measure$
    select
        case when c.reltuples >= 0 then c.reltuples else (select count(*) from yardstick.metric_series) end
        / greatest((select count(*) from yardstick.metric_measures) * (select count(*) from yardstick.organizations as o where o.is_active), 1)
    from pg_class as c
    where c.oid = 'yardstick.metric_series'::regclass
$scopes_of_measure$;

comment on function yardstick_engine.scopes_of_measure() is
'How many series a measure has in an active organization, estimated over all of them.';
