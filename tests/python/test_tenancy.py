"""Who sees what, asked by logging in: two BI logins, two applications, the worker, a DBA, and a login nobody bound."""

import uuid
from pathlib import Path

import psycopg
import pytest
from psycopg import errors, sql

FILL = (Path(__file__).parent / "two_tenants.sql").read_text()
CONTEXT = "yardstick.context"
PLATFORM = uuid.UUID(int=0)  # whose audit is a chain of its own
LOGINS = {
    "town_dba": "yardstick_dba",
    "town_acme_app": "yardstick_app",
    "town_birch_app": "yardstick_app",
    "town_acme_bi": "yardstick_bi",
    "town_birch_bi": "yardstick_bi",
    "town_stranger": "yardstick_app, yardstick_bi",
}
EVERY_LOGIN = [*LOGINS, "yardstick_worker"]


class Town:
    """Two organizations with everything in them, and the logins around them."""

    def __init__(self, database):
        self.database = database
        with database.connect() as admin:
            for login, groups in LOGINS.items():
                admin.execute(f"create role {login} login in role {groups}")
        with database.connect("town_dba") as dba:
            self.acme, self.birch = (
                dba.execute(
                    "select yardstick_api.sync_organization(jsonb_build_object('external_id', %s::text, 'organization_name', %s::text))",
                    [name, name],
                ).fetchone()[0]
                for name in ("acme", "birch")
            )
            for login, organization, kind in (
                ("town_acme_app", self.acme, "trusted"),
                ("town_birch_app", self.birch, "trusted"),
                ("town_acme_bi", self.acme, "bound"),
                ("town_birch_bi", self.birch, "bound"),
            ):
                dba.execute("select yardstick_api.bind_login(%s, %s, %s)", [login, organization, kind])
        with database.connect() as admin:
            for table in ("metric_calculations", "metric_snapshots", "analytics_metrics", "metric_partials", "metric_details"):
                admin.execute("select yardstick.ensure_year_partitions(%s, '2025-12-01', current_date)", [table])
            for organization, name in ((self.acme, "acme"), (self.birch, "birch")):
                admin.execute(FILL, {"organization": organization, "name": name})
            # Nobody may approve what is a draft.
            admin.execute("set session_replication_role = replica")
            admin.execute(
                "insert into yardstick.metric_approvals (organization_id, metric_id, version, gate, content_hash, approved_by)"
                " select organization_id, metric_id, version, 'owner', content_hash, created_by from yardstick.metric_definition_versions"
            )
            admin.execute("reset session_replication_role")
            admin.execute("analyze")
            self.views = self.names(admin, "yardstick_bi", "v")
            self.tables = self.names(admin, "yardstick", "r", "p", "v")
            self.stamp = None

    @staticmethod
    def names(connection, schema, *kinds):
        rows = connection.execute(
            "select relname::text from pg_class where relnamespace = %s::regnamespace and relkind = any (%s) order by 1",
            [schema, list(kinds)],
        )
        return [name for (name,) in rows]


pytestmark = pytest.mark.xdist_group("tenancy")  # what is prepared for all of them is prepared once


@pytest.fixture(scope="module")
def town(cluster):
    made = cluster.clone()
    yield Town(made)
    cluster.drop(made)
    with cluster.admin() as admin:
        for login in LOGINS:
            admin.execute(f"drop role {login}")


def text_of(connection, view):
    rows = connection.execute(sql.SQL("select v::text from yardstick_bi.{} as v").format(sql.Identifier(view)))
    return [row for (row,) in rows]


def refused(connection, statement, parameters=None):
    """The SQLSTATE and message of a statement that has to fail."""
    with pytest.raises(psycopg.Error) as caught, connection.transaction():
        connection.execute(statement, parameters)
    return f"{caught.value.sqlstate} {caught.value.diag.message_primary}"


def everything(connection, town):
    """All that a BI login can read, view by view."""
    return {view: text_of(connection, view) for view in town.views}


