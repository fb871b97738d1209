"""Brings the quality platform of examples/quality to Yardstick; what is there already is left alone."""

from contextlib import contextmanager
from datetime import datetime

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from runner import examples
from runner.examples import acting_as, create_login

FOLDER = examples.EXAMPLES / "quality"
APPLICATION = "quality_app"
BI_LOGINS = {1: "nordwerk_bi", 2: "lakeside_bi", 3: "harbour_bi"}
VALUES_A_CALL = 1000


@contextmanager
def serving(connection: psycopg.Connection, organization_id, user_id=None, login: str = APPLICATION):
    """A transaction of the application for one of its customers, and one of their people."""
    with acting_as(connection, login), connection.transaction():
        examples.use_organization(connection, organization_id, user_id)
        yield connection


def bind(connection: psycopg.Connection, login: str, organization_id, kind: str) -> None:
    connection.execute("select yardstick_api.bind_login(%s, %s, %s)", [login, organization_id, kind])


def rows(connection: psycopg.Connection, statement: str, values=()) -> list[dict]:
    return connection.cursor(row_factory=dict_row).execute(statement, values).fetchall()


def rows_of(connection: psycopg.Connection, table: str, number: int) -> list[dict]:
    """The rows of one customer; ids grow from the roots of the tree to its leaves."""
    statement = f"select * from quality.{table} where organization_id = %s order by id"
    return rows(connection, statement, [number])


def build_platform(connection: psycopg.Connection, as_of: datetime | None) -> bool:
    """The host application with its eighteen months; False when it was there."""
    found = connection.execute("select to_regclass('quality.readings')").fetchone()[0]
    if found and connection.execute("select exists (select from quality.readings)").fetchone()[0]:
        return False
    with connection.transaction():
        for name in ("schema", "people", "chance", "generate"):
            connection.execute((FOLDER / f"{name}.sql").read_text())
        connection.execute("select quality.generate(coalesce(%s, now()))", [as_of])
    connection.execute("analyze")
    return True


def sync_people(connection: psycopg.Connection) -> tuple[dict, dict]:
    """Customers, departments from the roots down, shifts, people. Returns the ids of the first two."""
    organizations = {}
    for o in rows(connection, "select * from quality.organizations order by id"):
        organization = {
            "external_id": str(o["id"]),
            "organization_name": o["name"],
            "timezone": o["timezone"],
            "week_start": o["week_start"],
            "fiscal_year_start_month": o["fiscal_year_start_month"],
        }
        with connection.transaction():
            organizations[o["id"]] = examples.call(connection, "sync_organization", organization)
    departments = {}
    for number, organization in organizations.items():
        people = {table: rows_of(connection, table, number) for table in ("departments", "teams", "users")}
        with serving(connection, organization):
            for d in people["departments"]:
                keys = {"department_name": d["name"], "parent_department_id": d["parent_id"]}
                department = {"external_id": d["id"], **keys}
                departments[d["id"]] = examples.call(connection, "sync_department", department)
            for t in people["teams"]:
                keys = {"team_name": t["name"], "department_id": t["department_id"]}
                examples.call(connection, "sync_team", {"external_id": t["id"], **keys})
            for u in people["users"]:
                keys = {"user_name": u["name"], "email": u["email"]}
                keys |= {"department_id": u["department_id"], "team_id": u["team_id"]}
                examples.call(connection, "sync_user", {"external_id": u["id"], **keys})
    return organizations, departments


def record_readings(connection: psycopg.Connection, number: int, organization_id, departments: dict) -> int:
    """What instruments and back offices report, through the application's door. Returns the rows recorded."""
    values = [
        {
            "id": str(r["id"]),
            "metric_name": r["metric_name"],
            "value": float(r["value"]),
            "measured_at": r["measured_at"].isoformat(),
            **({"department_id": str(departments[r["department_id"]])} if r["department_id"] else {}),
        }
        for r in rows_of(connection, "readings", number)
    ]
    recorded = 0
    for start in range(0, len(values), VALUES_A_CALL):
        batch = Jsonb(values[start : start + VALUES_A_CALL])
        with serving(connection, organization_id):
            recorded += connection.execute("select yardstick_api.record_values(%s)", [batch]).fetchone()[0]
    return recorded


