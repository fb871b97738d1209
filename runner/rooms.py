"""The rooms, and emptying those that hold code only."""

from runner.errors import Refusal

# Folder of the files, the schema they fill, the role that owns it (None: whoever deploys).
ROOMS = (
    ("sql/functions/", "yardstick", "yardstick_owner"),
    ("sql/tables/", "yardstick", "yardstick_owner"),
    ("sql/engine/", "yardstick_engine", "yardstick_engine_role"),
    ("sql/api/", "yardstick_api", "yardstick_owner"),
    ("sql/bi/", "yardstick_bi", "yardstick_owner"),
    ("sql/ops/", "yardstick_ops", "yardstick_engine_role"),
    ("plpython/stats/", "yardstick_stats", None),
)
DATA_ROOM = "yardstick"
CODE_ROOMS = ("yardstick_engine", "yardstick_api", "yardstick_bi", "yardstick_ops", "yardstick_stats")


def room_of(path: str) -> tuple[str, str | None]:
    for folder, schema, owner in ROOMS:
        if path.startswith(folder):
            return schema, owner
    raise Refusal(f"{path} is in no room: files to load stand in {', '.join(folder for folder, _, _ in ROOMS)}.")


# Whatever leans on an object of these rooms and would go with it. Triggers and policies of the data room's own
# tables are no outsiders: they are replayed.
OUTSIDERS = """
with inside as (
    select 'pg_proc'::regclass as classid, oid as objid from pg_proc where pronamespace::regnamespace::text = any (%(rooms)s)
    union all
    select 'pg_class'::regclass, oid from pg_class where relnamespace::regnamespace::text = any (%(rooms)s)
    union all
    select 'pg_type'::regclass, oid from pg_type where typnamespace::regnamespace::text = any (%(rooms)s)
    union all
    select 'pg_operator'::regclass, oid from pg_operator where oprnamespace::regnamespace::text = any (%(rooms)s)
),
leaning as (
    select distinct d.classid, d.objid, d.objsubid, d.refclassid, d.refobjid
    from pg_depend as d
    inner join inside on inside.classid = d.refclassid and inside.objid = d.refobjid
    where d.deptype in ('n', 'a') and not exists (select from inside as i where i.classid = d.classid and i.objid = d.objid)
),
placed as (
    select
        leaning.*,
        case leaning.classid
            when 'pg_rewrite'::regclass then (select ev_class from pg_rewrite where oid = leaning.objid)
            when 'pg_trigger'::regclass then (select tgrelid from pg_trigger where oid = leaning.objid)
            when 'pg_policy'::regclass then (select polrelid from pg_policy where oid = leaning.objid)
            when 'pg_attrdef'::regclass then (select adrelid from pg_attrdef where oid = leaning.objid)
            when 'pg_constraint'::regclass then (select conrelid from pg_constraint where oid = leaning.objid)
        end as relation
    from leaning
)
select
    case
        when placed.classid = 'pg_rewrite'::regclass then pg_describe_object('pg_class'::regclass, placed.relation, 0)
        else pg_describe_object(placed.classid, placed.objid, placed.objsubid)
    end as outsider,
    string_agg(distinct pg_describe_object(placed.refclassid, placed.refobjid, 0), ', ') as leans_on
from placed
left join pg_class as c on c.oid = placed.relation
where
    coalesce(c.relnamespace::regnamespace::text, '') <> all (%(rooms)s)
    and not (
        coalesce(c.relnamespace::regnamespace::text, '') = 'yardstick'
        and placed.classid in ('pg_trigger'::regclass, 'pg_policy'::regclass)
    )
    and placed.classid <> 'pg_default_acl'::regclass
group by 1
order by 1
"""

DROPS = """
select 'drop ' || case relkind when 'm' then 'materialized view' else 'view' end || ' if exists ' || oid::regclass || ' cascade'
from pg_class where relnamespace::regnamespace::text = any (%(rooms)s) and relkind in ('v', 'm')
union all
select 'drop routine if exists ' || oid::regprocedure || ' cascade'
from pg_proc where pronamespace::regnamespace::text = any (%(rooms)s) and prokind <> 'a'
union all
select 'drop aggregate if exists ' || oid::regprocedure || ' cascade'
from pg_proc where pronamespace::regnamespace::text = any (%(rooms)s) and prokind = 'a'
union all
select 'drop type if exists ' || t.oid::regtype || ' cascade'
from pg_type as t left join pg_class as c on c.oid = t.typrelid
where t.typnamespace::regnamespace::text = any (%(rooms)s) and (t.typtype in ('d', 'e', 'r') or c.relkind = 'c')
"""


def refuse_outsiders(connection, rooms, doing: str) -> None:
    found = connection.execute(OUTSIDERS, {"rooms": list(rooms)}).fetchall()
    if found:
        names = "\n".join(f"  {outsider} (leans on {leans_on})" for outsider, leans_on in found)
        raise Refusal(f"{doing} would take these along, which are not ours; drop them first and make them again after:\n{names}")


def empty(connection, rooms) -> None:
    """Leave the rooms standing, with nothing in them."""
    drops = [row[0] for row in connection.execute(DROPS, {"rooms": list(rooms)})]
    if drops:
        connection.execute("; ".join(drops))


GIVEN = """
with objects as (
    select 'routine' as thing, p.oid::regprocedure::text as name, p.proowner as owner, p.proacl as acl
    from pg_proc as p
    where p.oid::regprocedure::text = any (%(names)s)
    union all
    select 'table', c.oid::regclass::text, c.relowner, c.relacl
    from pg_class as c
    where c.oid::regclass::text = any (%(names)s)
    union all
    select 'table', c.oid::regclass::text, c.relowner, a.attacl
    from pg_class as c
    inner join pg_attribute as a on a.attrelid = c.oid and a.attacl is not null
    where c.oid::regclass::text = any (%(names)s)
)
select distinct format(
    'revoke all on %%s %%s from %%s', o.thing, o.name, case when g.grantee = 0 then 'public' else g.grantee::regrole::text end
)
from objects as o cross join aclexplode(o.acl) as g
where g.grantee <> o.owner
union all
select format('drop policy %%I on %%s', p.polname, p.polrelid::regclass)
from pg_policy as p
where p.polrelid::regclass::text = any (%(names)s)
union all
select format('drop trigger %%I on %%s', t.tgname, t.tgrelid::regclass)
from pg_trigger as t
where t.tgrelid::regclass::text = any (%(names)s) and not t.tgisinternal and t.tgparentid = 0
"""


def take_back(connection, names: list[str]) -> None:
    """Rights, policies and triggers outlive the line that gave them: the file gives those that belong again."""
    if names:
        given = [row[0] for row in connection.execute(GIVEN, {"names": names})]
        if given:
            connection.execute("; ".join(given))