def belongs_to(rows_by_view, name, other, organization):
    for view, rows in rows_by_view.items():
        assert rows, f"{view} shows nothing"
        assert not [row for row in rows if other in row], view
        assert all(name in row or str(organization) in row for row in rows), view


# --- BI logins


@pytest.mark.parametrize(("login", "name", "other"), [("town_acme_bi", "acme", "birch"), ("town_birch_bi", "birch", "acme")])
def test_a_bi_login_sees_its_own_in_every_view(town, login, name, other):
    with town.database.connect(login) as bi:
        seen = everything(bi, town)
    belongs_to(seen, name, other, getattr(town, name))
    assert str(getattr(town, other)) not in str(seen)


@pytest.fixture
def stolen_stamp(town):
    """A stamp that counts this moment, for the application it was made for."""
    with town.database.connect("town_birch_app", autocommit=False) as app:
        app.execute("select yardstick_api.use_organization(%s)", [town.birch])
        yield app.execute(f"select current_setting('{CONTEXT}')").fetchone()[0]


@pytest.mark.parametrize("scope", ["session", "local"])
@pytest.mark.parametrize("kind", ["the other organization", "empty", "garbage", "a stamp of the other", "its own"])
def test_no_setting_moves_a_bi_login(town, stolen_stamp, kind, scope):
    setting = {
        "the other organization": str(town.birch),
        "empty": "",
        "garbage": "';--\\" + "x" * 200,
        "a stamp of the other": stolen_stamp,
        "its own": str(town.acme),
    }[kind]
    with town.database.connect("town_acme_bi", autocommit=False) as bi:
        bi.execute(sql.SQL("set {} {} = {}").format(sql.SQL(scope), sql.Identifier(*CONTEXT.split(".")), setting))
        belongs_to(everything(bi, town), "acme", "birch", town.acme)


def test_no_role_moves_a_bi_login(town):
    with town.database.connect("town_acme_bi") as bi:
        bi.execute("set role yardstick_bi")
        belongs_to(everything(bi, town), "acme", "birch", town.acme)
        for role in ("yardstick_owner", "yardstick_engine_role", "town_birch_bi", "yardstick_app", "yardstick_dba"):
            assert refused(bi, f"set role {role}").startswith("42501 permission denied to set role")
            assert refused(bi, f"set session authorization {role}").startswith("42501 permission denied to set session")


def test_a_parallel_plan_sees_the_same(town):
    with town.database.connect("town_acme_bi") as bi:
        bi.execute("set parallel_setup_cost = 0; set parallel_tuple_cost = 0; set min_parallel_table_scan_size = 0")
        belongs_to(everything(bi, town), "acme", "birch", town.acme)


def test_a_function_of_the_asker_sees_no_more_than_the_asker(town):
    with town.database.connect() as admin:
        # The embedded cluster gives nobody temporary objects; another server may.
        admin.execute(f"grant temporary on database {town.database.name} to town_acme_bi")
    with town.database.connect("town_acme_bi") as bi:
        heard = []
        bi.add_notice_handler(lambda notice: heard.append(notice.message_primary))
        bi.execute(
            "create function pg_temp.peek(t text) returns boolean language plpgsql cost 0.0000001 "
            "as $$ begin raise notice '%', t; return true; end $$"
        )
        for view in town.views:
            bi.execute(sql.SQL("select count(*) from yardstick_bi.{} as v where pg_temp.peek(v::text)").format(sql.Identifier(view)))
        bi.execute("select count(*) from yardstick_bi.dashboards where pg_temp.peek(dashboard_name)")
    assert any("acme" in line for line in heard)
    assert not [line for line in heard if "birch" in line or "acme private" in line]


def test_private_dashboards_are_not_shown(town):
    with town.database.connect("town_acme_bi") as bi:
        assert not [row for row in text_of(bi, "dashboards") + text_of(bi, "widgets") if "private" in row]


