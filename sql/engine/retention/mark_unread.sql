-- Any definition that is not retired counts: paused or drifted ones, and first drafts.
create or replace function yardstick_engine.mark_unread()
returns integer
language sql
volatile
set search_path = pg_catalog, pg_temp
set jit = off
as $mark_unread$
    with

    used as materialized (
        select distinct k.measure_id
        from yardstick.metric_definitions as d
        cross join lateral jsonb_each(d.compiled -> 'measures') as u (measure_name, body)
        cross join lateral (values ((u.body ->> 'measure_id')::uuid), ((u.body ->> 'squares_id')::uuid)) as k (measure_id)
        where d.deleted_at is null and k.measure_id is not null
    ),

    changed as (
        select m.id, u.measure_id is null as is_unread
        from yardstick.metric_measures as m
        left join used as u on u.measure_id = m.id
        where (u.measure_id is null) = (m.unread_since is null)
        for no key update of m skip locked
    ),

    marked as (
        update yardstick.metric_measures as m
        set unread_since = case when c.is_unread then clock_timestamp() end
        from changed as c
        where m.id = c.id
        returning m.unread_since
    )

    select count(*) filter (where marked.unread_since is not null)::integer from marked
$mark_unread$;

comment on function yardstick_engine.mark_unread() is
'Notes of every measure that no metric in use reads any more since when that is so, and takes it back where one reads it again; returns the number newly noted.';
