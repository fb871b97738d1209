"""Metrics kept as code: what files say beside what the database has, and the one brought in line with the other."""

import difflib
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import psycopg
from psycopg.rows import dict_row

from runner.definition_files import SCHEMA, BadFiles, Definition, children_first, files_of, read_file
from runner.definition_text import ESCAPED, HEADER, INNER_KEYS, KEYS, as_yaml, canonical, ordered, quoted, tidy
from runner.errors import Refusal, server_words

SCHEMA_COPY = "metric.schema.json"
# A change of these changes values; of the others, what is said about them.
VALUE_KEYS = (
    "calculation_method", "data_sources", "calculation_formula", "parameters", "aggregation_levels", "time_windows",
)  # fmt: skip
APPLY_LOCK = "yardstick metrics apply"
SHORT = 60


@dataclass
class Change:
    """What has to happen to one metric."""

    verb: str  # new, changed, brought back, unchanged, missing
    name: str
    definition: Definition | None = None
    old: dict | None = None
    new: dict | None = None
    metric_id: str | None = None
    impact: "Impact | None" = None
    waits: bool = False  # for somebody to approve it

    @property
    def is_work(self) -> bool:
        return self.verb in ("new", "changed", "brought back")

    @property
    def changes_values(self) -> bool:
        return self.verb == "changed" and any(
            canonical(self.old.get(key)) != canonical(self.new.get(key)) for key in VALUE_KEYS
        )


@dataclass
class Impact:
    """What a change does to the values of a metric."""

    beside: list[dict] = field(default_factory=list)  # the last periods of an organization, as they are and as they would be
    stored: list[dict] = field(default_factory=list)  # by window: how many values there are
    latest: list[dict] = field(default_factory=list)
    note: str | None = None
    reaches: list[str] = field(default_factory=list)  # metrics that are made of it, however many steps away


# --- The database


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


# --- Beside each other


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


# --- Values


def impact(connection: psycopg.Connection, change: Change, organization: str | None) -> Impact:
    """How many values a change concerns, and the last of them: for an organization beside what they would be."""
    found, zone = Impact(), "UTC"
    try:
        with connection.transaction():
            found.stored = stored_values(connection, change, organization)
            if organization:
                (zone,) = connection.execute("select timezone from yardstick.organizations where id = %s", [organization]).fetchone()
            else:
                found.latest = latest_values(connection, change)
    except psycopg.errors.InsufficientPrivilege:
        found.note = "this login cannot read which values are stored"
    if organization:
        try:
            with connection.transaction():
                found.beside = values_beside(connection, change, zone)
        except psycopg.Error as error:
            found.note = f"none beside each other: {server_words(error)}"
    return found


def values_beside(connection: psycopg.Connection, change: Change, zone: str) -> list[dict]:
    return connection.cursor(row_factory=dict_row).execute(
        """
        select
            i.time_window,
            coalesce(string_agg(
                format('%%s: %%s -> %%s', (i.period_start at time zone %(zone)s)::date,
                    coalesce(trim_scale(i.approved_value)::text, 'none'), coalesce(trim_scale(i.draft_value)::text, 'none')),
                ', ' order by i.period_start
            ), 'none') as line
        from yardstick_api.definition_impact(%(definition)s::jsonb, 3) as i
        group by i.time_window
        order by array_position(array['daily', 'weekly', 'monthly', 'quarterly', 'annual'], i.time_window)
        """,
        {"definition": canonical(change.definition.body), "zone": zone},
    ).fetchall()


def made_of(name: str, changes: list[Change]) -> list[str]:
    """The metrics that a metric is part of, directly or through others."""
    parts = {change.name: Definition(Path(), change.new or change.old, {}).children() for change in changes}
    found, reached = [], {name}
    while reached:
        reached = {whole for whole, children in parts.items() if reached & set(children)} - set(found)
        found += sorted(reached)
    return found


def stored_values(connection: psycopg.Connection, change: Change, organization: str | None) -> list[dict]:
    return connection.cursor(row_factory=dict_row).execute(
        """
        select
            c.time_window,
            string_agg(distinct c.aggregation_level, ', ' order by c.aggregation_level) as levels,
            count(*) as value_count,
            count(distinct c.organization_id) as organization_count
        from yardstick.metric_calculations as c
        where c.metric_id = %(metric)s and c.organization_id = coalesce(%(organization)s::uuid, c.organization_id)
        group by c.time_window
        order by array_position(array['daily', 'weekly', 'monthly', 'quarterly', 'annual'], c.time_window)
        """,
        {"metric": change.metric_id, "organization": organization},
    ).fetchall()


