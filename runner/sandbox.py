"""What the sandbox of metrics needs of a server: rights on the database, dblink, the limits of its login."""

import time

import psycopg
from psycopg import sql

LOGIN = "yardstick_formula_login"
# For one request; the session ends with the batch. Without parallel workers and JIT, which none of these limits reaches.
LIMITS = {
    "statement_timeout": "10s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "1min",
    "client_connection_check_interval": "1s",
    "temp_file_limit": "256MB",
    "work_mem": "16MB",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
}
CONNECTIONS = 10
# Whoever makes temporary views there, and whoever has to get in.
RIGHTS = (
    ("temporary", "yardstick_formula"),
    ("temporary", "yardstick_reader"),
    ("temporary", "yardstick_engine_role"),
    ("connect", LOGIN),
)
FUNCTIONS = (
    "dblink_connect_u(text, text)", "dblink_disconnect(text)", "dblink_get_connections()", "dblink_exec(text, text)",
    "dblink(text, text)", "dblink_send_query(text, text)", "dblink_is_busy(text)", "dblink_get_result(text)",
    "dblink_cancel_query(text)",
)  # fmt: skip


def give_rights(connection: psycopg.Connection) -> None:
    """Rights on a database are neither copied with it nor restored into it: the sandbox's are given anew."""
    for right, role in RIGHTS:
        lacks = "select to_regrole(%s) is not null and not has_database_privilege(%s, current_database(), %s)"
        # The one that everybody has on most servers would go with PUBLIC's.
        if connection.execute(lacks, [role, role, right]).fetchone()[0]:
            given = sql.SQL("grant {} on database {} to {}")
            connection.execute(given.format(sql.SQL(right), sql.Identifier(connection.info.dbname), sql.Identifier(role)))


def open_loopback(connection: psycopg.Connection) -> None:
    """Let the engine reach the server again as the login of the sandbox, as far as the server allows it."""
    if not connection.execute("select to_regprocedure('yardstick_engine.connect_sandbox()')").fetchone()[0]:
        return
    give_rights(connection)
    limit_login(connection)
    connection.execute(
        "update yardstick.job_home set socket_folder = f.folder"
        " from (select nullif(split_part(current_setting('unix_socket_directories'), ',', 1), '') as folder) as f"
        " where socket_folder is distinct from f.folder"
    )
    if not connection.execute("select 1 from pg_available_extensions where name = 'dblink'").fetchone():
        return
    installed = "select quote_ident(extnamespace::regnamespace::text) from pg_extension where extname = 'dblink'"
    with connection.transaction():
        if not connection.execute(installed).fetchone():
            connection.execute("create extension dblink schema public")
            for (name,) in connection.execute(
                "select p.oid::regprocedure::text from pg_depend as d inner join pg_extension as e on e.oid = d.refobjid"
                " inner join pg_proc as p on p.oid = d.objid"
                " where d.classid = 'pg_proc'::regclass and d.refclassid = 'pg_extension'::regclass and e.extname = 'dblink'"
            ).fetchall():
                connection.execute(f"revoke execute on function {name} from public")
        (schema,) = connection.execute(installed).fetchone()
        if not connection.execute("select has_schema_privilege('yardstick_engine_role', %s, 'usage')", [schema]).fetchone()[0]:
            connection.execute(f"grant usage on schema {schema} to yardstick_engine_role")
        for name in FUNCTIONS:
            allowed = "select has_function_privilege('yardstick_engine_role', %s, 'execute')"
            if not connection.execute(allowed, [f"{schema}.{name}"]).fetchone()[0]:
                connection.execute(f"grant execute on function {schema}.{name} to yardstick_engine_role")


def limit_login(connection: psycopg.Connection) -> None:
    """Gives the login its limits, but for those that a DBA has given it."""
    for attempts_left in reversed(range(5)):
        try:
            limits, connections = connection.execute(
                "select array(select split_part(s, '=', 1) from unnest(rolconfig) as s), rolconnlimit from pg_roles where rolname = %s",
                [LOGIN],
            ).fetchone()
            for name, value in LIMITS.items():
                if name not in limits:
                    connection.execute(f"alter role {LOGIN} set {name} = '{value}'")
            if connections == -1:
                connection.execute(f"alter role {LOGIN} connection limit {CONNECTIONS}")
            return
        except psycopg.errors.InternalError_:
            # Roles belong to the cluster: a deploy of another database may be writing the same row.
            if not attempts_left:
                raise
            time.sleep(0.1)
