-- The texts come from the functions that make them when a metric is calculated. Definer, with the engine's rights.
create or replace function yardstick_engine.explain(organization_id uuid, metric_name text)
returns table (step text, statement text)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set datestyle = 'ISO, YMD'
set intervalstyle = 'postgres'
as $explain$
declare
    metric yardstick.metric_definitions;
begin
    select d.* into strict metric
    from yardstick.metric_definitions as d
    where d.id = yardstick_engine.find_metric(explain.organization_id, explain.metric_name);
    if metric.approval_status <> 'approved' or not metric.is_active or metric.drifted_at is not null then
        step := format(
            'nothing is run now: the metric %s', case
                when metric.approval_status <> 'approved' then 'is not approved'
                when not metric.is_active then 'is not active'
                else 'stands still because its source has changed'
            end
        );
        return next;
    end if;

    if metric.compiled ? 'measures' then
        return query select m.step, m.statement from yardstick_engine.explain_measures(metric) as m;
    elsif metric.compiled ? 'children' then
        step := case when metric.compiled ? 'score'
            then 'score: how far the parts attain their targets, from their stored values, and the weighted mean of that'
            else 'formula: is applied to the stored values of the parts, in the same scope and period or, with a lag, an earlier one' end;
        statement := yardstick_engine.parameters_text(array[
            'uuid[]: touched periods: their organizations', 'date[]: their first days', 'text: the window', 'integer: its type, 1 day to 5 year', 'text[]: levels',
            'timestamptz: an instant before all of them, those looked back at included', 'timestamptz: an instant after them'
        ]) || yardstick_engine.derived_statement(metric.compiled);
        return next;
    elsif metric.compiled is not null then
        return query select q.step, q.statement from yardstick_engine.explain_query(metric, explain.organization_id) as q;
    end if;
    return query select v.step, v.statement from yardstick_engine.explain_values(metric, explain.organization_id) as v where metric.compiled is not null;
end
$explain$;

comment on function yardstick_engine.explain(uuid, text) is
'What explain_metric returns, as an organization sees it, or with null the platform.';

grant execute on function yardstick_engine.explain(uuid, text) to yardstick_owner;