def test_bi_writes_nowhere(town):
    with town.database.connect("town_acme_bi") as bi:
        for view in town.views:
            name = sql.SQL("yardstick_bi.{}").format(sql.Identifier(view))
            for statement in ("insert into {} default values", "update {} set organization_id = null", "delete from {}", "truncate {}"):
                said = refused(bi, sql.SQL(statement).format(name))
                assert said.startswith(("42501", "42809", "55000", "42703")), (view, statement, said)


# --- Tables and partitions


def test_there_is_something_to_steal_in_every_table(town):
    """Or the tests below would prove nothing."""
    with town.database.connect() as admin:
        for (table,) in admin.execute(
            "select c.oid::regclass::text from pg_class as c where c.relnamespace = 'yardstick'::regnamespace and c.relkind in ('r', 'p') "
            "and not c.relispartition and c.relname not in ('login_bindings', 'audit_queue') "
            "and exists (select from pg_attribute as a where a.attrelid = c.oid and a.attname = 'organization_id')"
        ).fetchall():
            owners = admin.execute(f"select array_agg(distinct organization_id) from {table} where organization_id is not null").fetchone()[0]
            assert set(owners or []) - {PLATFORM} == {town.acme, town.birch}, table


@pytest.mark.parametrize("login", EVERY_LOGIN)
def test_no_login_reaches_a_table_or_partition(town, login):
    with town.database.connect(login) as connection:
        for table in town.tables:
            name = sql.SQL("yardstick.{}").format(sql.Identifier(table))
            for statement in ("select * from {}", "insert into {} default values", "delete from {}", "truncate {}", "copy {} to stdout"):
                assert refused(connection, sql.SQL(statement).format(name)).startswith("42501 permission denied"), table


@pytest.fixture
def careless(town):
    """What many a DBA types one day."""
    with town.database.connect() as admin:
        admin.execute("grant usage on schema yardstick to yardstick_bi; grant select on all tables in schema yardstick to yardstick_bi")
        yield
        admin.execute("revoke select on all tables in schema yardstick from yardstick_bi; revoke usage on schema yardstick from yardstick_bi")


def test_a_careless_grant_opens_no_tenant_table_or_partition(town, careless):
    nobody_s = {"calculation_slices", "code_files", "jobs", "job_runs", "job_home"}
    with town.database.connect("town_acme_bi") as bi:
        for table in town.tables:
            if table not in nobody_s:
                rows = bi.execute(sql.SQL("select t::text from yardstick.{} as t").format(sql.Identifier(table))).fetchall()
                assert not [row for (row,) in rows if "birch" in row or str(town.birch) in row], table
        for secret in ("context_keys", "login_bindings"):
            assert bi.execute(f"select count(*) from yardstick.{secret}").fetchone()[0] == 0, secret


def test_statistics_show_no_values(town, careless):
    with town.database.connect("town_acme_bi") as bi:
        rows = bi.execute("select tablename, attname, s::text from pg_stats as s where schemaname like 'yardstick%'").fetchall()
    assert not [row for row in rows if "birch" in row[2] or str(town.birch) in row[2]]
    assert not [row for row in rows if row[0].startswith(("metric_calculations", "analytics_metrics", "users"))]


