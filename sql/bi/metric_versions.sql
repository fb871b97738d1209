create or replace view yardstick_bi.metric_versions as
with

versions as (

    select
        organization_id, metric_id, version, status, content, content_hash, created_by, created_login, created_at, submitted_by,
        submitted_login, submitted_at, submit_note, decided_by, decided_login, decided_at, decision_note
    from yardstick.metric_definition_versions

),

people as (

    select id, user_name
    from yardstick.users

)

select
    versions.organization_id,
    versions.metric_id,
    versions.content ->> 'metric_name' as metric_name,
    versions.version,
    versions.content ->> 'display_name' as display_name,
    versions.status,
    coalesce(authors.user_name, versions.created_login) as author_name,
    versions.created_at,
    coalesce(submitters.user_name, versions.submitted_login) as submitted_by_name,
    versions.submitted_at,
    versions.submit_note,
    coalesce(deciders.user_name, versions.decided_login) as decided_by_name,
    versions.decided_at,
    versions.decision_note,
    versions.content_hash,
    versions.content,
    versions.organization_id is null as is_platform_wide
from versions
left join people as authors on authors.id = versions.created_by
left join people as submitters on submitters.id = versions.submitted_by
left join people as deciders on deciders.id = versions.decided_by;

comment on view yardstick_bi.metric_versions is 'One row per version of a metric, whole: what it said, who wrote it, and what became of it.';
comment on column yardstick_bi.metric_versions.organization_id is 'Organization of the metric; null: a metric of the platform.';
comment on column yardstick_bi.metric_versions.metric_id is 'Identifier of the metric; joins to metrics.';
comment on column yardstick_bi.metric_versions.metric_name is 'Name of the metric in formulas, functions and queries.';
comment on column yardstick_bi.metric_versions.version is 'Number of the version, counted from 1; values name the version that made them.';
comment on column yardstick_bi.metric_versions.display_name is 'Name for people, as this version said it.';
comment on column yardstick_bi.metric_versions.status is
'draft, in_review, approved (it serves), rejected, superseded (a later one took its place) or retired.';
comment on column yardstick_bi.metric_versions.author_name is 'Person who wrote it; a login where a DBA did.';
comment on column yardstick_bi.metric_versions.created_at is 'When it was written.';
comment on column yardstick_bi.metric_versions.submitted_by_name is
'Person who submitted it for review; a login where a DBA did; null: not submitted.';
comment on column yardstick_bi.metric_versions.submitted_at is 'When it was submitted; null: not submitted.';
comment on column yardstick_bi.metric_versions.submit_note is 'What the reviewers were told; null: nothing.';
comment on column yardstick_bi.metric_versions.decided_by_name is
'Person who gave the last approval, rejected or retired it; a login where a DBA did; null: undecided.';
comment on column yardstick_bi.metric_versions.decided_at is 'When it was decided; null: undecided.';
comment on column yardstick_bi.metric_versions.decision_note is 'Why it was rejected or retired, or a remark; null: none.';
comment on column yardstick_bi.metric_versions.content_hash is 'SHA-256 of content, in hexadecimal: what approvals are bound to.';
comment on column yardstick_bi.metric_versions.content is 'The whole definition, by the keys of define_metric.';
comment on column yardstick_bi.metric_versions.is_platform_wide is 'True: a metric of the platform.';

grant select on yardstick_bi.metric_versions to yardstick_bi;
