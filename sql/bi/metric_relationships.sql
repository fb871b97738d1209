-- Sums of exact numbers: r is the same whatever the order of the rows. Periods are counted, not subtracted: the parent's period less
-- the lag is the child's, on the calendar of the organization.
create or replace view yardstick_bi.metric_relationships as
with

metrics as (

    select metric_id, metric_name, display_name, time_windows, aggregation_levels
    from yardstick_bi.metrics

),

calendars as (

    select id as organization_id, timezone
    from yardstick.organizations
    where id = (select yardstick.current_organization())

),

relationships as (

    select
        r.id as relationship_id,
        r.organization_id,
        r.parent_metric_id,
        parents.metric_name as parent_metric_name,
        parents.display_name as parent_display_name,
        r.child_metric_id,
        children.metric_name as child_metric_name,
        children.display_name as child_display_name,
        r.relationship_type,
        r.weight,
        r.lag_periods,
        r.updated_at,
        case
            when
                r.relationship_type = 'correlates_with'
                and 'org' = any(parents.aggregation_levels)
                and 'org' = any(children.aggregation_levels)
                then (
                    select w.time_window
                    from (
                        values ('daily', 1), ('weekly', 2), ('monthly', 3), ('quarterly', 4), ('annual', 5)
                    ) as w (time_window, place)
                    where w.time_window = any(parents.time_windows) and w.time_window = any(children.time_windows)
                    order by w.place
                    limit 1
                )
        end as time_window
    from yardstick.metric_relationships as r
    inner join metrics as parents on parents.metric_id = r.parent_metric_id
    inner join metrics as children on children.metric_id = r.child_metric_id

),

ended as (

    select
        c.metric_id,
        c.time_window,
        c.metric_value,
        d.period_date,
        case c.time_window
            when 'daily' then d.period_date - date '1900-01-01'
            when 'weekly' then (d.period_date - date '1900-01-01') / 7
            else
                (extract(year from d.period_date)::integer * 12 + extract(month from d.period_date)::integer)
                / case c.time_window when 'monthly' then 1 when 'quarterly' then 3 else 12 end
        end as period_number
    from yardstick.metric_calculations as c
    inner join calendars on calendars.organization_id = c.organization_id
    cross join lateral (select (c.period_start at time zone calendars.timezone)::date as period_date) as d
    where
        c.aggregation_level = 'org'
        and c.aggregation_id = c.organization_id
        and c.period_end <= now()
        and c.metric_value is not null

),

correlations as (

    select
        relationships.relationship_id,
        s.pair_count,
        s.first_period_date,
        s.last_period_date,
        case
            when
                s.pair_count >= 8
                and s.pair_count * s.sum_xx > s.sum_x * s.sum_x
                and s.pair_count * s.sum_yy > s.sum_y * s.sum_y
                then greatest(-1, least(1, round(
                    (s.pair_count * s.sum_xy - s.sum_x * s.sum_y)
                    / sqrt((s.pair_count * s.sum_xx - s.sum_x * s.sum_x) * (s.pair_count * s.sum_yy - s.sum_y * s.sum_y)),
                    6
                )))
        end as correlation
    from relationships
    cross join lateral (
        select
            count(*) as pair_count,
            min(pairs.period_date) as first_period_date,
            max(pairs.period_date) as last_period_date,
            sum(pairs.x) as sum_x,
            sum(pairs.y) as sum_y,
            sum(pairs.x * pairs.x) as sum_xx,
            sum(pairs.y * pairs.y) as sum_yy,
            sum(pairs.x * pairs.y) as sum_xy
        from (
            select ahead.period_date, ahead.metric_value::numeric as x, behind.metric_value::numeric as y
            from ended as ahead
            inner join ended as behind
                on
                    behind.metric_id = relationships.child_metric_id
                    and behind.time_window = relationships.time_window
                    and behind.period_number = ahead.period_number - relationships.lag_periods
            where ahead.metric_id = relationships.parent_metric_id and ahead.time_window = relationships.time_window
            order by ahead.period_number desc
            limit 36
        ) as pairs
    ) as s
    where relationships.time_window is not null

)

select
    relationships.organization_id,
    relationships.relationship_id,
    relationships.parent_metric_id,
    relationships.parent_metric_name,
    relationships.parent_display_name,
    relationships.child_metric_id,
    relationships.child_metric_name,
    relationships.child_display_name,
    relationships.relationship_type,
    relationships.weight::float8 as weight,
    relationships.lag_periods,
    relationships.time_window,
    correlations.correlation::float8 as correlation,
    correlations.pair_count,
    correlations.first_period_date,
    correlations.last_period_date,
    relationships.organization_id is null as is_platform_wide,
    relationships.updated_at
from relationships
left join correlations on correlations.relationship_id = relationships.relationship_id;

comment on view yardstick_bi.metric_relationships is
'One row per pair of metrics where one derives from, depends on, is contributed to by or correlates with the other.';
comment on column yardstick_bi.metric_relationships.organization_id is 'Organization it belongs to; null: of the platform.';
comment on column yardstick_bi.metric_relationships.relationship_id is 'Identifier.';
comment on column yardstick_bi.metric_relationships.parent_metric_id is
'Metric that is made of the other one, fed by it or follows it; joins to metrics.';
comment on column yardstick_bi.metric_relationships.parent_metric_name is 'Its name in formulas, functions and queries.';
comment on column yardstick_bi.metric_relationships.parent_display_name is 'Its name for people.';
comment on column yardstick_bi.metric_relationships.child_metric_id is
'Metric that is part of, feeds or precedes the parent; joins to metrics.';
comment on column yardstick_bi.metric_relationships.child_metric_name is 'Its name in formulas, functions and queries.';
comment on column yardstick_bi.metric_relationships.child_display_name is 'Its name for people.';
comment on column yardstick_bi.metric_relationships.relationship_type is
'derives_from (calculated from it), contributes_to, depends_on or correlates_with.';
comment on column yardstick_bi.metric_relationships.weight is 'Share of the child in the parent, relative to its siblings.';
comment on column yardstick_bi.metric_relationships.lag_periods is 'Periods the parent follows the child by.';
comment on column yardstick_bi.metric_relationships.time_window is
'Finest window both are calculated for, in which the correlation is taken; null: another type, or no such window.';
comment on column yardstick_bi.metric_relationships.correlation is
'Pearson''s r of the parent with the child lag_periods before, of the organization as a whole, over the last 36 finished '
'periods that have both, to 6 places; null: another type, fewer than 8 pairs, or one of them never changes.';
comment on column yardstick_bi.metric_relationships.pair_count is 'Pairs it was taken from, at most 36; null: of another type.';
comment on column yardstick_bi.metric_relationships.first_period_date is
'First day of the parent''s first period among them; null: there are none.';
comment on column yardstick_bi.metric_relationships.last_period_date is
'First day of the parent''s last period among them; null: there are none.';
comment on column yardstick_bi.metric_relationships.is_platform_wide is 'True: said by the platform for every organization.';
comment on column yardstick_bi.metric_relationships.updated_at is 'When it last changed.';

grant select on yardstick_bi.metric_relationships to yardstick_bi;