def test_a_new_partition_is_closed_from_the_start(town):
    with town.database.connect() as admin:
        admin.execute("select yardstick.ensure_year_partitions('metric_calculations', '1999-01-01', '1999-12-31')")
        admin.execute(
            "insert into yardstick.metric_calculations (organization_id, metric_id, aggregation_level, aggregation_id, time_window, "
            "period_start, period_end, metric_value, metric_version, calculation_timestamp) "
            "select organization_id, metric_id, aggregation_level, aggregation_id, time_window, '1999-05-01', '1999-06-01', 1, 1, now() "
            "from yardstick.metric_calculations where aggregation_level = 'org'"
        )
        made = "metric_calculations_1999"
        secured = "select relrowsecurity and relforcerowsecurity from pg_class where oid = %s::regclass"
        assert admin.execute(secured, [f"yardstick.{made}"]).fetchone()[0]
    with town.database.connect("town_acme_bi") as bi:
        assert refused(bi, f"select * from yardstick.{made}").startswith("42501")
        assert bi.execute("select count(*) from yardstick_bi.metric_values where period_end < '2000-01-01'").fetchone()[0] == 1
    with town.database.connect() as admin:
        admin.execute(f"grant usage on schema yardstick to town_acme_bi; grant select on yardstick.{made} to town_acme_bi")
    try:
        with town.database.connect("town_acme_bi") as bi:
            assert bi.execute(f"select count(*) from yardstick.{made}").fetchone()[0] == 0
    finally:
        with town.database.connect() as admin:
            admin.execute(f"revoke all on yardstick.{made} from town_acme_bi; revoke usage on schema yardstick from town_acme_bi")


# --- Functions


def executable(connection, login, schema):
    rows = connection.execute(
        "select p.proname::text from pg_proc as p where p.pronamespace = %s::regnamespace "
        "and has_schema_privilege(%s, p.pronamespace, 'usage') and has_function_privilege(%s, p.oid, 'execute')",
        [schema, login, login],
    )
    return {name for (name,) in rows}


@pytest.mark.parametrize("login", EVERY_LOGIN)
def test_what_a_login_may_call(town, login):
    with town.database.connect() as admin:
        may = {
            schema: executable(admin, login, f"yardstick{schema}") for schema in ("", "_engine", "_stats", "_api", "_bi", "_ops")
        }
    assert not may[""] and not may["_stats"] and not may["_bi"]
    if login == "town_dba":
        assert {"run_job", "calculate_due"} <= may["_engine"] <= {
            "run_job", "start_job_run", "job_step", "finish_job_run", "calculate_due", "plan_due", "calculate_slice", "queue_history",
            "sandbox_problem",
            "check_drift", "used_columns", "metric_children", "noted_costs", "note_progress", "calculate_next", "enter_source",
            "place_capture", "capture_steps", "capture_states", "capture_kinds", "make_capture", "leave_source", "drop_captures",
            "queue_organization", "local_midnight", "retention_cuts", "overdue_removals", "error_values",
        }  # fmt: skip
    elif login != "yardstick_worker":
        assert not may["_engine"]
    if login.endswith("_bi"):
        assert not any(may.values())
    if login in ("town_acme_app", "town_stranger"):
        assert {"use_organization", "sync_user"} <= may["_api"]
        assert not {"bind_login", "unbind_login", "register_source", "refresh_source", "register_function"} & may["_api"]
        assert not may["_ops"]


# --- Applications


def test_an_application_works_for_whom_it_serves(town):
    with town.database.connect("town_acme_app", autocommit=False) as app:
        app.execute("select yardstick_api.use_organization(%s)", [town.acme])
        app.execute("""select yardstick_api.sync_department('{"external_id": "a", "department_name": "a"}')""")
        app.rollback()
        said = refused(app, "select yardstick_api.use_organization(%s)", [town.birch])
        assert said.startswith("YS005") and "birch" not in said


def test_the_context_ends_with_the_transaction(town):
    with town.database.connect("town_acme_app") as app:
        with app.transaction():
            app.execute("select yardstick_api.use_organization(%s)", [town.acme])
            app.execute("""select yardstick_api.sync_team('{"external_id": "a", "team_name": "a"}')""")
            stamp = app.execute(f"select current_setting('{CONTEXT}')").fetchone()[0]
        team = """select yardstick_api.sync_team('{"external_id": "b", "team_name": "b"}')"""
        assert refused(app, team).startswith("YS004")
        # Kept by hand for later, it is worth nothing: neither in the session nor in the next transaction.
        app.execute(f"select set_config('{CONTEXT}', %s, false)", [stamp])
        assert refused(app, team).startswith("YS004")
        with app.transaction():
            app.execute(f"select set_config('{CONTEXT}', %s, true)", [stamp])
            assert refused(app, team).startswith("YS004")


