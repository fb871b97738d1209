-- Whoever writes a definition that reads it holds the row (keep_measure), or finds it held here and waits. Looked at again by a statement that
-- begins when the lock is there: one that committed before is seen.
create or replace function yardstick_engine.lock_unread(measure_id uuid)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $lock_unread$
declare
    source uuid;
begin
    select m.source_id into source
    from yardstick.metric_measures as m
    where m.id = lock_unread.measure_id and m.unread_since < now() - interval '14 days'
    for update skip locked;
    return found and not exists (
        select
        from yardstick.metric_definitions as d
        cross join lateral jsonb_each(d.compiled -> 'measures') as u (measure_name, body)
        where d.source_id = source and d.deleted_at is null
            and lock_unread.measure_id::text in (u.body ->> 'measure_id', u.body ->> 'squares_id')
    ) and not exists (
        select
        from yardstick.calculation_slices as s
        where s.source_id = source and lock_unread.measure_id = any(s.measure_ids)
    ) and not exists (
        select
        from yardstick.postponed_weeks as p
        where p.source_id = source and lock_unread.measure_id = any(p.measure_ids)
    );
end
$lock_unread$;

comment on function yardstick_engine.lock_unread(uuid) is
'Whether the states of a measure may be removed: no metric in use has read it for 14 days, none is about to, and no week of it waits. If so no definition takes it up until the transaction ends.';
