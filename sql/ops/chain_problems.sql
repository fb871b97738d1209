-- Definer, with the engine's rights: health shows it to whoever watches. A look at each of thousands of chains looks dear, and the whole of
-- health would be compiled (jit) for it, which takes longer than looking.
create or replace function yardstick_ops.chain_problems()
returns table (organization_id uuid, problem text)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $chain_problems$
    select c.organization_id, c.problem
    from yardstick_ops.audit_chains as c
    where c.problem is not null
$chain_problems$;

comment on function yardstick_ops.chain_problems() is 'Chains of audit records that do not end at their head, and what is wrong with them.';
grant execute on function yardstick_ops.chain_problems() to yardstick_dba, yardstick_worker;
