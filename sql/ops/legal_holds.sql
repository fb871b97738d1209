create or replace view yardstick_ops.legal_holds as
with

holds as (

    select *
    from yardstick.legal_holds

),

organizations as (

    select id, organization_name
    from yardstick.organizations

),

metrics as (

    select id, metric_name
    from yardstick.metric_definitions

)

select
    holds.id,
    holds.released_at is null and (holds.hold_until is null or holds.hold_until >= (now() at time zone 'UTC')::date) as is_active,
    holds.organization_id,
    organizations.organization_name,
    holds.metric_id,
    metrics.metric_name,
    holds.reason,
    holds.hold_until,
    holds.set_at,
    holds.set_login,
    holds.set_by,
    holds.released_at,
    holds.released_login,
    holds.released_by,
    holds.release_reason
from holds
left join organizations on holds.organization_id = organizations.id
left join metrics on holds.metric_id = metrics.id;

comment on view yardstick_ops.legal_holds is 'One row per legal hold, released ones included: what it keeps from being removed, who set it, why, until when.';
comment on column yardstick_ops.legal_holds.id is 'Identifier, for release_legal_hold.';
comment on column yardstick_ops.legal_holds.is_active is 'Whether it holds now.';
comment on column yardstick_ops.legal_holds.organization_id is 'Organization it holds; null: every one.';
comment on column yardstick_ops.legal_holds.organization_name is 'Its name.';
comment on column yardstick_ops.legal_holds.metric_id is 'Metric it holds; null: every one.';
comment on column yardstick_ops.legal_holds.metric_name is 'Its name.';
comment on column yardstick_ops.legal_holds.reason is 'Why.';
comment on column yardstick_ops.legal_holds.hold_until is 'Last day of it, in UTC; null: until it is released.';
comment on column yardstick_ops.legal_holds.set_at is 'When it was set.';
comment on column yardstick_ops.legal_holds.set_login is 'Login that set it.';
comment on column yardstick_ops.legal_holds.set_by is 'Person for whom that login worked; null: nobody was named.';
comment on column yardstick_ops.legal_holds.released_at is 'When it was released; null: it was not.';
comment on column yardstick_ops.legal_holds.released_login is 'Login that released it; null: it was not.';
comment on column yardstick_ops.legal_holds.released_by is 'Person for whom that login worked; null: nobody was named.';
comment on column yardstick_ops.legal_holds.release_reason is 'Why it was released; null: it was not.';

grant select on yardstick_ops.legal_holds to yardstick_dba, yardstick_worker;
