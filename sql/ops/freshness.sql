create or replace view yardstick_ops.freshness as
with

sources as (

    select id, organization_id, source_name, is_active
    from yardstick.metric_sources

),

organizations as (

    select id, organization_name
    from yardstick.organizations
    where is_active

),

refreshes as (

    select organization_id, source_id, max(refreshed_to) as refreshed_to
    from yardstick.metric_refreshes
    where refresh_frequency not in ('watermark', 'calendar', 'calendar_locked', 'org_move_locked')
    group by organization_id, source_id

),

waiting as (

    select organization_id, source_id, count(*) as cell_count, min(added_at) as waiting_since
    from (
        select organization_id, source_id, added_at
        from yardstick.metric_dirty
        union all
        -- Days of UTC, which the next tick turns into days of the organization.
        select organizations.id, source_changes.source_id, source_changes.added_at
        from yardstick.source_changes
        cross join unnest(source_changes.organization_keys) as named (organization_key)
        inner join yardstick.organizations
            on organizations.id::text = lower(named.organization_key)
            or organizations.external_id in (named.organization_key, upper(named.organization_key))
    ) as cells
    group by organization_id, source_id

),

slices as (

    select
        source_id,
        count(*) as slice_count,
        count(*) filter (where attempt_count > 0) as failing_count,
        (array_agg(error_message order by attempt_count desc, requested_at))[1] as error_message
    from yardstick.calculation_slices
    group by source_id

)

select
    organizations.id as organization_id,
    organizations.organization_name,
    sources.id as source_id,
    sources.source_name,
    refreshes.refreshed_to,
    coalesce(waiting.cell_count, 0) as waiting_cell_count,
    waiting.waiting_since,
    coalesce(slices.slice_count, 0) as waiting_slice_count,
    coalesce(slices.failing_count, 0) as failing_slice_count,
    slices.error_message
from sources
inner join organizations on sources.organization_id is null or sources.organization_id = organizations.id
left join refreshes on refreshes.organization_id = organizations.id and refreshes.source_id = sources.id
left join waiting on waiting.organization_id = organizations.id and waiting.source_id = sources.id
left join slices on slices.source_id = sources.id
where sources.is_active;

comment on view yardstick_ops.freshness is 'One row per active organization and source: how far its metrics are up to date, and what waits.';
comment on column yardstick_ops.freshness.organization_id is 'Organization.';
comment on column yardstick_ops.freshness.organization_name is 'Its name.';
comment on column yardstick_ops.freshness.source_id is 'Source.';
comment on column yardstick_ops.freshness.source_name is 'Its name.';
comment on column yardstick_ops.freshness.refreshed_to is 'Latest boundary of the clock that was served, of real_time metrics of captured sources to ten minutes; null: none yet.';
comment on column yardstick_ops.freshness.waiting_cell_count is 'Changed days, and longer periods above them, that are not calculated yet.';
comment on column yardstick_ops.freshness.waiting_since is 'When the oldest of them changed; null: nothing waits.';
comment on column yardstick_ops.freshness.waiting_slice_count is 'Stretches of the source that are queued, for whichever organizations.';
comment on column yardstick_ops.freshness.failing_slice_count is 'Those of them that have failed and will be tried again.';
comment on column yardstick_ops.freshness.error_message is 'What the most tried one failed with; null: none has.';

grant select on yardstick_ops.freshness to yardstick_dba, yardstick_worker;
