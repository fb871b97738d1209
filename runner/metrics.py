"""Metrics kept as code: what files say beside what the database has, and the one brought in line with the other."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.rows import dict_row

from runner.definition_files import BadFiles, Definition, children_first
from runner.definition_text import canonical, tidy
from runner.errors import Refusal, server_words
from runner.metrics_change import Change
from runner.metrics_impact import impact, made_of
from runner.metrics_store import stored_metrics, working

APPLY_LOCK = "yardstick metrics apply"


@contextmanager
def located(definition: Definition):
    """A refusal by the database names the file and the line of the key."""
    try:
        yield
    except psycopg.Error as error:
        if error.sqlstate is None or not error.sqlstate.startswith(("YS", "22", "42", "23")):
            raise
        raise BadFiles([complaint(definition, server_words(error).removeprefix(f"{error.sqlstate}: "))]) from None


def complaint(definition: Definition, problem: str) -> str:
    path = re.match(r"[a-z][\w.]*(?=: )", problem)
    return f"{definition.place(tuple(path[0].split('.')) if path else ())}: {problem}"


def compare(connection: psycopg.Connection, definitions: list[Definition]) -> list[Change]:
    """Every metric of the files, parts first, then what only the database has, wholes first."""
    stored = stored_metrics(connection)
    changes = []
    for definition in definitions:
        new, known = tidy(definition.body), stored.pop(definition.name, None)
        old = tidy(known["definition"]) if known else None
        if known is None:
            verb = "new"
        elif known["status"] == "retired":
            verb = "brought back"
        else:
            verb = "unchanged" if canonical(old) == canonical(new) else "changed"
        changes.append(Change(verb, definition.name, definition, old, new, known and known["metric_id"]))
    left = [Definition(Path(), row["definition"], {}) for row in stored.values() if row["status"] != "retired"]
    return changes + [
        Change("missing", metric.name, old=tidy(metric.body), metric_id=stored[metric.name]["metric_id"])
        for metric in reversed(children_first(left))
    ]


def bring(connection: psycopg.Connection, change: Change, retire: str | None) -> None:
    """The one place where a metric is brought in line with its file; retire: why what is in no file is retired."""
    if change.is_work:
        with located(change.definition):
            connection.execute("select yardstick_api.define_metric(%s::jsonb)", [canonical(change.definition.body)])
    elif change.verb == "missing" and retire:
        connection.execute("select yardstick_api.retire_metric(%s, %s)", [change.name, retire])


def rehearse(connection: psycopg.Connection, change: Change, retire: str | None) -> list[str]:
    """Brings a metric in line, inside a transaction that will be taken back. Returns what is refused."""
    try:
        with connection.transaction():
            bring(connection, change, retire)
    except BadFiles as bad:
        return bad.complaints
    except psycopg.Error as error:
        if not (error.sqlstate or "").startswith("YS"):
            raise
        return [f"{change.name}: {server_words(error).removeprefix(f'{error.sqlstate}: ')}"]
    return []


def plan(
    connection: psycopg.Connection, definitions: list[Definition], organization: str | None, retire: bool = False
) -> list[Change]:
    """What an apply would do; it is tried and taken back, so that what the database refuses is known before."""
    complaints: list[str] = []
    broken: set[str] = set()
    with working(connection, organization, keep=False):
        changes = compare(connection, definitions)
        for change in changes:
            if change.changes_values:
                change.impact = impact(connection, change, organization)
                change.impact.reaches = made_of(change.name, changes)
            if change.definition and broken & set(change.definition.children()):
                broken.add(change.name)  # it would be refused for its parts, and they are told
            elif refusals := rehearse(connection, change, "a plan" if retire else None):
                broken.add(change.name)
                complaints += refusals
    if complaints:
        raise BadFiles(complaints)
    return changes


def apply(
    connection: psycopg.Connection, definitions: list[Definition], organization: str | None,
    retire: bool = False, reason: str | None = None,
) -> list[Change]:  # fmt: skip
    """All or nothing, one apply after the other."""
    if retire and not (reason or "").strip():
        raise Refusal("--retire-missing needs --reason: the values of what is retired stay, and somebody will ask.")
    with working(connection, organization, keep=True):
        connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [APPLY_LOCK])
        if reason:
            connection.execute("select yardstick_api.use_reason(%s)", [reason])
        changes = compare(connection, definitions)
        for change in changes:
            bring(connection, change, reason if retire else None)
        status = {name: row["status"] for name, row in stored_metrics(connection).items()}
        for change in changes:
            change.waits = change.is_work and status[change.name] != "approved"
    return changes


def reports(
    connection: psycopg.Connection, definitions: list[Definition], organization: str | None
) -> Iterator[tuple[Definition, list[dict]]]:
    """The validation report of each definition, with those it is made of in place; all of it is taken back."""
    broken: set[str] = set()
    with working(connection, organization, keep=False):
        for definition in definitions:
            if wrong := sorted(broken & set(definition.children())):
                broken.add(definition.name)
                detail = f"data_sources.metrics: {', '.join(wrong)} has to be right first"
                yield definition, [{"check_name": "children", "passed": False, "detail": detail}]
                continue
            body = canonical(definition.body)
            with connection.transaction():
                checks = (
                    connection.cursor(row_factory=dict_row)
                    .execute("select v.check_name, v.passed, v.detail from yardstick_api.validate_metric(%s::jsonb) as v", [body])
                    .fetchall()
                )
            try:
                with connection.transaction():
                    connection.execute("select yardstick_api.define_metric(%s::jsonb)", [body])
            except psycopg.Error as error:
                if all(check["passed"] for check in checks):
                    checks.append({"check_name": "define_metric", "passed": False, "detail": server_words(error)})
                broken.add(definition.name)
            yield definition, checks