@pytest.mark.parametrize("setting", ["{birch}", "{birch}/{birch}/" + "0" * 64, "", "garbage", "{stamp}"])
def test_an_application_cannot_choose_by_hand(town, stolen_stamp, setting):
    with town.database.connect("town_acme_app", autocommit=False) as app:
        app.execute(f"select set_config('{CONTEXT}', %s, true)", [setting.format(birch=town.birch, stamp=stolen_stamp)])
        assert refused(app, """select yardstick_api.sync_role('{"external_id": "x", "role_name": "x"}')""").startswith("YS004")


def test_a_failed_choice_leaves_no_context(town):
    with town.database.connect("town_acme_app", autocommit=False) as app:
        refused(app, "select yardstick_api.use_organization(%s, %s)", [town.acme, uuid.uuid4()])
        assert refused(app, """select yardstick_api.sync_role('{"external_id": "x", "role_name": "x"}')""").startswith("YS004")


def test_what_is_foreign_and_what_is_not_there_sound_alike(town):
    with town.database.connect() as admin:
        foreign = {
            table: admin.execute(f"select id from yardstick.{table} where organization_id = %s limit 1", [town.birch]).fetchone()[0]
            for table in ("departments", "teams", "users", "roles")
        }
    with town.database.connect("town_acme_app", autocommit=False) as app:
        app.execute("select yardstick_api.use_organization(%s)", [town.acme])
        for function, key, table in (
            ("sync_department", "parent_department_id", "departments"),
            ("sync_team", "department_id", "departments"),
            ("sync_user", "team_id", "teams"),
            ("sync_user", "roles", "roles"),
        ):
            heard = []
            for strange in (foreign[table], uuid.uuid4()):
                value = [str(strange)] if key == "roles" else str(strange)
                name = function.replace("sync_", "") + "_name"
                given = psycopg.types.json.Jsonb({"external_id": "new", name: "new", key: value})
                heard.append(refused(app, f"select yardstick_api.{function}(%s)", [given]).replace(str(strange), "?"))
            assert heard[0] == heard[1] and heard[0].startswith("YS003"), heard
            assert "birch" not in heard[0]
        for function, table in (("sync_department", "departments"), ("sync_team", "teams"), ("sync_user", "users"), ("sync_role", "roles")):
            name = function.replace("sync_", "") + "_name"
            given = psycopg.types.json.Jsonb({"id": str(foreign[table]), name: "taken over"})
            assert refused(app, f"select yardstick_api.{function}(%s)", [given]) == f"YS003 id: unknown id {foreign[table]}"
    with town.database.connect() as admin:
        for table, column in (("departments", "department_name"), ("teams", "team_name"), ("users", "user_name"), ("roles", "role_name")):
            assert admin.execute(f"select {column} from yardstick.{table} where id = %s", [foreign[table]]).fetchone()[0].startswith("birch")


