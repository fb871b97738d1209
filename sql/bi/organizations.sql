create or replace view yardstick_bi.organizations as
select
    o.id as organization_id,
    o.external_id,
    o.organization_name,
    o.timezone,
    o.week_start,
    o.fiscal_year_start_month,
    o.is_active
from yardstick.organizations as o;

comment on view yardstick_bi.organizations is
'One row per organization this login sees: its own.';
comment on column yardstick_bi.organizations.organization_id is 'Identifier; joins to every other view.';
comment on column yardstick_bi.organizations.external_id is 'Its identifier in the host application; null: none there.';
comment on column yardstick_bi.organizations.organization_name is 'Name people know it by.';
comment on column yardstick_bi.organizations.timezone is 'IANA time zone whose midnight starts its days.';
comment on column yardstick_bi.organizations.week_start is 'ISO weekday its weeks start on: 1 is Monday, 7 is Sunday.';
comment on column yardstick_bi.organizations.fiscal_year_start_month is
'Month its years and quarters start in: 1 is January.';
comment on column yardstick_bi.organizations.is_active is 'False: kept for its history.';

grant select on yardstick_bi.organizations to yardstick_bi;
