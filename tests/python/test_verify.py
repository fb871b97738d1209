"""What verify_rollup says: nothing where nobody meddled, and what differs where somebody did."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.python.test_incremental import DERIVED, METRICS, World

VERIFIED = (
    "select time_window, period_start, aggregation_level, aggregation_id, stored_value, recomputed_value, is_equal, detail"
    " from yardstick_api.verify_rollup(%s, %s, %s)"
)


def verified(engine, name, sample=1000, seed=1):
    return engine.execute(VERIFIED, [name, sample, seed]).fetchall()


def unequal(engine, name, sample=1000):
    return [row for row in verified(engine, name, sample) if row[6] is not True]


def at(month, day, hour=12):
    return datetime(2025, month, day, hour, tzinfo=UTC)


@pytest.fixture
def world(engine):
    world = World(engine, 4)
    for organization in world.members:
        engine.record(organization, [world.observation(organization) for _ in range(60)])
    world.define()
    for _ in range(6):
        engine.calculate(world.now)
        for _ in range(4):
            world.happen()
        world.now += timedelta(minutes=1)
    engine.calculate(world.now)
    return world


def test_an_untouched_database_gives_only_equal_rows(world):
    engine = world.engine
    for name, (*_, levels, windows) in {**METRICS, **DERIVED}.items():
        rows = verified(engine, name, 150)
        assert [row for row in rows if row[6] is not True] == [], name
        assert {row[2] for row in rows} == set(levels) and {row[0] for row in rows} == set(windows), name


def test_a_stored_value_that_was_changed_is_found(world):
    engine = world.engine
    # The samples are by a hash of ids that are other ones each time: change what both of them hold.
    sampled = {row[:4] for row in verified(engine, "cost_of_one") if row[0] == "monthly" and row[4] is not None}
    sampled &= {row[:4] for row in verified(engine, "total_cost") if row[4] is not None}
    changed = sorted({row[2]: row for row in sorted(sampled, key=str)}.values(), key=lambda row: row[2])
    assert [row[2] for row in changed] == ["dept", "org", "team", "user"]
    for row in changed:
        engine.execute(
            "update yardstick.metric_calculations as c set metric_value = metric_value + 100 from yardstick.metric_definitions as d"
            " where d.id = c.metric_id and d.metric_name = 'total_cost'"
            " and (c.time_window, c.period_start, c.aggregation_level, c.aggregation_id) = (%s, %s, %s, %s)",
            row,
        )
    found = unequal(engine, "total_cost")
    assert sorted((row[:4] for row in found), key=lambda row: row[2]) == changed
    assert {row[6:] for row in found} == {(False, "the value differs")}
    # What is made of it is held against the value as it stands.
    found = unequal(engine, "cost_of_one")
    assert sorted((row[:4] for row in found), key=lambda row: row[2]) == changed
    assert {row[7] for row in found} == {"the value differs"}


@pytest.mark.parametrize(("period_type", "named"), [(1, "days"), (3, "period")])
def test_a_state_that_was_changed_is_found_before_it_shows(world, period_type, named):
    engine = world.engine
    engine.execute(
        "update yardstick.metric_partials set row_count = row_count + 1 where (series_id, period_type, period_start) = ("
        " select p.series_id, p.period_type, p.period_start from yardstick.metric_partials as p"
        " inner join yardstick.metric_series as s on s.series_id = p.series_id"
        " where p.period_type = %s and s.measure_id in ("
        "  select yardstick_engine.metric_measure_ids(d.id) from yardstick.metric_definitions as d where d.metric_name = 'observations')"
        " order by p.series_id, p.period_start limit 1)",
        [period_type],
    )
    found = unequal(engine, "observations")
    assert found and all(row[4] == row[5] and row[6] is False for row in found)
    assert all(row[7].startswith(f"the states stored for its {named} say") for row in found), found


def test_what_waits_is_left_out(world):
    engine = world.engine
    organization = next(iter(world.members))
    engine.observe(organization, "cost", world.now - timedelta(days=3), 99999)
    engine.execute("update yardstick.analytics_metrics set value = value + 1 where metric_name = 'cost'")
    assert engine.one("select count(*) from yardstick.source_changes") > 0
    for name in METRICS:
        assert unequal(engine, name, 50) == []


def test_a_source_that_was_changed_behind_the_engines_back_is_found(world):
    engine = world.engine
    engine.execute("alter table yardstick.analytics_metrics disable trigger all")
    engine.execute("update yardstick.analytics_metrics set value = value + 1 where metric_name = 'cost'")
    engine.execute("alter table yardstick.analytics_metrics enable trigger all")
    found = unequal(engine, "total_cost")
    assert found and all("the value differs; the states stored" in row[7] for row in found)


def test_the_same_seed_takes_the_same_sample_and_each_level_and_window(world):
    engine = world.engine
    assert verified(engine, "observations", 20, 7) == verified(engine, "observations", 20, 7)
    assert verified(engine, "observations", 20, 7) != verified(engine, "observations", 20, 8)
    rows = verified(engine, "observations", 20, 7)
    assert len(rows) == 20 and len({(row[0], row[2]) for row in rows}) == 20


def test_a_count_of_days_without_any_is_recomputed_as_it_is_stored(engine):
    acme = engine.organization("acme", timezone="Europe/Berlin")
    for day, value in ((3, 60), (4, None), (9, 1), (20, None)):
        engine.observe(acme, "seen", at(1, day), value, value_text="seen")
    engine.metric(
        "dear", key="seen", measures={"rows": {"agg": "count"}, "dear": {"agg": "count", "value": "value", "where": "value is null or value > 50", "over_time": "last"}},
        calculation_formula="dear + 0 * rows", time_windows=["daily", "weekly", "monthly"],
    )  # fmt: skip
    engine.calculate(at(2, 1))
    # In the week of the 9th none is, on the 20th nothing has a value; of the 3rd and 4th the last that counts is the 3rd.
    assert engine.values("dear", "weekly") == {date(2024, 12, 30): 1, date(2025, 1, 6): 0, date(2025, 1, 20): 0}
    assert engine.values("dear", "monthly") == {date(2025, 1, 1): 1}
    assert unequal(engine, "dear") == []


def test_filled_periods_are_recomputed_too(engine):
    acme = engine.organization("acme", timezone="Europe/Berlin")
    for name, fill, agg in (("incidents", "zero", "count"), ("open_capas", "carry_forward", "last")):
        engine.record(
            acme,
            [
                {"metric_name": name, "measured_at": f"2025-01-{day:02}T11:00:00Z", "value": 40 - day}
                for day in (3, 3, 6)
            ],
        )
        engine.metric(
            name, time_windows=["daily", "weekly"],
            data_sources={"source": "analytics_metrics", "key": name, "fill": fill, "measures": {"n": {"agg": agg}}},
        )  # fmt: skip
    engine.calculate(at(1, 9))
    for name in ("incidents", "open_capas"):
        rows = verified(engine, name)
        assert len(rows) > 6 and [row for row in rows if row[6] is not True] == []
    engine.execute("update yardstick.metric_calculations set metric_value = 3 where sample_size = 0 and time_window = 'daily'")
    assert unequal(engine, "incidents") and unequal(engine, "open_capas")


def test_what_fails_fails_again(engine):
    acme = engine.organization("acme", timezone="Europe/Berlin")
    engine.record(
        acme,
        [{"metric_name": "load", "measured_at": f"2025-01-0{day}T11:00:00Z", "value": value}
         for day, value in ((3, 4), (4, -4))],
    )  # fmt: skip
    engine.metric("root", calculation_formula="sqrt(n)", key="load", time_windows=["daily"])
    engine.calculate(at(1, 6))
    found = verified(engine, "root")
    assert sorted((row[4], row[5], row[6]) for row in found if row[4] is not None) == [(2, 2, True)]
    assert [row[6:] for row in found if row[4] is None] == [
        (True, "fails again: 2201F a value could not be read as the number, date or time it is used as")
    ]


HOST = """
create schema host;
create table host.rows (organization uuid, happened_at timestamptz, amount numeric, kind text);
grant usage on schema host to yardstick_reader;
grant select on host.rows to yardstick_reader;
"""
KINDS = {
    "list": ({"agg": "percentile", "p": 90, "value": "amount"}, "value_list = value_list || array[5000]", "rows, sum, smallest, largest"),
    "keys": ({"agg": "count_distinct", "value": "kind"}, "key_list = key_list || gen_random_uuid()", "rows, different values"),
    "first": ({"agg": "first", "value": "amount"}, "first_value = first_value + 1", "rows, first, last"),
    "last": ({"agg": "first", "value": "amount"}, "last_value = last_value + 1", "rows, first, last"),
    "rows": ({"agg": "last", "value": "amount"}, "row_count = row_count + 1", "rows, first, last"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_list_and_ends_and_keys_that_were_changed_are_found_before_they_show(engine, kind):
    measure, change, named = KINDS[kind]
    now = datetime(2025, 6, 20, 12, tzinfo=UTC)
    organization = engine.organization("acme", timezone="UTC")
    engine.execute(HOST)
    engine.execute(
        "insert into host.rows select %s, %s::timestamptz - n * interval '5 hours', n * 37 %% 101, chr(97 + n %% 3) from generate_series(1, 300) as n",
        [organization, now],
    )
    engine.door("register_source", {
        "name": "rows", "relation": "host.rows", "time_column": "happened_at", "organization_column": "organization", "capture": True,
    })  # fmt: skip
    engine.metric("m", source="rows", measures={"n": measure}, time_windows=["daily", "monthly"])
    engine.settle(now)
    assert unequal(engine, "m", 500) == []
    # In the middle of a day: its own ends and those of its month stay.
    assert engine.execute(f"update yardstick.metric_details set {change} where period_start = '2025-06-01'").rowcount == 1
    found = unequal(engine, "m", 500)
    assert {row[0] for row in found} >= {"daily"}
    assert all(row[4] == row[5] and row[6] is False and row[7].startswith("the states stored for its days say") for row in found)
    assert all(row[7].endswith(f"({named})") for row in found), found


def take(engine, name, level, window, text):
    """Does something to one value of a metric, the middle one, and says which."""
    row = engine.execute(
        "select c.time_window, c.period_start, c.aggregation_level, c.aggregation_id from yardstick.metric_calculations as c"
        " inner join yardstick.metric_definitions as d on d.id = c.metric_id and d.metric_name = %s"
        " where c.aggregation_level = %s and c.time_window = %s and c.sample_size > 0 and c.metric_value is not null"
        " order by c.period_start, c.organization_id, c.aggregation_id limit 1 offset 1",
        [name, level, window],
    ).fetchone()
    assert engine.execute(
        f"{text} and (c.time_window, c.period_start, c.aggregation_level, c.aggregation_id) = (%s, %s, %s, %s)"
        " and c.metric_id = (select d.id from yardstick.metric_definitions as d where d.metric_name = %s)",
        [*row, name],
    ).rowcount == 1  # fmt: skip
    return row


@pytest.fixture
def small(engine):
    """One organization with a department, rows of some days, and a metric made of two."""
    acme = engine.organization("acme", timezone="Europe/Berlin")
    above = engine.door("sync_department", {"external_id": "a", "department_name": "A"}, acme)
    below = engine.door("sync_department", {"external_id": "b", "department_name": "B", "parent_department_id": above}, acme)
    engine.record(acme, [
        {"metric_name": name, "measured_at": f"2025-01-{day:02}T11:00:00Z", "value": day, "department_id": place}
        for name in ("load", "units") for day in (2, 3, 3, 9, 17) for place in (above, below, None)
    ])  # fmt: skip
    keys = {"time_windows": ["daily", "monthly"], "aggregation_levels": ["org", "dept"]}
    engine.metric("load", **keys)
    engine.metric("units", measures={"few": {"agg": "sum", "where": "value < 5"}, "every": {"agg": "count"}}, key="units",
                  calculation_formula="few / every", **keys)  # fmt: skip
    engine.derived("ratio", {"l": "load", "u": "units"}, calculation_formula="l / u", **keys)
    engine.calculate(at(1, 20))
    for name in ("load", "units", "ratio"):
        rows = verified(engine, name)
        assert len(rows) >= 15 and [row for row in rows if row[6] is not True] == []
    return engine


@pytest.mark.parametrize("name", ["load", "units", "ratio"])
def test_a_value_that_was_deleted_is_missed(small, name):
    wanted = [
        take(small, name, level, window, "delete from yardstick.metric_calculations as c where true")
        for level, window in (("org", "daily"), ("dept", "daily"), ("dept", "monthly"))
    ]
    found = unequal(small, name)
    assert sorted(row[:4] for row in found) == sorted(wanted)
    assert {(row[4], row[6]) for row in found} == {(None, False)}
    assert all(row[5] is not None and row[7].startswith("no value is stored, and there is one of ") for row in found), found
    # With its states gone as well.
    small.execute("delete from yardstick.metric_partials")
    small.execute("delete from yardstick.metric_calculations as c using yardstick.metric_definitions as d where d.id = c.metric_id and d.metric_name = %s", [name])
    assert len(unequal(small, name)) >= 15


@pytest.mark.parametrize("name", ["load", "units", "ratio"])
def test_a_sample_size_that_was_changed_is_found(small, name):
    row = take(small, name, "dept", "daily", "update yardstick.metric_calculations as c set sample_size = sample_size + 1 where true")
    ((*key, stored, recomputed, is_equal, detail),) = unequal(small, name)
    assert (tuple(key), is_equal) == (row, False) and stored == recomputed
    assert detail.startswith("sample_size is stored as ")


def test_a_value_that_nothing_gives_is_found(small):
    small.execute(
        "insert into yardstick.metric_calculations (organization_id, metric_id, aggregation_level, aggregation_id, time_window, period_start,"
        " period_end, metric_value, sample_size, metric_version, calculation_timestamp)"
        " select c.organization_id, c.metric_id, c.aggregation_level, c.aggregation_id, c.time_window, c.period_start + interval '2 days',"
        " c.period_end + interval '2 days', 7, 1, 1, now() from yardstick.metric_calculations as c"
        " inner join yardstick.metric_definitions as d on d.id = c.metric_id and d.metric_name = 'load'"
        " where c.aggregation_level = 'org' and c.time_window = 'daily' and c.period_start = '2025-01-02 23:00Z'"
    )
    ((window, start, level, _, stored, recomputed, is_equal, detail),) = unequal(small, "load")
    assert (window, start, level, stored, recomputed, is_equal) == ("daily", datetime(2025, 1, 4, 23, tzinfo=UTC), "org", 7, None, False)
    assert detail == "the value differs; sample_size is stored as 1 and there are 0 rows"


def test_what_retention_removed_and_what_has_no_rows_is_not_missed(small):
    small.execute(
        "insert into yardstick.retention_marks (organization_id, metric_id, kept_from, days_kept_from)"
        " select o.id, d.id, '2025-02-01', '2025-02-01' from yardstick.organizations as o cross join yardstick.metric_definitions as d"
    )
    for name in ("load", "ratio"):
        take(small, name, "org", "daily", "delete from yardstick.metric_calculations as c where true")
        assert unequal(small, name) == []