def define_own_metrics(connection: psycopg.Connection, organization_id):
    """What a customer measures beside the platform's: one of their people writes it, another approves it. Returns the first."""
    author, reviewer = (
        row[0]
        for row in connection.execute(
            "select id from yardstick.users where organization_id = %s order by length(external_id), external_id limit 2",
            [organization_id],
        )
    )
    with serving(connection, organization_id):
        role = {"external_id": "quality-management", "role_name": "Quality management", "may_approve": examples.GATES}
        examples.call(connection, "sync_role", role)
        examples.call(connection, "sync_user", {"id": str(reviewer), "roles": ["Quality management"]})
    for definition in examples.read_yaml(FOLDER / "own_metrics.yaml"):
        name = definition["metric_name"]
        with serving(connection, organization_id, author):
            examples.call(connection, "define_metric", definition)
            waits = connection.execute(
                "select exists (select from yardstick_api.reviews() where metric_name = %s and status = 'draft')", [name]
            ).fetchone()[0]
            if waits:
                connection.execute("select yardstick_api.submit_metric(%s)", [name])
        with serving(connection, organization_id, reviewer):
            for gate in examples.GATES if waits else ():
                connection.execute("select yardstick_api.approve_metric(%s, %s)", [name, gate])
    return author


def record_judgements(connection: psycopg.Connection, number: int, organization_id, person) -> None:
    """What only a person can say, with the person and the reason: once a quarter, ever readier."""
    quarters = rows(
        connection,
        """
        select distinct date_trunc('quarter', opened_at, 'UTC') + interval '40 days' as judged_at
        from quality.capas
        where organization_id = %s and date_trunc('quarter', opened_at, 'UTC') + interval '40 days' < (
            select max(opened_at) from quality.capas
        )
        order by 1
        """,
        [number],
    )
    with serving(connection, organization_id, person):
        for place, quarter in enumerate(quarters):
            connection.execute(
                "select yardstick_api.record_value('audit_readiness', %s, %s, reason => 'walk-through of the quarter')",
                [64 + 5 * number + 3 * place, quarter["judged_at"]],
            )


def bound_to(connection: psycopg.Connection, login: str) -> str | None:
    """The organization that a BI login sees; binding it is the last step of setting up."""
    if not connection.execute("select 1 from pg_roles where rolname = %s", [login]).fetchone():
        return None
    with acting_as(connection, login):
        found = connection.execute("select organization_id from yardstick_bi.organizations").fetchone()
    return found and found[0]


def set_up(connection: psycopg.Connection, as_of: datetime | None = None, tell=lambda text: None) -> dict:
    """Everything up to the calculation. Returns the ids of the organizations by the platform's own."""
    organizations = {number: bound_to(connection, login) for number, login in BI_LOGINS.items()}
    if all(organizations.values()):
        return organizations

    build_platform(connection, as_of)
    tell("a quality platform: 3 customers, 18 months of CAPAs, deviations, trainings, documents, audits")
    create_login(connection, APPLICATION, "yardstick_app")
    bind(connection, APPLICATION, None, "trusted")
    organizations, departments = sync_people(connection)
    tell("customers, departments, teams and people synced")
    examples.register_sources(connection, FOLDER / "sources.yaml")
    names = examples.define_metrics(connection, FOLDER / "metrics")
    tell(f"{len(names)} metrics defined from examples/quality/metrics, and approved by {examples.REVIEWER}")
    recorded = 0
    for number, organization in organizations.items():
        recorded += record_readings(connection, number, organization, departments)
        record_judgements(connection, number, organization, define_own_metrics(connection, organization))
        with serving(connection, organization):
            for alert in examples.read_yaml(FOLDER / "alerts.yaml"):
                examples.call(connection, "create_alert", alert)
    tell(f"{recorded:,} readings recorded and alerts created by the application {APPLICATION}")
    tell("a metric of each customer's own, written by one of their people and approved by another")
    for number, login in BI_LOGINS.items():
        create_login(connection, login, "yardstick_bi")
        bind(connection, login, organizations[number], "bound")
    tell("a BI login for each customer, bound to it: " + ", ".join(BI_LOGINS.values()))
    return organizations
