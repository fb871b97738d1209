"""Sessions that ask for the same weeks at once: none waits for the transaction of another, and what was asked is calculated."""

import time
from datetime import UTC, datetime, timedelta

import pytest

NOW = datetime(2025, 4, 15, 12, tzinfo=UTC)
FROM, TO = "2025-02-03T12:00Z", "2025-02-12T12:00Z"


@pytest.fixture
def acme(engine):
    organization = engine.organization("acme", timezone="UTC")
    for day in range(1, 29):
        engine.observe(organization, "calls", datetime(2025, 2, day, 12, tzinfo=UTC))
    engine.metric("calls", time_windows=["daily", "monthly"])
    engine.calculate(NOW)
    engine.execute("set statement_timeout = '25s'")
    # A value that only reading its day again puts right.
    engine.execute("update yardstick.metric_partials set value_sum = 77 where period_type = 1 and period_start in ('2025-02-05', '2025-02-20')")
    engine.execute("update yardstick.metric_calculations set metric_value = 77 where time_window = 'daily'")
    return organization


def refresh(session, organization):
    """How many weeks were queued, and the seconds it took."""
    began = time.monotonic()
    session.execute("select yardstick_api.use_organization(%s)", [organization])
    queued = session.execute("select yardstick_api.refresh_metric('calls', %s, %s)", [FROM, TO]).fetchone()[0]
    return queued, time.monotonic() - began


def states(engine):
    return dict(engine.execute(
        "select period_start::text, value_sum::integer from yardstick.metric_partials"
        " where period_type = 1 and period_start in ('2025-02-05', '2025-02-20')"
    ).fetchall())  # fmt: skip


def waiting(engine):
    return engine.one("select count(*) from yardstick.postponed_weeks")


@pytest.mark.parametrize("ending", ["commit", "rollback"])
def test_who_asks_for_weeks_that_another_has_asked_for_waits_two_seconds(engine, database, acme, ending):
    with database.connect(autocommit=False) as first, database.connect(autocommit=False) as second, database.connect(autocommit=False) as third:
        assert refresh(first, acme)[0] == 2
        for session in (second, third):
            queued, seconds = refresh(session, acme)
            assert queued == 2 and seconds < 5
            session.commit()
        getattr(first, ending)()
    assert waiting(engine) == 2
    engine.calculate(NOW + timedelta(minutes=1))
    assert waiting(engine) == 0 and engine.left() == (0, 0)
    # Of the metric only what was asked for is read again.
    assert states(engine) == {"2025-02-05": 1, "2025-02-20": 77}


def test_weeks_wait_on_while_the_other_transaction_is_open(engine, database, acme):
    with database.connect(autocommit=False) as first:
        refresh(first, acme)
        with database.connect() as second, second.transaction():
            refresh(second, acme)
        engine.calculate(NOW + timedelta(minutes=1))
        assert waiting(engine) == 1 and states(engine)["2025-02-05"] == 77
        # Whoever asks exactly has them read.
        cell = ("calls", "org", acme, "daily", "2025-02-06T00:00Z")
        assert engine.exact(acme, [cell]) == [1]
        first.rollback()
    engine.calculate(NOW + timedelta(minutes=2))
    assert waiting(engine) == 0 and states(engine)["2025-02-05"] == 1


def test_who_asks_for_weeks_that_a_worker_reads_waits_two_seconds(engine, database, acme):
    with engine.connection.transaction():
        refresh(engine, acme)
    with database.connect(autocommit=False) as worker, database.connect(autocommit=False) as asking:
        assert worker.execute("select yardstick_engine.calculate_next(%s)", [NOW]).fetchone()[0]["period_type"] == 2
        queued, seconds = refresh(asking, acme)
        assert queued == 2 and seconds < 5
        asking.commit()
        worker.commit()
    engine.execute("update yardstick.metric_partials set value_sum = 66 where period_type = 1 and period_start = '2025-02-05'")
    engine.calculate(NOW + timedelta(minutes=1))
    assert waiting(engine) == 0 and states(engine)["2025-02-05"] == 1


def test_a_whole_history_is_postponed_likewise(engine, database, acme):
    with database.connect(autocommit=False) as first:
        refresh(first, acme)
        began = time.monotonic()
        assert engine.metric("calls", time_windows=["daily", "weekly", "monthly"]) is not None
        assert engine.door("sync_organization", {"external_id": "acme", "organization_name": "acme", "timezone": "Asia/Tokyo"}) == acme
        assert time.monotonic() - began < 10
        first.rollback()
    assert waiting(engine) > 0
    engine.calculate(NOW + timedelta(minutes=1))
    assert waiting(engine) == 0 and engine.left() == (0, 0)
    assert states(engine) == {"2025-02-05": 1, "2025-02-20": 1}
    assert engine.values("calls", "weekly") != {}
