-- Definer, with the owner's rights, under the policies of the login.
create or replace function yardstick_api.metric_impact(metric_name text, periods integer default 12)
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
as $metric_impact$
    select i.time_window, i.period_start, i.period_end, i.approved_value, i.draft_value, i.difference
    from yardstick_engine.impact(yardstick.require_organization(), metric_impact.metric_name, null, metric_impact.periods) as i
$metric_impact$;

comment on function yardstick_api.metric_impact(text, integer) is
'Values of the organization chosen that the draft of a metric, or its version in review, would give beside those that stand, over the last '
'complete periods (12, at most 60) of each of its windows. approved_value null: none stands. draft_value null: it gives none. Nothing is stored. '
'YS003: no such metric. YS004: no organization chosen. YS006: too many periods. YS007: there is no draft.';
grant execute on function yardstick_api.metric_impact(text, integer) to yardstick_app, yardstick_dba, yardstick_worker;
