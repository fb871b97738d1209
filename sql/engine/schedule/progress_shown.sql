create or replace function yardstick_engine.progress_shown(job_name text, progress jsonb)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $progress_shown$
    select progress_shown.progress || case when progress_shown.job_name = 'calculate' then jsonb_build_object(
        'slices_left', (select count(*) from yardstick.calculation_slices),
        'sources_left', (
            select coalesce(jsonb_object_agg(s.source_name, s.slice_count), '{}')
            from (
                select min(m.source_name) as source_name, count(*) as slice_count
                from yardstick.calculation_slices as c
                inner join yardstick.metric_sources as m on m.id = c.source_id
                group by m.id
                order by count(*) desc
                limit 5
            ) as s
        )
    ) else '{}' end
$progress_shown$;

comment on function yardstick_engine.progress_shown(text, jsonb) is
'Progress of a job as job_runs shows it: for calculate with the slices that are left, and the sources that have most of them.';
