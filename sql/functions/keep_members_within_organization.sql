-- as: deployer
-- Lists (uuid arrays, jsonb arrays) have no foreign keys. Definer, with the engine's rights, for the reasons of
-- keep_within_organization: it has to see what it refuses, and says the same of what is foreign and what is not there.
create or replace function yardstick.keep_members_within_organization()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $keep_members_within_organization$
declare
    row_values jsonb := to_jsonb(new);
    place      integer;
    members    jsonb;
    stranger   text;
begin
    for place in 0 .. tg_nargs - 1 by 3 loop
        members := row_values -> tg_argv[place];
        if coalesce(jsonb_typeof(members), 'null') = 'null' then
            continue;
        end if;
        if jsonb_typeof(members) <> 'array' then
            raise exception using
                errcode = 'YS001',
                message = format('%s: must be a list, not %s', tg_argv[place], jsonb_typeof(members));
        end if;
        execute format(
            'select m.member from jsonb_array_elements_text($1) as m (member)'
            ' where not exists (select from yardstick.%I as t where t.%I::text = m.member'
            ' and (t.organization_id is null or t.organization_id = $2)) limit 1',
            tg_argv[place + 1], tg_argv[place + 2]
        )
        into stranger
        using members, (row_values ->> 'organization_id')::uuid;
        if stranger is not null or jsonb_path_exists(members, '$[*] ? (@ == null)') then
            raise exception using
                errcode = 'YS003',
                message = format('%s: unknown member %s; it has to be of the same organization', tg_argv[place], coalesce(stranger, 'null'));
        end if;
    end loop;
    return new;
end
$keep_members_within_organization$;

alter function yardstick.keep_members_within_organization() owner to yardstick_engine_role;
revoke execute on function yardstick.keep_members_within_organization() from public;
grant execute on function yardstick.keep_members_within_organization() to yardstick_owner;

comment on function yardstick.keep_members_within_organization() is
'Trigger (column, table, key, ...): every member of a list belongs to the organization of the row or to the platform.';
