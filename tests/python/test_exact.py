"""An exact value is what the rows say now, before anything is calculated, and what is stored afterwards."""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import psycopg
import pytest

WINDOWS = ["daily", "weekly", "monthly", "quarterly", "annual"]
NOW = datetime(2025, 4, 15, 12, tzinfo=UTC)


HOST = """
create schema host;
create table host.notes (organization text, happened_on date, at timestamp, amount double precision, kind text, unit text, noted timestamptz default now());
insert into host.notes
select 'acme', d.day, d.day + interval '10 hours', extract(day from d.day), 'k' || extract(day from d.day)::int %% 4, 'u1'
from generate_series(timestamp '2025-02-01', '2025-03-20', interval '1 day') as d (day);
grant usage on schema host to yardstick_reader;
grant select on host.notes to yardstick_reader;
""".replace("%%", "%")

PLAIN = {
    "total": "sum(amount) filter (where amount not in ('NaN', 'Infinity'))",
    "distinct": "count(distinct kind)",
    "middle": "percentile_cont(0.5) within group (order by amount)",
    "newest": "(array_agg(amount order by {time} desc, amount desc))[1]",
    "spread": "stddev_samp(amount)",
}


@pytest.fixture
def acme(engine):
    engine.execute(HOST)
    return engine.organization("acme", timezone="America/New_York")


def source(engine, time_column, **keys):
    engine.door("register_source", {
        "name": "notes", "relation": "host.notes", "time_column": time_column, "organization_column": "organization", **keys,
    })  # fmt: skip


def measures(engine):
    for name, measure in {
        "total": {"agg": "sum", "value": "amount"}, "distinct": {"agg": "count_distinct", "value": "kind"},
        "middle": {"agg": "percentile", "p": 50, "value": "amount"}, "newest": {"agg": "last", "value": "amount"},
        "spread": {"agg": "stddev", "value": "amount"},
    }.items():  # fmt: skip
        engine.metric(name, source="notes", measures={"n": measure}, time_windows=["daily", "monthly", "annual"])


def plain(engine, name, time_column, low, high):
    value = engine.one(f"select ({PLAIN[name].format(time=time_column)})::numeric from host.notes where happened_on >= %s and happened_on < %s", [low, high])
    return None if value is None else round(value, 4)


@pytest.mark.parametrize(
    ("time_column", "keys"),
    [
        ("happened_on", {"capture": True}), ("at", {"capture": True}), ("at", {"capture": False}),
        ("at", {"capture": False, "watermark_column": "noted"}),
    ],
)  # fmt: skip
def test_registered_tables_with_and_without_capture(engine, acme, time_column, keys):
    source(engine, time_column, **keys)
    measures(engine)
    engine.calculate(NOW)
    engine.calculate(NOW + timedelta(minutes=1))
    for change in (
        "select 1",
        "insert into host.notes values ('acme', '2025-03-05', '2025-03-05 12:00', 1.5, 'new', 'u1'), ('acme', '2025-03-20', '2025-03-20 23:59', 'NaN', 'k1', 'u1')",
        "delete from host.notes where happened_on = '2025-03-04'",
        "update host.notes set amount = amount * 2, kind = 'other' where happened_on between '2025-02-27' and '2025-03-02'",
    ):
        engine.execute(change)
        for window, low, high in (("daily", date(2025, 3, 4), date(2025, 3, 5)), ("monthly", date(2025, 3, 1), date(2025, 4, 1)),
                                  ("monthly", date(2025, 2, 1), date(2025, 3, 1))):  # fmt: skip
            at = datetime(high.year, high.month, high.day, 12, tzinfo=UTC)
            names = [name for name in PLAIN if "NaN" not in change or name in ("total", "distinct")]
            found = engine.exact(acme, [(name, "org", None, window, at) for name in names])
            wanted = [plain(engine, name, time_column, low, high) for name in names]
            if window == "daily" and wanted[1] == 0:
                wanted = [None] * len(wanted)
            assert found == wanted, (change, window)
        engine.execute("update host.notes set amount = 7 where amount = 'NaN'")