# One call of every function that works for an organization: with %(metric)s, %(department)s ... of the other one, or of nobody.
CALLS = {
    "define_metric": [
        """select yardstick_api.define_metric(jsonb_build_object('metric_name', 'mine', 'display_name', 'Mine',
            'calculation_method', 'aggregation', 'data_sources', jsonb_build_object('source', %(source)s::text,
            'measures', jsonb_build_object('n', jsonb_build_object('agg', 'count')))))""",
    ],
    "validate_metric": [
        """select replace(string_agg(r::text, ','), %(source)s, '?') from yardstick_api.validate_metric(jsonb_build_object('metric_name', 'mine', 'display_name', 'Mine',
            'calculation_method', 'aggregation', 'data_sources', jsonb_build_object('source', %(source)s::text,
            'measures', jsonb_build_object('n', jsonb_build_object('agg', 'count'))))) as r""",
        """select replace(string_agg(r::text, ','), %(metric)s, '?') from yardstick_api.validate_metric(jsonb_build_object('metric_name', 'mine', 'display_name', 'Mine',
            'calculation_method', 'aggregation', 'data_sources', jsonb_build_object('metrics', jsonb_build_object('a', %(metric)s::text)))) as r""",
    ],
    "record_value": ["select yardstick_api.record_value('town_x', 1, department_id => %(department)s)"],
    "record_values": [
        "select yardstick_api.record_values(jsonb_build_array(jsonb_build_object('metric_name', 'town_x', 'value', 1, 'team_id', %(team)s::text)))"
    ],
    "refresh_metric": ["select yardstick_api.refresh_metric(%(metric)s, now() - interval '1 day', now())"],
    "metric_value": [
        "select yardstick_api.metric_value(%(metric)s, 'org', null, 'monthly')",
        "select coalesce(yardstick_api.metric_value('acme_metric', 'dept', %(department)s, 'monthly'), -1)",
    ],
    "metric_value_as_of": [
        "select yardstick_api.metric_value_as_of(%(metric)s, 'org', null, 'monthly', now())",
        "select coalesce(yardstick_api.metric_value_as_of('acme_metric', 'dept', %(department)s, 'monthly', now()), -1)",
    ],
    "metric_series": [
        "select count(*) from yardstick_api.metric_series(%(metric)s, 'org', null, 'monthly', now() - interval '1 year', now())",
        "select count(*) from yardstick_api.metric_series('acme_metric', 'dept', %(department)s, 'monthly', now() - interval '1 year', now())",
    ],
    "set_legal_hold": ["select yardstick_api.set_legal_hold('kept', %(metric)s)"],
    "release_legal_hold": ["select yardstick_api.release_legal_hold(%(hold)s, 'done')"],
    "set_target": [
        """select yardstick_api.set_target(jsonb_build_object('metric_name', %(metric)s::text, 'effective_from', '2026-01-01', 'target_value', 1))""",
    ],
    "set_glide_path": [
        """select yardstick_api.set_glide_path(jsonb_build_object('metric_name', %(metric)s::text, 'from', '2026-01-01', 'from_value', 1,
            'to', '2026-04-01', 'to_value', 2))""",
    ],
    "create_alert": [
        """select yardstick_api.create_alert(jsonb_build_object('alert_name', 'mine', 'metric_name', %(metric)s::text, 'alert_type', 'threshold',
            'condition_config', jsonb_build_object('op', '>', 'value', 1)))""",
    ],
    "open_alerts": ["select coalesce(string_agg(a::text, ','), '') from yardstick_api.open_alerts() as a"],
    "relate_metrics": [
        "select yardstick_api.relate_metrics(%(metric)s, 'acme_metric', 'depends_on')",
        "select yardstick_api.relate_metrics('acme_metric', %(metric)s, 'correlates_with')",
    ],
    "submit_metric": ["select yardstick_api.submit_metric(%(metric)s)"],
    "approve_metric": ["select yardstick_api.approve_metric(%(metric)s, 'owner')"],
    "reject_metric": ["select yardstick_api.reject_metric(%(metric)s, 'no')"],
    "retire_metric": ["select yardstick_api.retire_metric(%(metric)s, 'no')"],
    "change_set": ["select yardstick_api.change_set(array[%(metric)s])"],
    "approve_change_set": ["select yardstick_api.approve_change_set(array[%(metric)s], 'none', 'owner')"],
    "reviews": ["select coalesce(string_agg(r::text, ','), '') from yardstick_api.reviews() as r"],
    "metric_impact": ["select count(*) from yardstick_api.metric_impact(%(metric)s)"],
    "definition_impact": [
        """select count(*) from yardstick_api.definition_impact(jsonb_build_object('metric_name', 'mine', 'display_name', 'Mine',
            'calculation_method', 'aggregation', 'data_sources', jsonb_build_object('metrics', jsonb_build_object('m', %(metric)s::text))))""",
    ],
    "export_metrics": ["select string_agg(e::text, ',') from yardstick_api.export_metrics() as e"],
    "verify_audit": ["select count(*) from yardstick_api.verify_audit(%(department)s)"],
    "verify_rollup": ["select string_agg(v::text, ',') from yardstick_api.verify_rollup(%(metric)s) as v"],
    "explain_metric": ["select string_agg(e::text, ',') from yardstick_api.explain_metric(%(metric)s) as e"],
    "unrelate_metrics": ["select yardstick_api.unrelate_metrics('acme_metric', %(metric)s)"],
    "metric_lineage": [
        "select count(*) from yardstick_api.metric_lineage(%(metric)s)",
        "select string_agg(l::text, ',') from yardstick_api.metric_lineage('acme_metric') as l",
    ],
}
SYNCS = {"sync_department", "sync_team", "sync_user", "sync_role"}
FOR_A_DBA = {
    "set_approval_gates", "bind_login", "unbind_login", "register_source", "refresh_source", "retire_source", "register_function",
    "sync_organization",
    "use_organization",
}  # fmt: skip
OF_NO_ORGANIZATION = {"use_reason"}


