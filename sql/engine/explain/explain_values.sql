create or replace function yardstick_engine.explain_values(metric yardstick.metric_definitions, organization_id uuid)
returns table (step text, statement text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $explain_values$
    select
        format(
            '%s: %s, looks up the value of the period before, the target and how many of the periods inside have rows and values, and writes what differs '
            'from the row that stands; leaves a note for the next period, and for metrics made of this one', w.time_window,
            case when v.is_given then 'takes the values of touched periods' else
                'merges the states of touched periods up to departments, with those below them, and the organization, applies the formula' end
        ),
        yardstick_engine.parameters_text(array[
            'uuid[]: touched periods: their organizations', 'date[]: their first days', 'uuid[]: the metric', 'timestamptz: now, or the time it is calculated for',
            'uuid: the source', 'date: the first of the periods', 'date: the last of them', 'timestamptz: an instant after it'
        ] || case when v.is_given then array[
            'uuid[]: the metric of each touched period', 'uuid[]: values: their metrics', 'uuid[]: their organizations', 'date[]: first days of their periods',
            'text[]: their levels', 'uuid[]: their scopes', 'numeric[]: the values', 'bigint[]: how many rows each is of', 'text[]: notes'
        ] else array['text[]: why each is touched; null: rows have changed'] end)
        || yardstick_engine.calculate_statement(
            array[explain_values.metric.id], yardstick_engine.period_type(w.time_window)::integer, true,
            exists (select from yardstick.metric_targets as t where t.metric_id = explain_values.metric.id),
            is_given => v.is_given, only_organization => explain_values.organization_id
        )
    from unnest(explain_values.metric.time_windows) as w (time_window)
    cross join (select not explain_values.metric.compiled ? 'measures' as is_given) as v
    order by yardstick_engine.period_type(w.time_window)
$explain_values$;

comment on function yardstick_engine.explain_values(yardstick.metric_definitions, uuid) is
'The last step of each window of a metric, with its statement; metrics of other organizations than the one given are not named in it.';
