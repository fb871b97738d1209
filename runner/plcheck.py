"""Reads every routine of ours once all names exist, and leaves nothing behind: the server's own validators, plpgsql_check."""

import psycopg

from runner import rooms
from runner.errors import Refusal, server_words


class Findings(Refusal):
    """The code is loaded, and part of it would fail when it is called."""


# The files are loaded without looking into bodies, so that their order is free.
VALIDATORS = """
select p.oid::regprocedure::text, format('select %%s(%%s)', l.lanvalidator::regproc, p.oid)
from pg_proc as p
inner join pg_language as l on l.oid = p.prolang
where p.pronamespace::regnamespace::text = any (%s) and l.lanvalidator <> 0 and p.prokind <> 'a'
order by 1
"""

# A trigger function is checked on each table that uses it, with the rows of all its events in sight; an unused one
# can't be checked.
CHECK = """
with routines as (
    select
        p.oid, p.prorettype = 'trigger'::regtype as is_trigger, t.tgrelid, t.tgoldtable, t.tgnewtable
    from pg_proc as p
    inner join pg_language as l on l.oid = p.prolang and l.lanname = 'plpgsql'
    left join (
        select tgfoid, tgrelid, max(tgoldtable::text) as tgoldtable, max(tgnewtable::text) as tgnewtable
        from pg_trigger where tgparentid = 0 and not tgisinternal group by tgfoid, tgrelid
    ) as t on t.tgfoid = p.oid
    -- Those that note changes of the host's tables were made for columns that may be gone: they cope, and health says so.
    where p.pronamespace::regnamespace::text = any (%s) and p.proname !~ '^capture_[0-9a-f]{32}$'
)
select distinct
    routines.oid::regprocedure::text, c.lineno, c.sqlstate, c.message, c.detail
from routines
cross join lateral plpgsql_check_function_tb(
    funcoid => routines.oid, relid => coalesce(routines.tgrelid, 0), fatal_errors => false,
    other_warnings => false, extra_warnings => false, performance_warnings => false, security_warnings => false,
    oldtable => routines.tgoldtable, newtable => routines.tgnewtable
) as c
where (not routines.is_trigger or routines.tgrelid is not null) and c.level = 'error'
order by 1, 2
"""


def check(connection: psycopg.Connection) -> str | None:
    """Refuse what would fail when it is called; a note when plpgsql_check is not there."""
    note, names = None, [rooms.DATA_ROOM, *rooms.CODE_ROOMS]
    with connection.transaction(force_rollback=True):
        connection.execute("set local client_min_messages = error")
        connection.execute("set local search_path = pg_catalog, pg_temp")
        faults = validate(connection, names)
        if connection.execute("select 1 from pg_available_extensions where name = 'plpgsql_check'").fetchone():
            connection.execute("create extension if not exists plpgsql_check schema public")
            connection.execute("set local search_path = pg_catalog, public, pg_temp")
            faults += [
                f"{name}, line {line}: {state}: {message}" + (f" ({detail})" if detail else "")
                for name, line, state, message, detail in connection.execute(CHECK, [names]).fetchall()
            ]
        else:
            note = "plpgsql_check is not installed: PL/pgSQL bodies were not checked (Debian: postgresql-N-plpgsql-check)"
    if faults:
        raise Findings("The code is loaded, but this would fail when it is called:\n  " + "\n  ".join(faults))
    return note


def validate(connection: psycopg.Connection, names: list[str]) -> list[str]:
    faults = []
    for identity, call in connection.execute(VALIDATORS, [names]).fetchall():
        try:
            with connection.transaction():
                connection.execute(call)
        except psycopg.Error as error:
            faults.append(f"{identity}: {server_words(error)}")
    return faults
