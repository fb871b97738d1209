create or replace function yardstick_engine.scan_measures_text(source_id uuid, measure_ids uuid[], by_key boolean)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $scan_measures_text$
    select string_agg(
        format(
            '(%s, %L::text, %L::uuid, %L::uuid, %L::boolean, %L::boolean, %L::boolean)',
            c.number, m.measure_key, m.id, m.organization_id,
            coalesce(u.wants_team, false), coalesce(u.wants_user, false), c.is_kept and m.state_kind = 'list'
        ), ', ' order by m.id
    )
    from yardstick_engine.scan_combinations(
        scan_measures_text.source_id, scan_measures_text.measure_ids, scan_measures_text.by_key
    ) as c
    cross join lateral unnest(c.measure_ids) as i (id)
    inner join yardstick.metric_measures as m on m.id = i.id
    left join (
        select
            mu.measure_id,
            bool_or('team' = any(mu.aggregation_levels)) as wants_team,
            bool_or('user' = any(mu.aggregation_levels)) as wants_user
        from yardstick_engine.measure_uses(scan_measures_text.measure_ids) as mu
        group by mu.measure_id
    ) as u on u.measure_id = m.id
$scan_measures_text$;

comment on function yardstick_engine.scan_measures_text(uuid, uuid[], boolean) is
'Rows of the VALUES of a scan''s measures: number of the filter and expression, key, id, organization, whether teams and users are wanted, and whether it is a list kept beside sums.';
