-- Takes the triggers off the host's tables: their sources are read by look-back until they are registered again.
-- What was noted and not yet calculated is kept as days on the calendar of now.
-- depends: 0021.capture_sources
do $$
declare
    held record;
begin
    for held in
        select t.tgname, t.tgrelid::regclass as relation
        from pg_trigger as t
        inner join pg_proc as f on f.oid = t.tgfoid
        where f.pronamespace = 'yardstick'::regnamespace and f.proname ~ '^capture_[0-9a-f]{32}$' and t.tgparentid = 0
    loop
        execute format('drop trigger %I on %s', held.tgname, held.relation);
    end loop;
    for held in
        select f.oid::regprocedure as routine
        from pg_proc as f
        where f.pronamespace = 'yardstick'::regnamespace and f.proname ~ '^capture_[0-9a-f]{32}$'
    loop
        execute format('drop function %s', held.routine);
    end loop;
end $$;

set local role yardstick_engine_role;
insert into yardstick.metric_dirty (organization_id, source_id, stage, measure_key, period_start)
select distinct
    o.id, c.source_id, 'source', u.measure_key, (t.at at time zone case when c.is_instant then o.timezone else 'UTC' end)::date
from yardstick.source_changes as c
cross join lateral unnest(c.organization_keys, c.measure_keys, c.first_at, c.last_at)
    as u (organization_key, measure_key, first_at, last_at)
cross join lateral (values (u.first_at), (u.last_at)) as t (at)
inner join yardstick.organizations as o
    on o.id::text = lower(u.organization_key) or o.external_id in (u.organization_key, upper(u.organization_key));

delete from yardstick.metric_refreshes as r where r.refresh_frequency = 'watermark';

update yardstick.metric_sources as s
set capture_mark = null
where s.capture_mark is not null;

set local role yardstick_owner;
revoke create on schema yardstick from yardstick_engine_role;
drop table yardstick.source_changes;

alter table yardstick.metric_refreshes drop constraint refreshes_frequency_is_known;
alter table yardstick.metric_refreshes add constraint refreshes_frequency_is_known check (
    refresh_frequency in ('real_time', 'hourly', 'daily', 'weekly', 'monthly', 'day_closed', 'history_read')
);
comment on column yardstick.metric_refreshes.refresh_frequency is
'Frequency of the metrics meant; day_closed: the days that have ended; history_read: the first rows of a source that was empty.';