def answer(connection, statement, parameters):
    """What a call says: its value, or its SQLSTATE and message without the names that were asked for."""
    try:
        with connection.transaction(force_rollback=True):
            return str(connection.execute(statement, parameters).fetchone()[0])
    except psycopg.Error as error:
        said = f"{error.sqlstate} {error.diag.message_primary}"
    for asked in parameters.values():
        said = said.replace(str(asked), "?")
    return said


def test_every_function_of_the_api_is_asked(town):
    with town.database.connect() as admin:
        rows = admin.execute("select proname::text from pg_proc where pronamespace = 'yardstick_api'::regnamespace")
        assert {name for (name,) in rows} == CALLS.keys() | SYNCS | FOR_A_DBA | OF_NO_ORGANIZATION


@pytest.mark.parametrize(("function", "number"), [(name, n) for name, calls in CALLS.items() for n in range(len(calls))])
def test_no_function_of_the_api_tells_of_another_organization(town, function, number):
    statement = CALLS[function][number]
    with town.database.connect() as admin:
        one = "select id from yardstick.{} where organization_id = %s limit 1"
        foreign = {
            "metric": "birch_metric", "source": "birch source",
            **{name: admin.execute(one.format(name + "s"), [town.birch]).fetchone()[0] for name in ("department", "team")},
            "hold": admin.execute(one.format("legal_holds"), [town.birch]).fetchone()[0],
        }  # fmt: skip
    nobody_s = {"metric": "no_metric", "source": "no source", "department": uuid.uuid4(), "team": uuid.uuid4(), "hold": uuid.uuid4()}
    used = {name for name in foreign if f"%({name})s" in statement}
    with town.database.connect("town_acme_app", autocommit=False) as app:
        assert refused(app, statement, nobody_s).startswith("YS004"), "works without an organization"
        app.execute("select yardstick_api.use_organization(%s)", [town.acme])
        said = [answer(app, statement, {name: asked[name] for name in used}) for asked in (foreign, nobody_s)]
    assert said[0] == said[1]
    assert "birch" not in said[0] and str(town.birch) not in said[0]
    if function == "open_alerts":
        assert "acme alert" in said[0]


