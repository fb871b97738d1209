-- One row per object of the rooms as it stands in the catalog: what it is, and everything a file says about it.
-- Run with search_path = pg_catalog, so that every name is written in full.
with rooms as (
    select n.oid, n.nspname from pg_namespace as n where n.nspname = any (%(rooms)s)
),
routines as (
    select
        rooms.nspname as room, p.proname::text as name, 'routine' as kind, p.oid::regprocedure::text as identity,
        p.xmin::text as version,
        concat_ws(
            e'\n',
            case when p.prokind = 'a' then p.prosrc else pg_get_functiondef(p.oid) end,
            pg_get_userbyid(p.proowner),
            -- An owner's rights on their own are a matter of the server's version.
            (
                select string_agg(given.what, ' ' order by given.what)
                from (
                    select concat_ws(' ', g.grantee::regrole, g.privilege_type, g.is_grantable) as what
                    from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as g
                    where g.grantee <> p.proowner
                ) as given
            ),
            obj_description(p.oid, 'pg_proc')
        ) as state
    from pg_proc as p
    inner join rooms on rooms.oid = p.pronamespace
    where not exists (select from pg_depend as d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
),
operators as (
    select
        rooms.nspname as room, p.proname || '_operator' as name, 'operator' as kind, o.oid::regoperator::text as identity,
        null::text as version,
        concat_ws(e'\n', o.oprcode::text, pg_get_userbyid(o.oprowner)) as state
    from pg_operator as o
    inner join rooms on rooms.oid = o.oprnamespace
    inner join pg_proc as p on p.oid = o.oprcode
),
types as (
    select
        rooms.nspname as room, t.typname::text as name, 'type' as kind, t.oid::regtype::text as identity,
        null::text as version, concat_ws(e'\n', t.typtype, pg_get_userbyid(t.typowner)) as state
    from pg_type as t
    inner join rooms on rooms.oid = t.typnamespace
    left join pg_class as c on c.oid = t.typrelid
    where (t.typtype in ('d', 'e', 'r') or c.relkind = 'c') and rooms.nspname <> 'yardstick'
),
relations as (
    select
        rooms.nspname as room, c.relname::text as name,
        -- A view of the data room is made by a migration and its triggers are replayed, like a table's.
        case when c.relkind in ('v', 'm') and rooms.nspname <> 'yardstick' then 'view' else 'table' end as kind,
        c.oid::regclass::text as identity,
        null::text as version,
        concat_ws(
            e'\n',
            case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) end,
            c.relrowsecurity::text, c.relforcerowsecurity::text, pg_get_userbyid(c.relowner),
            case when c.relkind in ('v', 'm') then concat_ws(' ', obj_description(c.oid, 'pg_class'), c.reloptions::text) end,
            -- An owner's rights on their own are a matter of the server's version.
            (
                select string_agg(given.what, ' ' order by given.what)
                from (
                    select concat_ws(' ', g.grantee::regrole, g.privilege_type, g.is_grantable) as what
                    from aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) as g
                    where g.grantee <> c.relowner
                ) as given
            ),
            (
                select string_agg(concat_ws(
                    ' ', a.attname,
                    case when c.relkind in ('v', 'm') then format_type(a.atttypid, a.atttypmod) end,
                    a.attacl::text,
                    case when c.relkind in ('v', 'm') then col_description(c.oid, a.attnum) end
                ), e'\n' order by a.attnum)
                from pg_attribute as a
                where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and (c.relkind in ('v', 'm') or a.attacl is not null)
            ),
            (
                select string_agg(concat_ws(' ', pg_get_triggerdef(t.oid), t.tgenabled), e'\n' order by t.tgname)
                from pg_trigger as t
                where t.tgrelid = c.oid and not t.tgisinternal
            ),
            (
                select string_agg(concat_ws(
                    ' ', p.polname, p.polcmd, p.polpermissive::text,
                    (select string_agg(pg_get_userbyid(r.role), ' ' order by pg_get_userbyid(r.role)) from unnest(p.polroles) as r (role)),
                    pg_get_expr(p.polqual, p.polrelid), '|', pg_get_expr(p.polwithcheck, p.polrelid)
                ), e'\n' order by p.polname)
                from pg_policy as p
                where p.polrelid = c.oid
            )
        ) as state
    from pg_class as c
    inner join rooms on rooms.oid = c.relnamespace
    where c.relkind in ('v', 'm', 'r', 'p', 'f') and not c.relispartition
)
select room, name, kind, identity, version, state from routines
union all
select room, name, kind, identity, version, state from operators
union all
select room, name, kind, identity, version, state from types
union all
select room, name, kind, identity, version, state from relations
