-- Definer, with the owner's rights, under the policies of the login.
create or replace function yardstick_api.definition_impact(definition jsonb, periods integer default 12)
returns table (
    time_window    text,
    period_start   timestamptz,
    period_end     timestamptz,
    approved_value numeric,
    draft_value    numeric,
    difference     numeric
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $definition_impact$
    select i.time_window, i.period_start, i.period_end, i.approved_value, i.draft_value, i.difference
    from yardstick_engine.impact(
        yardstick.require_organization(), definition_impact.definition ->> 'metric_name', definition_impact.definition, definition_impact.periods
    ) as i
$definition_impact$;

comment on function yardstick_api.definition_impact(jsonb, integer) is
'As metric_impact, for a definition that is not stored yet. YS001, YS002, YS003, YS008: as define_metric.';
grant execute on function yardstick_api.definition_impact(jsonb, integer) to yardstick_app, yardstick_dba, yardstick_worker;
