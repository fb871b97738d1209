-- Definer, with the owner's rights: applications may not call the engine.
create or replace function yardstick_api.verify_audit(
    organization_id      uuid default null,
    expected_sequence_no bigint default null,
    expected_hash        text default null
)
returns table (
    sequence_no bigint,
    problem     text,
    detail      text
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $verify_audit$
declare
    chain uuid := coalesce(verify_audit.organization_id, yardstick.current_organization());
begin
    if not pg_has_role(session_user, 'yardstick_dba', 'member') then
        if chain is distinct from yardstick.require_organization() then
            raise exception using errcode = 'YS005', message = 'only a member of yardstick_dba verifies the chain of another organization';
        end if;
    end if;
    if verify_audit.expected_hash !~ '^[0-9a-f]{64}$' then
        raise exception using
            errcode = 'YS001', message = 'expected_hash: must be 64 hexadecimal digits, as yardstick audit head wrote them';
    end if;
    return query
    select v.sequence_no, v.problem, v.detail
    from yardstick_engine.verify_chain(
        coalesce(chain, '00000000-0000-0000-0000-000000000000'),
        verify_audit.expected_sequence_no,
        decode(verify_audit.expected_hash, 'hex')
    ) as v;
end
$verify_audit$;

comment on function yardstick_api.verify_audit(uuid, bigint, text) is
'What is wrong with the audit of this organization, or for a DBA of any one (nil uuid: of the platform), also against a head '
'exported before; no row: it is whole. YS001: the hash is none. YS004: no organization chosen. YS005: it is another '
'organization''s and the caller is no DBA.';

grant execute on function yardstick_api.verify_audit(uuid, bigint, text) to yardstick_app, yardstick_dba, yardstick_worker;