def latest_values(connection: psycopg.Connection, change: Change) -> list[dict]:
    """The last three complete periods of the window that the definition names first, of three organizations at most."""
    return connection.cursor(row_factory=dict_row).execute(
        """
        select o.organization_name, c.time_window, v.first_day, v.metric_value
        from (
            select distinct k.organization_id, %(window)s as time_window
            from yardstick.metric_calculations as k
            where k.metric_id = %(metric)s
            order by k.organization_id
            limit 3
        ) as c
        inner join yardstick.organizations as o on c.organization_id = o.id
        cross join lateral (
            select (p.period_start at time zone o.timezone)::date as first_day, p.metric_value
            from yardstick.metric_calculations as p
            where
                p.organization_id = c.organization_id and p.metric_id = %(metric)s and p.aggregation_level = 'org'
                and p.aggregation_id = c.organization_id and p.time_window = c.time_window and p.period_end <= now()
            order by p.period_end desc
            limit 3
        ) as v
        order by o.organization_name, v.first_day
        """,
        {"metric": change.metric_id, "window": change.old.get("time_windows", ["monthly"])[0]},
    ).fetchall()


# --- The difference of two definitions


def leaves(value, path: str = "") -> Iterator[tuple[str, str]]:
    """Each value that is no object, under its dotted path."""
    if isinstance(value, dict) and value:
        for key in ordered(value, INNER_KEYS if path else KEYS):
            yield from leaves(value[key], f"{path}.{shown(key)}" if path else shown(key))
    else:
        yield path, value if isinstance(value, str) else canonical(value)


def difference(old: dict, new: dict) -> list[tuple[str, str]]:
    """Lines that begin with +, - or a blank, the sign apart."""
    before, after = dict(leaves(old)), dict(leaves(new))
    lines = []
    for path in sorted({**before, **after}, key=lambda path: KEYS.index(path.split(".")[0])):
        then, now = before.get(path), after.get(path)
        if then == now:
            continue
        if then is None or now is None:
            sign, text = ("+", now) if then is None else ("-", then)
            first, *rest = text.split("\n")
            lines.append((sign, f"{path}: {shown(first)}"))
            lines += [(sign, f"  {shown(line)}") for line in rest]
        elif "\n" in then + now or max(len(then), len(now)) > SHORT:
            lines.append((" ", f"{path}:"))
            for line in list(difflib.unified_diff(then.split("\n"), now.split("\n"), n=2, lineterm=""))[2:]:
                lines.append((line[0], f"  {shown(line[1:])}") if line[0] in "+-" else (" ", f"  {shown(line)}"))
        else:
            lines.append(("~", f"{path}: {shown(then)} -> {shown(now)}"))
    return lines


def shown(text: str) -> str:
    """What a terminal would take for a command is shown as an escape."""
    return quoted(text) if ESCAPED.search(text) else text


# --- Export


def export(connection: psycopg.Connection, folder: Path, organization: str | None) -> tuple[list[Path], list[Path], int]:
    """One file for each metric in use. Returns the files written and removed, and how many metrics there are."""
    with working(connection, organization, keep=False):
        metrics = {name: row["definition"] for name, row in stored_metrics(connection).items() if row["status"] != "retired"}
    if folder.exists() and not folder.is_dir():
        raise Refusal(f"{folder} is no folder.")
    wanted = {folder / f"{name}.yaml": as_yaml(definition) for name, definition in metrics.items()}
    gone = []
    for path in files_of(folder) if folder.exists() else []:
        if not is_exported(path):
            raise Refusal(
                f"{path} was not written by yardstick metrics export, and would define its metrics a second time:"
                " name an empty folder, or remove it."
            )
        if path not in wanted:
            gone.append(path)
    folder.mkdir(parents=True, exist_ok=True)
    written = [path for path, text in wanted.items() if not path.exists() or path.read_bytes() != text.encode()]
    for path in written:
        half = path.with_name(f".{path.name}.half")
        half.write_bytes(wanted[path].encode())
        os.replace(half, path)
    for path in gone:
        path.unlink()
    shutil.copyfile(SCHEMA, folder / SCHEMA_COPY)
    return written, gone, len(metrics)


def is_exported(path: Path) -> bool:
    """One metric under its own name, with the line that export begins with."""
    if not path.read_bytes().startswith(HEADER.encode()):
        return False
    try:
        found = read_file(path)
    except BadFiles:
        return False
    return len(found) == 1 and isinstance(found[0].body, dict) and found[0].body.get("metric_name") == path.stem
