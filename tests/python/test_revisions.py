"""What a value was, as first stated and as known at any moment: held against a copy taken after each commit."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest

AS_OF = "select yardstick_api.metric_value_as_of(%s, %s, %s, %s, %s, %s)"


@pytest.fixture
def acme(engine):
    engine.acme = engine.organization("acme", timezone="Europe/Berlin")
    return engine


def as_of(engine, name, at, known, level="org", scope=None, window="daily"):
    with engine.connection.transaction():
        engine.execute("select yardstick_api.use_organization(%s, null)", [engine.acme])
        return engine.one(AS_OF, [name, level, scope, window, at, known])


def now(engine):
    return engine.one("select clock_timestamp()")


def test_a_settled_value_that_changes_stays_known(acme):
    acme.metric("units", time_windows=["daily", "monthly"])
    acme.observe(acme.acme, "units", "2025-01-03T11:00:00Z", 4)
    acme.calculate(datetime(2025, 1, 3, 15, tzinfo=UTC))
    acme.observe(acme.acme, "units", "2025-01-03T16:00:00Z", 1)
    acme.calculate(datetime(2025, 1, 3, 17, tzinfo=UTC))
    assert acme.one("select count(*) from yardstick.metric_calculation_revisions") == 0, "the day still ran"
    acme.calculate(datetime(2025, 1, 4, 1, tzinfo=UTC))
    before = now(acme)
    acme.observe(acme.acme, "units", "2025-01-03T12:00:00Z", 10)
    acme.calculate(datetime(2025, 1, 4, 2, tzinfo=UTC))
    between = now(acme)
    acme.metric("units", time_windows=["daily", "monthly"], calculation_formula="2 * n")
    acme.calculate(datetime(2025, 1, 4, 3, tzinfo=UTC))

    evening = datetime(2025, 1, 4, 12, tzinfo=UTC)
    assert as_of(acme, "units", evening, None) == 5
    assert as_of(acme, "units", evening, before) == 5
    assert as_of(acme, "units", evening, between) == 15
    assert as_of(acme, "units", evening, now(acme)) == 30
    assert as_of(acme, "units", evening, "2025-01-03 20:00Z") is None, "nothing was stated while the day ran"
    rows = acme.execute(
        "select time_window, cause, metric_value, metric_version from yardstick.metric_calculation_revisions order by superseded_at"
    ).fetchall()
    assert rows == [("daily", "late_data", 5, 1), ("daily", "definition", 15, 1)]


def test_a_rank_that_changes_restates_nothing(acme):
    departments = [
        acme.door("sync_department", {"external_id": name, "department_name": name}, acme.acme) for name in ("a", "b", "c")
    ]
    acme.metric("units", aggregation_levels=["dept"])

    def calculated(hour):
        acme.calculate(datetime(2025, 1, 9, hour, tzinfo=UTC))
        found = {key[3]: row for key, row in acme.stored().items()}
        return [(found[d]["value"], found[d]["rank"]) for d in departments]

    for value, department in zip((3, 5, 5), departments, strict=True):
        acme.observe(acme.acme, "units", "2025-01-03T11:00:00Z", value, department_id=str(department))
    assert calculated(1) == [(3, 0), (5, 50), (5, 50)]
    # Only the first has a new value; the places of the others move with it.
    acme.observe(acme.acme, "units", "2025-01-03T12:00:00Z", 4, department_id=str(departments[0]))
    assert calculated(2) == [(7, 100), (5, 0), (5, 0)]
    revised = acme.execute("select aggregation_id, metric_value from yardstick.metric_calculation_revisions").fetchall()
    assert revised == [(departments[0], 3)]
    acme.execute("delete from yardstick.analytics_metrics where department_id = %s", [departments[2]])
    assert calculated(3) == [(7, 100), (5, 0), (None, None)]


def test_causes_are_told_apart(acme):
    first, second = (
        acme.door("sync_department", {"external_id": name, "department_name": name}, acme.acme) for name in ("a", "b")
    )
    acme.metric("units", aggregation_levels=["org", "dept"], time_windows=["weekly"])
    acme.observe(acme.acme, "units", "2025-01-05T11:00:00Z", 3, department_id=str(second))
    acme.observe(acme.acme, "units", "2025-01-05T11:00:00Z", 2, department_id=str(first))
    acme.calculate(datetime(2025, 1, 20, tzinfo=UTC))
    acme.door(
        "sync_department", {"external_id": "b", "department_name": "b", "parent_department_id": str(first)}, acme.acme
    )
    acme.calculate(datetime(2025, 1, 20, 1, tzinfo=UTC))
    acme.organization("acme", timezone="Europe/Berlin", week_start=7)
    acme.calculate(datetime(2025, 1, 20, 2, tzinfo=UTC))
    found = acme.execute(
        "select aggregation_level, aggregation_id, cause, metric_value from yardstick.metric_calculation_revisions order by cause desc, metric_value, 1"
    ).fetchall()
    assert found == [
        ("dept", first, "org_move", 2), ("dept", second, "calendar", 3), ("dept", first, "calendar", 5), ("org", acme.acme, "calendar", 5),
    ]  # fmt: skip


def test_a_correction_of_a_value_kept_by_hand_is_called_so(acme):
    person = acme.door("sync_user", {"external_id": "qm", "user_name": "Quality manager"}, acme.acme)
    acme.door("define_metric", {"metric_name": "ready", "display_name": "Ready", "calculation_method": "manual",
                                "time_windows": ["daily"], "refresh_frequency": "real_time"}, acme.acme)  # fmt: skip
    for value in (70, 80):
        with acme.connection.transaction():
            acme.execute("select yardstick_api.use_organization(%s, %s)", [acme.acme, person])
            acme.execute("select yardstick_api.record_value('ready', %s, %s, reason => 'seen')",
                         [value, datetime(2025, 1, 3, 10 + value // 10, tzinfo=UTC)])  # fmt: skip
        acme.calculate(datetime(2025, 1, 5, value // 10, tzinfo=UTC))
    assert acme.execute("select cause, metric_value from yardstick.metric_calculation_revisions").fetchall() == [("correction", 70)]


def test_bi_sees_what_was_restated(acme):
    acme.metric("units")
    acme.observe(acme.acme, "units", "2025-01-03T11:00:00Z", 4)
    acme.calculate(datetime(2025, 1, 5, tzinfo=UTC))
    for value in (3, 5):
        acme.observe(acme.acme, "units", "2025-01-03T12:00:00Z", value)
        acme.calculate(datetime(2025, 1, 5, value, tzinfo=UTC))
    acme.execute("delete from yardstick.analytics_metrics")
    acme.calculate(datetime(2025, 1, 6, tzinfo=UTC))
    with acme.connection.transaction():
        acme.execute("select yardstick_api.use_organization(%s, null)", [acme.acme])
        acme.execute("set local role yardstick_owner")
        found = acme.execute(
            "select former_value_exact, new_value_exact, difference, cause, period_date from yardstick_bi.metric_restatements order by restated_at"
        ).fetchall()
    day = date(2025, 1, 3)
    assert found == [(4, 7, 3, "late_data", day), (7, 12, 5, "late_data", day), (12, None, None, "late_data", day)]


@pytest.mark.parametrize("seed", [1])
def test_it_answers_as_a_copy_taken_after_each_commit_would(acme, seed):
    pick = random.Random(seed)
    acme.metric("units", time_windows=["daily", "weekly", "monthly"])
    acme.derived("twice", {"u": "units"}, calculation_formula="2 * u", time_windows=["daily", "weekly"])
    moment = datetime(2025, 2, 1, 8, tzinfo=UTC)
    copies = []
    for step in range(10):
        for _ in range(pick.randrange(1, 4)):
            day = moment - timedelta(days=pick.randrange(12), hours=pick.randrange(8))
            if pick.random() < 0.7:
                acme.observe(acme.acme, "units", day.isoformat(), pick.randrange(1, 9))
            else:
                acme.execute("delete from yardstick.analytics_metrics where id in (select id from yardstick.analytics_metrics order by md5(id::text || %s) limit 2)", [str(step)])
        if step == 5:
            acme.metric("units", time_windows=["daily", "weekly", "monthly"], calculation_formula="3 * n")
        moment += timedelta(hours=pick.choice((1, 5, 30)))
        acme.calculate(moment)
        copies.append((now(acme), moment, acme.stored()))
    first = {}
    for _, at, stored in copies:
        for key, row in stored.items():
            if row["ends_at"] <= at:
                first.setdefault(key, row["value"])
    checked = 0
    for known, at, stored in copies:
        for key, row in pick.sample(sorted(stored.items(), key=str), min(len(stored), 25)):
            if row["ends_at"] <= at:
                answer = as_of(acme, key[1], row["ends_at"] + timedelta(minutes=1), known, window=key[4])
                assert answer == row["value"], (key, known)
                assert as_of(acme, key[1], row["ends_at"] + timedelta(minutes=1), None, window=key[4]) == first[key], key
                checked += 1
    assert checked > 100
