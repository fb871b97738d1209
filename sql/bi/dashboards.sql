-- A BI login is an organization, not a person: what is not for everybody in it is not shown, and no
-- function of the asker's own gets to see it before it is left out (security_barrier).
create or replace view yardstick_bi.dashboards with (security_barrier) as
select
    d.organization_id,
    d.id as dashboard_id,
    d.dashboard_name,
    d.description,
    d.dashboard_type,
    u.user_name as owner_name,
    d.tags,
    d.is_default,
    d.organization_id is null as is_platform_wide,
    d.updated_at
from yardstick.analytics_dashboards as d
left join yardstick.users as u on u.id = d.owner_id
where d.deleted_at is null and d.is_active and d.is_public;

comment on view yardstick_bi.dashboards is
'One row per dashboard that everybody in the organization may see.';
comment on column yardstick_bi.dashboards.organization_id is 'Organization it belongs to; null: of the platform.';
comment on column yardstick_bi.dashboards.dashboard_id is 'Identifier; joins to widgets.';
comment on column yardstick_bi.dashboards.dashboard_name is 'Name people know it by.';
comment on column yardstick_bi.dashboards.description is 'What it is for; null: not described.';
comment on column yardstick_bi.dashboards.dashboard_type is
'executive, operational, compliance, risk, custom, personal, department or system.';
comment on column yardstick_bi.dashboards.owner_name is 'Person it belongs to; null: nobody in particular.';
comment on column yardstick_bi.dashboards.tags is 'Words it is found by; null: none.';
comment on column yardstick_bi.dashboards.is_default is 'True: shown to users who chose none.';
comment on column yardstick_bi.dashboards.is_platform_wide is 'True: offered by the platform to every organization.';
comment on column yardstick_bi.dashboards.updated_at is 'When it last changed.';

grant select on yardstick_bi.dashboards to yardstick_bi;
