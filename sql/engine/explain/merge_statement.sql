-- Cut out of the function that runs it, so that what is shown is what is run.
create or replace function yardstick_engine.merge_statement()
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $merge_statement$
    select
        replace(replace(replace(replace(
            regexp_replace(regexp_replace(regexp_replace(
                regexp_replace(
                    regexp_replace(substring(p.prosrc from 'with\s+touched as .*\sinto merged;'), '\s+into merged;$', ''), '^    ', '', 'gn'
                ), '\mlow\M', '$5', 'g'
            ), '\mhigh\M', '$6', 'g'), '\mpart_type\M', '$7', 'g'),
        'merge_windows.measure_ids', '$1'), 'merge_windows.organization_ids', '$2'), 'merge_windows.period_types', '$3'),
        'merge_windows.period_starts', '$4')
    from pg_proc as p
    where p.oid = 'yardstick_engine.merge_windows(uuid[], uuid[], integer[], date[])'::regprocedure
$merge_statement$;

comment on function yardstick_engine.merge_statement() is
'Text of the statement with which merge_windows makes the states of longer periods: $1 measures, $2, $3, $4 touched periods (organization, type, start), $5, $6 the dates they span, $7 the type of their parts.';
