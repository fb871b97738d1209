-- A list of values that are added up as well is kept in the same pass, unless so much is asked of a row that sums are better made another
-- way (see scan_statement). Lists of any key are not put together from those of each.
create or replace function yardstick_engine.scan_groups(measure_ids uuid[])
returns table (measure_ids uuid[])
language sql
stable
set search_path = pg_catalog, pg_temp
as $scan_groups$
    select array_agg(k.id order by k.id)
    from (
        select
            m.id,
            m.state_kind = 'sums' or (
                m.state_kind = 'list'
                and bool_or(m.state_kind = 'sums') over (partition by m.filter, m.expression, m.measure_key is null)
                and (m.measure_key is not null or not bool_or(m.state_kind = 'sums' and m.measure_key is not null) over ())
                and (
                    select count(*) <= 8
                    from (
                        select distinct s.filter, s.expression
                        from yardstick.metric_measures as s
                        where s.id = any(scan_groups.measure_ids) and s.state_kind = 'sums'
                    ) as c
                )
            ) as is_with_sums,
            m.measure_key is null as is_of_any_key
        from yardstick.metric_measures as m
        where m.id = any(scan_groups.measure_ids)
    ) as k
    group by k.is_with_sums, not k.is_with_sums and k.is_of_any_key
$scan_groups$;

comment on function yardstick_engine.scan_groups(uuid[]) is
'Measures of one source, in the groups that a statement each reads: sums, with the lists of what they add up; and other lists, ends and keys.';
