"""Metrics kept as code: what the database has."""

import json
import re
from contextlib import contextmanager
from decimal import Decimal

import psycopg
from psycopg.rows import dict_row

from runner.errors import Refusal


def find_organization(connection: psycopg.Connection, name: str) -> str:
    """The id of an organization that is named by its id or by the host's."""
    if re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", name):
        return name
    try:
        found = connection.execute("select id from yardstick.organizations where external_id = %s", [name]).fetchone()
    except psycopg.errors.InsufficientPrivilege:
        raise Refusal("This login cannot look an organization up by the host's id; name it by its uuid.") from None
    if found is None:
        raise Refusal(f"There is no organization with the id or external_id {name}.")
    return str(found[0])


@contextmanager
def working(connection: psycopg.Connection, organization: str | None, keep: bool):
    """One transaction for an organization, or for the platform; all of it is taken back unless it is to be kept."""
    with connection.transaction(force_rollback=not keep):
        if organization:
            connection.execute("select yardstick_api.use_organization(%s)", [organization])
        yield


def has_function(connection: psycopg.Connection, signature: str) -> bool:
    return connection.execute("select to_regprocedure(%s) is not null", [signature]).fetchone()[0]


def exact(text: str) -> int | Decimal:
    found = Decimal(text)
    return int(found) if abs(found.adjusted()) < 40 and found == found.to_integral_value() else found


def stored_metrics(connection: psycopg.Connection) -> dict[str, dict]:
    """By name: metric_id, definition and status."""
    rows = connection.cursor(row_factory=dict_row).execute(
        "select e.metric_name, e.metric_id, e.definition::text as definition, e.status from yardstick_api.export_metrics() as e"
    )
    return {
        row["metric_name"]: {**row, "definition": json.loads(row["definition"], parse_int=exact, parse_float=exact)}
        for row in rows
    }
