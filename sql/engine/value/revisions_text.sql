create or replace function yardstick_engine.revisions_text(time_window text, cause_text text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $revisions_text$
    -- Of a period that has ended only: what moves while it runs is no statement yet.
    select format(
        $text$revised as (
    insert into yardstick.metric_calculation_revisions (
        organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_start, period_end, superseded_at, cause,
        metric_version, calculation_timestamp, created_at, metric_value, target_value, calculation_status, calculation_notes, sample_size
    )
    select
        r.organization_id, r.metric_id, r.aggregation_level, r.aggregation_id, %1$L, r.starts_at, r.ends_at, (select clock_timestamp()),
        case
            when x.metric_version <> r.metric_version then 'definition'
            when m.calculation_method = 'manual' then 'correction'
            else %2$s
        end,
        x.metric_version, x.calculation_timestamp, x.created_at, x.metric_value, x.target_value, x.calculation_status, x.calculation_notes, x.sample_size
    from row_wanted as r
    inner join existing as x on x.metric_no = r.metric_no and x.scope_no = r.scope_no and x.period_no = r.period_no
    inner join metric as m on m.metric_no = r.metric_no
    inner join period as p on p.period_no = r.period_no
    where x.metric_value is distinct from r.metric_value and x.calculation_status <> 'error' and (x.metadata ->> 'is_complete')::boolean
        and r.ends_at <= (select clock_timestamp())
    returning 1
)$text$,
        revisions_text.time_window, revisions_text.cause_text
    )
$revisions_text$;

comment on function yardstick_engine.revisions_text(text, text) is
'Text of the CTE that keeps the values of ended periods that others take the place of; cause_text: the expression that says why, where neither the definition nor a hand did it.';
