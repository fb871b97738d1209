-- Definer, with the engine's rights: one pass over the alerts of all organizations.
-- Only the newest finished period of a series is judged, so the past never pages. Missing data never resolves: an open
-- incident waits for a value. A clock that goes back changes nothing, but what was judged at a time that is still to come is judged again. While a metric has drifted its values stand still and say
-- nothing: its alerts stay as they are.
create or replace function yardstick_engine.check_alerts(as_of timestamptz default now())
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set jit = off
set plan_cache_mode = force_custom_plan
as $check_alerts$
declare
    progress jsonb;
begin
    if yardstick_engine.deploy_is_running() then
        return '{"is_done": true, "stopped_by": "deploy"}';
    end if;
    perform pg_advisory_xact_lock(7919004);

    with

    -- A state later than that was left by a clock that has been set back since.
    present as materialized (

        select greatest(check_alerts.as_of, clock_timestamp()) as latest

    ),

    alerts as materialized (

        select
            o.id as organization_id, o.timezone,
            a.id as alert_id, a.metric_id, a.severity, a.auto_resolve, d.refresh_frequency,
            c.op, c.value as bound, c.low, c.high, c.clear, c.window as time_window,
            case when c.scope is null then d.aggregation_levels else array[c.scope ->> 'level'] end as aggregation_levels,
            (c.scope ->> 'id')::uuid as scope_id,
            w.length,
            -- How long a value may be under way before it counts as missing.
            case d.refresh_frequency
                when 'weekly' then interval '7 days 2 hours'
                when 'monthly' then interval '31 days 2 hours'
                when 'on_demand' then interval '100 years'
                else interval '2 hours'
            end as patience
        from yardstick.metric_alerts as a
        inner join yardstick.metric_definitions as d on d.id = a.metric_id and d.is_active and d.deleted_at is null and d.drifted_at is null
        inner join yardstick.organizations as o
            on
                o.is_active
                and o.id = coalesce(a.organization_id, o.id)
                and o.id = coalesce(d.organization_id, o.id)
        cross join lateral jsonb_to_record(a.condition_config) as c (
            op text, value numeric, low numeric, high numeric, clear numeric, "window" text, scope jsonb
        )
        inner join (
            values
            ('daily', interval '1 day'),
            ('weekly', interval '7 days'),
            ('monthly', interval '1 month'),
            ('quarterly', interval '3 months'),
            ('annual', interval '12 months')
        ) as w (time_window, length) on w.time_window = c.window
        where a.is_active and a.alert_type = 'threshold'

    ),

    latest as materialized (

        select
            a.organization_id, a.alert_id, a.severity, a.auto_resolve, a.op, a.bound, a.low, a.high, a.clear, a.time_window,
            s.aggregation_level, s.aggregation_id,
            v.period_start, v.period_end, v.metric_value,
            v.metric_value is null
            or ((v.period_end at time zone a.timezone) + a.length) at time zone a.timezone + a.patience <= check_alerts.as_of
                as is_missing
        from alerts as a
        cross join lateral yardstick_engine.alert_scopes(a.organization_id, a.aggregation_levels) as s
        cross join lateral (
            select c.period_start, c.period_end, c.metric_value
            from yardstick.metric_calculations as c
            where
                c.organization_id = a.organization_id
                and c.metric_id = a.metric_id
                and c.aggregation_level = s.aggregation_level
                and c.aggregation_id = s.aggregation_id
                and c.time_window = a.time_window
                and c.period_end <= check_alerts.as_of
                and c.period_end > check_alerts.as_of - interval '400 days' - a.length
                -- What was valued while it ran says nothing yet: the job that closes it comes after midnight, as this one does.
                and (a.refresh_frequency = 'on_demand' or (c.metadata @> '{"is_complete": false}') is not true)
            order by c.period_end desc, c.period_start desc
            limit 1
        ) as v
        where a.scope_id is null or s.aggregation_id = a.scope_id

    ),

    judged as materialized (

        select
            l.*,
            s.state as old_state, s.since, s.last_period_end, s.last_value,
            h.id as open_id,
            case l.op
                when '>' then l.metric_value > case when h.id is null then l.bound else coalesce(l.clear, l.bound) end
                when '>=' then l.metric_value >= case when h.id is null then l.bound else coalesce(l.clear, l.bound) end
                when '<' then l.metric_value < case when h.id is null then l.bound else coalesce(l.clear, l.bound) end
                when '<=' then l.metric_value <= case when h.id is null then l.bound else coalesce(l.clear, l.bound) end
                when '=' then l.metric_value = l.bound
                when 'outside' then l.metric_value < l.low or l.metric_value > l.high
                else l.metric_value between l.low and l.high
            end as is_breach
        from latest as l
        left join yardstick.metric_alert_states as s
            on
                s.organization_id = l.organization_id
                and s.alert_id = l.alert_id
                and s.aggregation_level = l.aggregation_level
                and s.aggregation_id = l.aggregation_id
        left join yardstick.metric_alert_history as h
            on
                h.organization_id = l.organization_id
                and h.alert_id = l.alert_id
                and h.aggregation_level = l.aggregation_level
                and h.aggregation_id = l.aggregation_id
                and h.resolved_at is null
        where
            s.state is null
            or (
                s.since > (select p.latest from present as p)
                or s.last_period_end > (select p.latest from present as p)
            )
            or (
                s.since <= check_alerts.as_of
                and (
                    s.last_period_end < l.period_end
                    or (
                        s.last_period_end = l.period_end
                        and (s.last_value is distinct from l.metric_value or (s.state = 'no_data') <> l.is_missing)
                    )
                )
            )

    ),

    decided as materialized (

        select
            j.*,
            j.is_breach and not j.is_missing and j.open_id is null as is_opened,
            not j.is_breach and not j.is_missing and j.open_id is not null and j.auto_resolve as is_resolved,
            case
                when j.is_missing then 'no_data'
                when j.is_breach or (j.open_id is not null and not j.auto_resolve) then 'firing'
                else 'normal'
            end as new_state,
            case when j.is_breach and not j.is_missing and j.open_id is null then yardstick.next_id() end as new_id
        from judged as j

    ),

    opened as (

        insert into yardstick.metric_alert_history (
            id, organization_id, alert_id, aggregation_level, aggregation_id, time_window, period_start, period_end,
            triggered_at, metric_value, threshold_value, severity_at_trigger, condition_details
        )
        select
            d.new_id, d.organization_id, d.alert_id, d.aggregation_level, d.aggregation_id, d.time_window,
            d.period_start, d.period_end, check_alerts.as_of, d.metric_value,
            case d.op when 'outside' then case when d.metric_value < d.low then d.low else d.high end else d.bound end,
            d.severity,
            jsonb_strip_nulls(jsonb_build_object(
                'method', 'threshold',
                'op', d.op,
                'value', d.metric_value,
                'lower', case when d.op in ('<', '<=') then d.bound else d.low end,
                'upper', case when d.op in ('>', '>=') then d.bound else d.high end,
                'clear', d.clear,
                'reason', format(
                    '%s is %s %s', trim_scale(d.metric_value), d.op,
                    coalesce(trim_scale(d.bound)::text, trim_scale(d.low) || ' to ' || trim_scale(d.high))
                )
            ))
        from decided as d
        where d.is_opened

    ),

    resolved as (

        update yardstick.metric_alert_history as h
        set
            resolved_at = check_alerts.as_of,
            auto_resolved = true,
            resolution_notes = format(
                'back at %s in the period that ended at %s UTC', trim_scale(d.metric_value), d.period_end at time zone 'UTC'
            )
        from decided as d
        where h.organization_id = d.organization_id and h.id = d.open_id and d.is_resolved

    ),

    totals as (

        update yardstick.metric_alerts as a
        set
            last_triggered = greatest(
                case when a.last_triggered <= (select p.latest from present as p) then a.last_triggered end, check_alerts.as_of
            ),
            trigger_count = a.trigger_count + t.opened_count
        from (select d.alert_id, count(*)::integer as opened_count from decided as d where d.is_opened group by d.alert_id) as t
        where a.id = t.alert_id

    ),

    states as (

        insert into yardstick.metric_alert_states as s (
            organization_id, alert_id, aggregation_level, aggregation_id, state, since, last_period_end, last_value, open_history_id
        )
        select
            d.organization_id, d.alert_id, d.aggregation_level, d.aggregation_id, d.new_state,
            case when d.new_state is not distinct from d.old_state then least(d.since, check_alerts.as_of) else check_alerts.as_of end,
            d.period_end, d.metric_value,
            case when not d.is_resolved then coalesce(d.open_id, d.new_id) end
        from decided as d
        order by d.organization_id, d.alert_id, d.aggregation_level, d.aggregation_id
        on conflict (organization_id, alert_id, aggregation_level, aggregation_id) do update
        set
            state = excluded.state,
            since = excluded.since,
            last_period_end = excluded.last_period_end,
            last_value = excluded.last_value,
            open_history_id = excluded.open_history_id,
            updated_at = now()

    )

    select jsonb_build_object(
        'judged', count(*),
        'opened', count(*) filter (where d.is_opened),
        'resolved', count(*) filter (where d.is_resolved),
        'is_done', true
    )
    into progress
    from decided as d;
    return progress;
end
$check_alerts$;

comment on function yardstick_engine.check_alerts(timestamptz) is
'Judges the newest finished period of every series that an active alert watches, where it is new or has changed; opens '
'and resolves incidents and returns their numbers.';

grant execute on function yardstick_engine.check_alerts(timestamptz) to yardstick_worker;
