create or replace view yardstick_bi.metric_approvals as
with

approvals as (

    select organization_id, metric_id, version, gate, content_hash, approved_by, approved_login, approved_at, note
    from yardstick.metric_approvals

),

versions as (

    select metric_id, version, metric_name, display_name, status
    from yardstick_bi.metric_versions

),

people as (

    select id, user_name
    from yardstick.users

)

select
    approvals.organization_id,
    approvals.metric_id,
    versions.metric_name,
    versions.display_name,
    approvals.version,
    versions.status as version_status,
    approvals.gate,
    coalesce(people.user_name, approvals.approved_login) as approved_by_name,
    approvals.approved_login,
    approvals.approved_at,
    approvals.note,
    approvals.content_hash,
    approvals.organization_id is null as is_platform_wide
from approvals
inner join versions on versions.metric_id = approvals.metric_id and versions.version = approvals.version
left join people on people.id = approvals.approved_by;

comment on view yardstick_bi.metric_approvals is 'One row per gate of a version of a metric that somebody gave.';
comment on column yardstick_bi.metric_approvals.organization_id is 'Organization of the metric; null: a metric of the platform.';
comment on column yardstick_bi.metric_approvals.metric_id is 'Identifier of the metric; joins to metrics.';
comment on column yardstick_bi.metric_approvals.metric_name is 'Name of the metric in formulas, functions and queries.';
comment on column yardstick_bi.metric_approvals.display_name is 'Name for people, as the version said it.';
comment on column yardstick_bi.metric_approvals.version is 'Version that was approved; joins to metric_versions.';
comment on column yardstick_bi.metric_approvals.version_status is 'What became of the version.';
comment on column yardstick_bi.metric_approvals.gate is 'What was approved: owner, methodology, data_source or business_alignment.';
comment on column yardstick_bi.metric_approvals.approved_by_name is 'Person who approved; a login where a DBA did.';
comment on column yardstick_bi.metric_approvals.approved_login is 'Login it was approved with.';
comment on column yardstick_bi.metric_approvals.approved_at is 'When it was approved.';
comment on column yardstick_bi.metric_approvals.note is 'Remark; null: none.';
comment on column yardstick_bi.metric_approvals.content_hash is 'Hash of the content that was approved.';
comment on column yardstick_bi.metric_approvals.is_platform_wide is 'True: a metric of the platform.';

grant select on yardstick_bi.metric_approvals to yardstick_bi;
