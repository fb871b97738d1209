-- Calculated plainly, by the statements of the validation report and not by the engine's own: what both give is worth something
-- because they share nothing. Nothing is stored.
create or replace function yardstick_engine.impact(organization_id uuid, metric_name text, definition jsonb, periods integer)
returns table (
    time_window    text,
    period_start   timestamptz,
    period_end     timestamptz,
    approved_value numeric,
    draft_value    numeric,
    difference     numeric
)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
-- Different values are told apart by their text, which depends on these.
set timezone = 'UTC'
set datestyle = 'ISO, YMD'
set intervalstyle = 'postgres'
set jit = off
as $impact$
#variable_conflict use_column
declare
    metric  yardstick.metric_definitions;
    content jsonb := impact.definition;
    trial   jsonb;
    values_ jsonb;
begin
    if coalesce(impact.periods not between 1 and 60, true) then
        raise exception using errcode = 'YS006', message = 'periods: must be a whole number from 1 to 60';
    end if;
    select d.* into metric
    from yardstick.metric_definitions as d
    where d.metric_name = impact.metric_name and (d.organization_id = impact.organization_id or d.organization_id is null)
    order by d.organization_id nulls last
    limit 1;
    if content is null then
        if metric.id is null then
            raise exception using
                errcode = 'YS003', message = format('there is no metric named %s here', coalesce(quote_literal(left(impact.metric_name, 100)), 'null'));
        end if;
        select v.content into content
        from yardstick.metric_definition_versions as v
        where v.metric_id = metric.id and v.status in ('draft', 'in_review')
        order by v.version desc
        limit 1;
        if not found then
            raise exception using
                errcode = 'YS007', message = format('the metric %s has no draft; change it with yardstick_api.define_metric first', metric.metric_name);
        end if;
    end if;
    trial := yardstick_engine.try_definition(content, case when impact.definition is null then metric.organization_id else impact.organization_id end);
    if trial ? 'problem' then
        raise exception using errcode = trial ->> 'code', message = trial ->> 'problem';
    end if;

    perform yardstick_engine.reach_source(s.id)
    from yardstick.metric_sources as s
    where s.id = (trial ->> 'source_id')::uuid or trial #> '{compiled,sources}' ? s.id::text;
    values_ := yardstick_engine.trial_values(content, trial, impact.organization_id, impact.periods);
    return query
    select
        p.time_window, p.starts_at, p.ends_at, c.metric_value, p.value, p.value - c.metric_value
    from jsonb_to_recordset(values_) as p (time_window text, starts_at timestamptz, ends_at timestamptz, value numeric)
    left join yardstick.metric_calculations as c
        on c.organization_id = impact.organization_id and c.metric_id = metric.id and c.aggregation_level = 'org'
        and c.aggregation_id = impact.organization_id and c.time_window = p.time_window and c.period_end = p.ends_at and c.period_start = p.starts_at
    order by yardstick_engine.period_type(p.time_window), p.starts_at;
end
$impact$;

comment on function yardstick_engine.impact(uuid, text, jsonb, integer) is
'Values of an organization in the last complete periods of each window: those that stand, and those that a definition, or with null the newest draft of the metric, would give.';

grant execute on function yardstick_engine.impact(uuid, text, jsonb, integer) to yardstick_owner;