def test_clean_values_cost_no_look_at_the_source(engine, acme, database):
    source(engine, "happened_on", capture=True)
    measures(engine)
    engine.calculate(NOW)
    engine.calculate(NOW + timedelta(minutes=1))
    march = ("total", "org", None, "monthly", datetime(2025, 4, 1, 12, tzinfo=UTC))
    february = ("total", "org", None, "monthly", datetime(2025, 3, 1, 12, tzinfo=UTC))
    engine.execute("insert into host.notes values ('acme', '2025-03-05', '2025-03-05 12:00', 1.5, 'new', 'u1')")
    with database.connect() as holder, holder.transaction():
        holder.execute("lock table host.notes in access exclusive mode")
        # Two seconds at most, and then it says so.
        assert engine.exact(acme, [february]) == [Decimal(28 * 29 // 2)]
        with pytest.raises(psycopg.Error) as refused:
            engine.exact(acme, [march])
    assert refused.value.sqlstate == "YS010" and "55P03" in str(refused.value)
    assert engine.exact(acme, [march]) == [Decimal("211.5")]


def test_days_without_rows_are_filled_as_they_are_stored(engine, acme):
    chance = random.Random(5)
    days = [datetime.now(UTC).replace(hour=15, minute=0, second=0, microsecond=0) - timedelta(days=n) for n in range(12, 0, -1)]
    engine.observe(acme, "seen", days[0].isoformat(), 3)
    for name, fill in (("zeros", "zero"), ("carried", "carry_forward")):
        engine.door("define_metric", {
            "metric_name": name, "display_name": name, "calculation_method": "aggregation", "refresh_frequency": "real_time",
            "data_sources": {"source": "analytics_metrics", "key": "seen", "measures": {"n": {"agg": "sum"}}, "fill": fill},
            "time_windows": ["daily", "monthly"],
        })  # fmt: skip
    engine.metric("seen")
    clock = datetime.now(UTC)
    for step in range(8):
        day = chance.choice(days[1:])
        if chance.random() < 0.6:
            engine.observe(acme, "seen", day.isoformat(), chance.randrange(100))
        else:
            engine.execute("delete from yardstick.analytics_metrics where measurement_date = %s", [day])
        cells = [(name, "org", None, "daily", at + timedelta(days=1)) for name in ("zeros", "carried", "seen") for at in days]
        found = engine.exact(acme, cells)
        sums = dict(engine.execute("select measurement_date::date, sum(value) from yardstick.analytics_metrics group by 1").fetchall())
        wanted, zero, last = [], [], None
        for at in days:
            last = sums.get(at.date(), last)
            zero.append(sums.get(at.date(), None if last is None else Decimal(0)))
            wanted.append(last)
        assert found == [*zero, *wanted, *(sums.get(at.date()) for at in days)], step
        if step % 3 == 1:
            engine.calculate(clock + timedelta(minutes=step))
            engine.calculate(clock + timedelta(minutes=step, seconds=1))
            stored = {(key[1], key[5]): row["value"] for key, row in engine.stored().items() if key[4] == "daily"}
            assert [stored.get((cell[0], at.date())) for cell, at in zip(cells, days * 3, strict=True)] == engine.exact(acme, cells)


def test_a_score_takes_its_parts_and_targets_as_they_are(engine, acme):
    for name, value in (("closed", 40), ("late", 5)):
        engine.observe(acme, name, "2025-04-14T15:00:00Z", value)
    engine.metric("closed", target_value=80, direction="higher_better")
    engine.metric("late", target_value=4, direction="lower_better")
    engine.derived("score", {"c": {"metric": "closed", "weight": 3}, "l": {"metric": "late", "weight": 1}}, metric_type="score")
    cell = ("score", "org", None, "daily", datetime(2025, 4, 15, 15, tzinfo=UTC))
    assert engine.exact(acme, [cell]) == [Decimal("57.5")]
    engine.calculate(NOW)
    assert engine.values("score") == {date(2025, 4, 14): Decimal("57.5")}
    engine.observe(acme, "closed", "2025-04-14T15:00:00Z", 40)
    assert engine.exact(acme, [cell]) == [95]
    assert engine.values("score") == {date(2025, 4, 14): Decimal("57.5")}


def test_what_cannot_be_exact_says_so(engine, acme):
    source(engine, "happened_on")
    engine.door("define_metric", {
        "metric_name": "asked", "display_name": "asked", "calculation_method": "sql", "data_sources": {"sources": ["notes"]},
        "calculation_formula": "select sum(amount) as value from notes", "time_windows": ["daily"],
    })  # fmt: skip
    engine.metric("readings", source="notes", measures={"n": {"agg": "sum", "value": "unit::numeric"}})
    engine.derived("both", {"a": "asked"}, calculation_formula="a")
    for name, words in (("asked", "refresh_metric"), ("both", "refresh_metric"), ("readings", "22P02")):
        with pytest.raises(psycopg.Error) as refused:
            engine.exact(acme, [(name, "org", None, "daily", datetime(2025, 3, 11, 12, tzinfo=UTC))])
        assert refused.value.sqlstate == "YS010" and words in str(refused.value) and "u1" not in str(refused.value)
    engine.execute("alter table host.notes rename column unit to units")
    engine.calculate(NOW)
    with pytest.raises(psycopg.Error) as refused:
        engine.exact(acme, [("readings", "org", None, "daily", datetime(2025, 3, 11, 12, tzinfo=UTC))])
    assert refused.value.sqlstate == "YS010" and "drifted" in str(refused.value)


def test_an_application_reaches_its_own_organization_alone(engine, database):
    mine, theirs = engine.organization("mine"), engine.organization("theirs")
    for organization, value in ((mine, 1), (theirs, 100)):
        engine.observe(organization, "level", "2025-04-14T15:00:00Z", value)
    engine.metric("level", aggregation_levels=["org", "dept"])
    department = engine.door("sync_department", {"external_id": "d", "department_name": "D"}, theirs)
    name = f"exact_app_{database.name[-8:]}"
    engine.execute(f"create role {name} login in role yardstick_app")
    try:
        engine.execute("select yardstick_api.bind_login(%s, %s, 'trusted')", [name, mine])
        call = "select yardstick_api.metric_value('level', %s, %s, 'daily', '2025-04-15 12:00Z', true)"
        with database.connect(role=name, autocommit=False) as application:
            application.execute("select yardstick_api.use_organization(%s)", [mine])
            assert application.execute(call, ["org", None]).fetchone() == (1,)
            for level, scope in (("org", theirs), ("dept", department)):
                with pytest.raises(psycopg.Error) as refused, application.transaction():
                    application.execute(call, [level, scope])
                assert refused.value.sqlstate == "YS003"
            with pytest.raises(psycopg.errors.InsufficientPrivilege), application.transaction():
                application.execute(
                    "select yardstick_engine.exact_value(%s, %s, 'org', %s, 'daily', now())", [theirs, theirs, theirs]
                )
    finally:
        engine.execute(f"drop role {name}")


def test_a_metric_in_real_time_is_current_at_the_next_tick(engine, acme):
    engine.metric("level", time_windows=WINDOWS)
    engine.metric("monthly_level", key="level", time_windows=WINDOWS, refresh_frequency="monthly")
    engine.derived("twice", {"l": "level"}, calculation_formula="2 * l", time_windows=WINDOWS, refresh_frequency="real_time")
    engine.observe(acme, "level", "2025-04-14T15:00:00Z", 1)
    engine.calculate(NOW)
    for minute in range(1, 5):
        engine.observe(acme, "level", f"2025-04-{10 + minute}T15:00:00Z", minute)
        engine.calculate(NOW + timedelta(minutes=minute))
        for window in WINDOWS:
            for name, factor in (("level", 1), ("twice", 2)):
                assert sum(engine.values(name, window).values()) == factor * (1 + sum(range(minute + 1))), (name, window)
