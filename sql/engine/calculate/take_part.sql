-- A limit of time strikes once in a call, so what took too long is looked for from call to call: each reads half as many measures.
create or replace function yardstick_engine.take_part(
    source_id uuid,
    week      date,
    attempts  integer,
    as_of     timestamptz
)
returns uuid[]
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $take_part$
declare
    all_ids  uuid[];
    part_ids uuid[];
begin
    -- The dirty cells of the week become whole measures, of which some can be left for later.
    with

    taken as (
        delete from yardstick.metric_dirty as t
        where t.source_id = take_part.source_id and t.stage = 'source' and t.period_start >= take_part.week and t.period_start < take_part.week + 7
        returning t.measure_key
    )

    select array_agg(m.id order by m.id)
    into all_ids
    from yardstick.metric_measures as m
    where m.source_id = take_part.source_id
        and m.id <> all(yardstick_engine.held_measures(take_part.source_id, take_part.as_of))
        and m.id in (
            select u.measure_id
            from yardstick_engine.measure_uses(array(select k.id from yardstick.metric_measures as k where k.source_id = take_part.source_id)) as u
        )
        and (
            m.id = any(array(
                select u.id
                from yardstick.calculation_slices as s
                cross join lateral unnest(s.measure_ids) as u (id)
                where s.source_id = take_part.source_id and s.period_type = 2 and s.period_start = take_part.week
            ))
            or exists (
                select from taken
                where taken.measure_key is null or m.measure_key is null or taken.measure_key = m.measure_key
            )
        );

    -- Sums and their squares in one part: valued apart, they would not be of the same rows.
    with

    numbered as (
        select b.measure_id, dense_rank() over (order by b.base_id) as base_no
        from yardstick_engine.measure_bases(all_ids) as b
    )

    select array_agg(n.measure_id order by n.measure_id)
    into part_ids
    from numbered as n
    where n.base_no <= greatest(1, ceil((select max(k.base_no) from numbered as k) / power(2, least(take_part.attempts, 20))));
    update yardstick.calculation_slices as s
    set measure_ids = nullif(array(select u.id from unnest(all_ids) as u (id) where u.id <> all(part_ids) order by u.id), '{}')
    where s.source_id = take_part.source_id and s.period_type = 2 and s.period_start = take_part.week;
    return coalesce(part_ids, '{}');
end
$take_part$;

comment on function yardstick_engine.take_part(uuid, date, integer, timestamptz) is
'Takes part of the measures that a week of a source waits for, half as many with each attempt that ran out of time, sums and their squares together, and leaves the others in its slice.';
