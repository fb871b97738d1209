create or replace view yardstick_ops.logins as
select
    l.login_name,
    l.kind,
    l.organization_id,
    o.organization_name,
    l.bound_at,
    l.problem
from yardstick.list_logins() as l
left join yardstick.organizations as o on o.id = l.organization_id;

comment on view yardstick_ops.logins is 'One row per login and organization it is bound to or trusted with.';
comment on column yardstick_ops.logins.login_name is 'Login of the database.';
comment on column yardstick_ops.logins.kind is
'bound: sees this organization and can name no other; trusted: names one in each transaction.';
comment on column yardstick_ops.logins.organization_id is 'Organization; null: every one.';
comment on column yardstick_ops.logins.organization_name is 'Its name; null: every one.';
comment on column yardstick_ops.logins.bound_at is 'When a DBA said so.';
comment on column yardstick_ops.logins.problem is 'What is wrong with the login; null: nothing.';

grant select on yardstick_ops.logins to yardstick_dba;
