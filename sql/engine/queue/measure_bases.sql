create or replace function yardstick_engine.measure_bases(measure_ids uuid[])
returns table (measure_id uuid, base_id uuid)
language sql
stable
set search_path = pg_catalog, pg_temp
as $measure_bases$
    select u.id, coalesce(p.base_id, u.id)
    from unnest(measure_bases.measure_ids) as u (id)
    left join (
        -- The same wherever they are used, for squares are of one expression.
        select distinct on (k.squares_id) k.squares_id, k.base_id
        from yardstick.metric_definitions as d
        cross join lateral jsonb_each(d.compiled -> 'measures') as m (measure_name, body)
        cross join lateral (values ((m.body ->> 'squares_id')::uuid, (m.body ->> 'measure_id')::uuid)) as k (squares_id, base_id)
        where k.squares_id is not null and d.deleted_at is null
        order by k.squares_id, k.base_id
    ) as p on p.squares_id = u.id
$measure_bases$;

comment on function yardstick_engine.measure_bases(uuid[]) is
'Of each measure, the one it is read with: of the squares of values, the sums of these; of others, itself.';
