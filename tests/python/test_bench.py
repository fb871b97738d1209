"""Every workload of the bench runs at the smallest size, and what it measures equals its anchor: it raises where not."""

import contextlib

import psycopg
import pytest

from bench import (
    long,
    organizations,
    percentiles,
    ratios,
    reads,
    refresh,
    results,
    series,
    snapshots,
    volume,
    wide,
    writing,
)
from bench.measure import measure

SCALE = 0.0005


@pytest.fixture
def rows(database, monkeypatch):
    """A few metrics and two thousand observations."""
    monkeypatch.setattr(volume, "METRICS", 12)
    monkeypatch.setattr(percentiles, "PERCENTILES", 4)
    monkeypatch.setattr(wide, "METRICS", 12)
    monkeypatch.setattr(wide, "SAMPLE", 3)
    with database.connect() as connection:
        connection.execute("set client_min_messages = warning")
        volume.set_up(connection)
        volume.define(connection, range(1, volume.METRICS + 1), {"agg": "sum"})
        percentiles.define(connection)
        volume.fill(connection, int(volume.ROWS * SCALE))
        yield database.dsn(), connection


@pytest.mark.slow
def test_each_workload_gives_the_values_of_its_anchor(rows):
    dsn, connection = rows
    found = [
        *long.main(dsn, connection, rounds=1),
        *percentiles.main(dsn, connection, rounds=1),
        *wide.main(dsn, connection, rounds=1, scale=0.002),
        *writing.main(dsn, connection, rounds=1),
        *refresh.main(dsn, connection, scale=SCALE),
    ]
    assert len({(ratio.workload, ratio.anchor) for ratio in found}) == len(found)
    assert all(ratio.value >= 0 for ratio in found)
    new_versions = next(ratio for ratio in found if "row version" in ratio.workload)
    assert new_versions.value == 0 and not new_versions.is_missed


@pytest.mark.slow
def test_many_organizations_have_the_sums_of_their_rows(database, monkeypatch):
    monkeypatch.setattr(organizations, "LATE", 2)
    with database.connect() as connection:
        found = organizations.main(database.dsn(), connection, scale=SCALE)
        assert connection.execute("select count(*) from yardstick.organizations").fetchone()[0] == 16
        assert len(found) == 3 and all(ratio.value > 0 for ratio in found)
        assert connection.execute(organizations.WRONG).fetchone()[0] == 0
        connection.execute(
            "update yardstick.metric_calculations set metric_value = metric_value + 1 where ctid in ("
            "select c.ctid from yardstick.metric_calculations as c where c.time_window = 'daily' limit 1)"
        )
        assert connection.execute(organizations.WRONG).fetchone()[0] == 1


@pytest.fixture
def few(database, monkeypatch):
    """As few series as there can be."""
    monkeypatch.setenv("BENCH_SCALE", str(SCALE))
    monkeypatch.setattr(results, "keep", lambda *_: pytest.fail("so few are not published"))
    assert series.count() < 1000
    yield database.dsn()
    with database.connect() as connection, contextlib.suppress(psycopg.errors.UndefinedObject):
        connection.execute(f"drop role {reads.READER}")


def test_snapshots_are_those_worked_out_by_hand_and_a_dashboard_shows_the_rows_of_the_tables(few, capsys):
    snapshots.main(few, measure, rounds=1)
    reads.main(few, rounds=1)
    shown = " ".join(capsys.readouterr().out.split())
    assert "all equal to those worked out by hand" in shown and "8 clients, p99" in shown


def test_a_snapshot_that_is_not_the_one_worked_out_by_hand_ends_the_run(few, monkeypatch):
    def falsified(session, progress, last, steps=snapshots.steps, **as_of):
        done = steps(session, progress, last, **as_of)
        if last == "is_done":
            session.execute("update yardstick.metric_snapshots set year_over_year_change = 0.01 where year_over_year_change <> 0")
        return done

    monkeypatch.setattr(snapshots, "steps", falsified)
    with pytest.raises(SystemExit, match="differ from those worked out by hand"):
        snapshots.main(few, measure, rounds=1)


def test_a_value_that_is_not_the_anchors_ends_the_run(rows):
    _, connection = rows
    volume.queue(connection, volume.source_id(connection))
    volume.calculate(connection)
    assert volume.check_values(connection) > 0
    connection.execute(
        "update yardstick.metric_calculations set metric_value = metric_value + 1 where ctid = (select min(ctid) from yardstick.metric_calculations)"
    )
    with pytest.raises(SystemExit, match="are not what the observations give"):
        volume.check_values(connection)


def test_a_missed_limit_says_so_and_rows_of_other_workloads_stay(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "FILE", tmp_path / "RESULTS.md")
    slow, fast = ratios.Ratio("a", "x", 2.5, 2, 1), ratios.Ratio("b", "x", 4, 3, is_floor=True)
    assert slow.is_missed and not fast.is_missed
    ratios.keep([slow, fast], "a few rows", "15.0")
    ratios.keep([ratios.Ratio("a", "x", 1.5, 2, 1)], "a few rows", "15.0")
    text = results.FILE.read_text()
    assert "| a | x | 1.5 | 2 | 1 | within |" in text
    assert "| b | x | 4 | at least 3 | | within |" in text
    assert "MISSED |" not in text
