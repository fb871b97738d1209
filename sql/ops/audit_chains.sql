-- Cheap: looks at the end of each chain only; yardstick_api.verify_audit() reads it all. The chains are found by jumping from one to
-- the next in the key, for a chain whose head was removed is one too.
create or replace view yardstick_ops.audit_chains as
with recursive

written as (

    (
        select a.organization_id
        from yardstick.audit_log as a
        order by a.organization_id
        limit 1
    )

    union all

    select (
        select a.organization_id
        from yardstick.audit_log as a
        where a.organization_id > w.organization_id
        order by a.organization_id
        limit 1
    )
    from written as w
    where w.organization_id is not null

),

chains as (

    select w.organization_id
    from written as w
    where w.organization_id is not null

    union

    select h.organization_id
    from yardstick.audit_heads as h
    where h.sequence_no > 0

)

select
    c.organization_id,
    o.external_id,
    o.organization_name,
    h.sequence_no,
    encode(h.row_hash, 'hex') as row_hash,
    case
        when h.organization_id is null then 'it has no head any more'
        when n.sequence_no is distinct from h.sequence_no
            then format('its head is row %s, its newest row %s', h.sequence_no, coalesce(n.sequence_no, 0))
        when n.row_hash <> h.row_hash then format('row %s is another one than its head says', h.sequence_no)
    end as problem
from chains as c
left join yardstick.audit_heads as h on h.organization_id = c.organization_id
left join yardstick.organizations as o on o.id = c.organization_id
left join lateral (
    select
        a.sequence_no,
        a.row_hash
    from yardstick.audit_log as a
    where a.organization_id = c.organization_id
    order by a.sequence_no desc
    limit 1
) as n on true;

comment on view yardstick_ops.audit_chains is 'One row per chain of the audit: its head, and whether it ends there.';
comment on column yardstick_ops.audit_chains.organization_id is
'Organization; 00000000-0000-0000-0000-000000000000: the platform.';
comment on column yardstick_ops.audit_chains.external_id is
'Its identifier in the host application; null: the platform, none, or an organization that is gone.';
comment on column yardstick_ops.audit_chains.organization_name is 'Its name; null: the platform, or an organization that is gone.';
comment on column yardstick_ops.audit_chains.sequence_no is 'sequence_no of its newest row; null: it has no head.';
comment on column yardstick_ops.audit_chains.row_hash is 'Hash of that row, to be kept elsewhere; null: it has no head.';
comment on column yardstick_ops.audit_chains.problem is 'What is wrong with its end; null: nothing.';

grant select on yardstick_ops.audit_chains to yardstick_dba;
