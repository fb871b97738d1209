-- As with dashboards: only reports made from a template that is for everybody. Where the file lies is not told.
create or replace view yardstick_bi.reports with (security_barrier) as
with

instances as (

    select
        organization_id, id, template_id, scheduled_report_id, generated_at, generation_time_ms, file_name, file_format,
        file_size_bytes, status, record_count, expires_at
    from yardstick.report_instances
    where not is_deleted

),

templates as (

    select id, name, report_type
    from yardstick.report_templates
    where visibility = 'public' and not is_deleted

)

select
    instances.organization_id,
    instances.id as report_id,
    templates.name as report_name,
    templates.report_type,
    instances.scheduled_report_id is not null as is_scheduled,
    instances.generated_at,
    instances.generation_time_ms,
    instances.status,
    instances.file_name,
    instances.file_format,
    instances.file_size_bytes,
    instances.record_count,
    instances.expires_at
from instances
inner join templates on templates.id = instances.template_id;

comment on view yardstick_bi.reports is
'One row per report that was asked for, from a template that everybody in the organization may see.';
comment on column yardstick_bi.reports.organization_id is 'Organization it belongs to.';
comment on column yardstick_bi.reports.report_id is 'Identifier of the report within its organization.';
comment on column yardstick_bi.reports.report_name is 'Name of its template.';
comment on column yardstick_bi.reports.report_type is 'dashboard, compliance, operational, custom or executive.';
comment on column yardstick_bi.reports.is_scheduled is 'True: made by a schedule, not asked for by hand.';
comment on column yardstick_bi.reports.generated_at is 'When it was asked for.';
comment on column yardstick_bi.reports.generation_time_ms is 'Milliseconds it took; null: not made yet.';
comment on column yardstick_bi.reports.status is 'pending, generating, completed, failed or expired.';
comment on column yardstick_bi.reports.file_name is 'Name of the file; null: not made yet.';
comment on column yardstick_bi.reports.file_format is 'pdf, excel, csv or json.';
comment on column yardstick_bi.reports.file_size_bytes is 'Size of the file; null: not made yet.';
comment on column yardstick_bi.reports.record_count is 'Records in it; null: not made yet.';
comment on column yardstick_bi.reports.expires_at is 'When the file goes; null: it stays.';

grant select on yardstick_bi.reports to yardstick_bi;