def test_the_owner_changes_nothing_of_another_or_of_the_platform(town):
    """The rights under every function of the API, with the context of one organization."""
    with town.database.connect(autocommit=False) as admin:
        admin.execute(
            "insert into yardstick.metric_definitions (metric_name, display_name, calculation_method, data_sources) "
            "values ('everywhere', 'Everywhere', 'manual', '{}')"
        )
        admin.execute("set local session authorization town_acme_app")
        admin.execute("select yardstick_api.use_organization(%s)", [town.acme])
        # The context belongs to the session's login; only the rights change here.
        admin.execute("reset session authorization")
        stamp = admin.execute(f"select current_setting('{CONTEXT}')").fetchone()[0]
        admin.execute("select yardstick_api.use_organization(%s)", [town.acme])
        assert admin.execute(f"select current_setting('{CONTEXT}')").fetchone()[0] != stamp
        admin.execute("set local role yardstick_owner")
        for (table,) in admin.execute(
            "select c.relname::text from pg_class as c where c.relnamespace = 'yardstick'::regnamespace and c.relkind in ('r', 'p') "
            "and c.relforcerowsecurity and not c.relispartition and c.relname <> 'organizations'"
        ).fetchall():
            if table in ("source_changes", "value_changes"):  # of all organizations at once: the owner has no part in it
                assert admin.execute(f"select count(*) from yardstick.{table}").fetchone()[0] == 0
                continue
            seen = admin.execute(f"select array_agg(distinct organization_id) from yardstick.{table} where organization_id is not null")
            assert set(seen.fetchone()[0] or []) <= {town.acme}, table
            delete = f"delete from yardstick.{table} where organization_id is distinct from %s"
            if table in ("audit_log", "audit_heads"):
                with pytest.raises(psycopg.Error, match="only grows"), admin.transaction():
                    admin.execute(delete, [town.acme])
            else:
                assert admin.execute(delete, [town.acme]).rowcount == 0, table
        assert admin.execute("select count(*) from yardstick.metric_definitions where metric_name = 'everywhere'").fetchone()[0] == 1
        assert admin.execute("update yardstick.metric_definitions set display_name = 'x' where organization_id is null").rowcount == 0
        with pytest.raises(errors.InsufficientPrivilege), admin.transaction():
            admin.execute("insert into yardstick.roles (organization_id, role_name) values (%s, 'x')", [town.birch])
        with pytest.raises(errors.InsufficientPrivilege), admin.transaction():
            admin.execute("insert into yardstick.roles (role_name) values ('x')")
        with pytest.raises(errors.InsufficientPrivilege), admin.transaction():
            admin.execute("update yardstick.roles set organization_id = %s", [town.birch])
        admin.rollback()


# --- The worker, the DBA, the stranger


def test_the_worker_has_no_organization_of_its_own(town):
    with town.database.connect("yardstick_worker", autocommit=False) as worker:
        assert refused(worker, "select yardstick_api.use_organization(%s)", [town.acme]).startswith("YS005")
        assert refused(worker, "select * from yardstick_bi.organizations").startswith("42501")
        worker.execute("select count(*) from yardstick_ops.health")


def test_a_dba_sees_operations_and_works_for_any_organization(town):
    with town.database.connect("town_dba", autocommit=False) as dba:
        assert refused(dba, """select yardstick_api.sync_role('{"external_id": "x", "role_name": "x"}')""").startswith("YS004")
        for organization in (town.acme, town.birch):
            dba.execute("select yardstick_api.use_organization(%s)", [organization])
            dba.execute("""select yardstick_api.sync_role('{"external_id": "x", "role_name": "x"}')""")
        dba.rollback()
        assert dba.execute("select count(*) from yardstick_ops.health").fetchone()[0] > 5
        assert refused(dba, "select * from yardstick_bi.organizations").startswith("42501")


def test_a_stranger_sees_nothing(town):
    with town.database.connect("town_stranger") as stranger:
        for view in town.views:
            platform = [row for row in text_of(stranger, view) if "acme" in row or "birch" in row]
            assert not platform, view
        assert refused(stranger, "select yardstick_api.use_organization(%s)", [town.acme]).startswith("YS005")
        assert refused(stranger, "select * from yardstick_ops.health").startswith("42501")
