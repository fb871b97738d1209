create or replace function yardstick_engine.explain_measures(metric yardstick.metric_definitions)
returns table (step text, statement text)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $explain_measures$
declare
    source     yardstick.metric_sources;
    part       record;
    parameters constant text := yardstick_engine.parameters_text(array[
        'date: first local date that is read',
        'date: the local date after the last',
        'uuid[]: days that changed: their organizations',
        'text[]: their measure keys; null: of any key',
        'date[]: their local dates',
        'timestamptz: the first date''s beginning, wherever it begins first',
        'timestamptz: the last date''s end, wherever it ends last',
        'text[]: ids of the organizations that are read, as the source may write them',
        'text[]: measure keys that are read; null: any',
        'uuid: the source'
    ]);
begin
    select s.* into strict source from yardstick.metric_sources as s where s.id = metric.source_id;
    for part in
        select
            g.measure_ids,
            case when count(*) over () > 1 then format(' (%s of %s)', row_number() over (order by g.measure_ids), count(*) over ()) else '' end as place
        from yardstick_engine.scan_groups(array(select m.id from yardstick_engine.metric_measure_ids(metric.id) as m (id))) as g
        order by g.measure_ids
    loop
        step := format(
            'scan%s: reads %s once for a stretch of local dates, and keeps for each measure, day and organization, department, team or user '
            'its state, from which everything longer and higher is merged; in the same pass, measures of other metrics of the source. For a new or changed '
            'definition, and for refresh_metric', part.place, source.relation
        );
        statement := parameters || yardstick_engine.scan_statement(metric.source_id, part.measure_ids, false, false);
        return next;
        step := format('scan of changes%s: the same, for the days alone whose rows have changed, as it is run for one of them', part.place);
        select parameters || yardstick_engine.scan_statement(
            metric.source_id, part.measure_ids, true, false, is_keyed => k.is_keyed, by_cells => l.by_cells, by_index => l.by_index
        )
        into statement
        from (select bool_and(m.measure_key is not null) as is_keyed from yardstick.metric_measures as m where m.id = any(part.measure_ids)) as k
        cross join lateral yardstick_engine.cell_lookups(metric.source_id, 1, k.is_keyed) as l;
        return next;
    end loop;

    step := 'merge: weeks and months from the states of days, quarters and years from those of months; the source is not read again';
    statement := yardstick_engine.parameters_text(array[
        'uuid[]: measures', 'uuid[]: periods to merge: their organizations', 'integer[]: their types, 2 week, 3 month, 4 quarter, 5 year', 'date[]: their first days',
        'date: the first day of all', 'date: the day after the last', 'integer: type of the parts, 1 day or 3 month'
    ]) || yardstick_engine.merge_statement(false);
    return next;
end
$explain_measures$;

comment on function yardstick_engine.explain_measures(yardstick.metric_definitions) is
'Steps from the rows of a source to the states of a metric''s measures, with the statement of each.';
