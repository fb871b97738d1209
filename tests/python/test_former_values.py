"""What a former definition, a former source or a closed organization left behind: nothing of it is taken for what serves now."""

from datetime import UTC, datetime, timedelta

import pytest

NOW = datetime(2025, 11, 20, 12, tzinfo=UTC)
WINDOWS = ["daily", "weekly", "monthly", "quarterly", "annual"]
HOST = """
create schema host;
create table host.rows (organization uuid, department text, kind text, happened_at timestamptz, amount numeric);
create table host.few (like host.rows);
grant usage on schema host to yardstick_reader;
grant select on all tables in schema host to yardstick_reader;
"""
SOURCE = {
    "name": "rows", "relation": "host.rows", "time_column": "happened_at", "organization_column": "organization",
    "levels": {"dept": "department"}, "key_column": "kind",
}  # fmt: skip


class Plant:
    """Rows of kind a each day from October of the year before, and of kind b in two months of this year."""

    def __init__(self, engine):
        self.engine, self.now = engine, NOW
        self.id = engine.organization("plant", timezone="UTC")
        for name in ("left", "right"):
            engine.door("sync_department", {"external_id": name, "department_name": name}, self.id)
        engine.execute(HOST)
        self.add("a", "left", "2024-10-03", "2025-11-19", 2)
        self.add("b", "right", "2025-05-03", "2025-06-19", 5)

    def add(self, kind, department, first, last, amount, organization=None, table="rows"):
        self.engine.execute(
            f"insert into host.{table} select %s, %s, %s, d.at + interval '12 hours', %s"
            " from generate_series((%s || ' 00:00Z')::timestamptz, (%s || ' 00:00Z')::timestamptz, '1 day') as d (at)",
            [organization or self.id, department, kind, amount, first, last],
        )

    def register(self, **keys):
        self.engine.door("register_source", {**SOURCE, **keys})

    def define(self, agg="sum", key="a", **keys):
        measure = {"agg": agg, **({} if agg == "count" else {"value": "amount"})}
        self.engine.metric("m", source="rows", measures={"n": measure}, key=key, aggregation_levels=["org", "dept"], time_windows=WINDOWS, **keys)

    def settle(self):
        self.now = self.engine.settle(self.now + timedelta(minutes=1))

    def sums(self, window, kind="a", table="rows", organization=None):
        """By organization or department, and first day: the plain sum."""
        unit = {"daily": "day", "weekly": "week", "monthly": "month", "quarterly": "quarter", "annual": "year"}[window]
        rows = self.engine.execute(
            f"select k.level, k.name, date_trunc('{unit}', r.happened_at at time zone 'UTC')::date, round(sum(r.amount), 4)"
            f" from host.{table} as r cross join lateral (values ('org', ''), ('dept', r.department)) as k (level, name)"
            " where r.kind = %s and r.organization = %s group by 1, 2, 3", [kind, organization or self.id],
        ).fetchall()  # fmt: skip
        return {row[:3]: row[3] for row in rows}

    def values(self, window, metric="m", organization=None):
        rows = self.engine.execute(
            "select c.aggregation_level, coalesce(e.external_id, ''), (c.period_start at time zone 'UTC')::date, c.metric_value"
            " from yardstick.metric_calculations as c inner join yardstick.metric_definitions as d on d.id = c.metric_id"
            " left join yardstick.departments as e on e.id = c.aggregation_id"
            " where d.metric_name = %s and c.time_window = %s and c.organization_id = %s and c.metric_value is not null",
            [metric, window, organization or self.id],
        ).fetchall()
        return {row[:3]: row[3] for row in rows}

    def check(self, **keys):
        for window in WINDOWS:
            assert self.values(window) == self.sums(window, **keys), window


@pytest.fixture(params=[True, False], ids=["captured", "looked through"])
def plant(engine, request):
    made = Plant(engine)
    made.register(capture=request.param)
    return made


def test_periods_and_departments_that_a_new_definition_has_no_rows_of_are_emptied(plant):
    plant.define()
    plant.settle()
    plant.check()
    plant.define(key="b")
    plant.settle()
    plant.check(kind="b")
    # What had been stated stays known, once.
    causes = "select distinct cause, metric_version from yardstick.metric_calculation_revisions"
    assert plant.engine.execute(causes).fetchall() == [("definition", 1)]
    stated = plant.engine.one("select count(*) from yardstick.metric_calculation_revisions where time_window = 'monthly'")
    assert stated == 26, "13 months that have ended, of the organization and of a department"
    notes = "select distinct calculation_notes, metadata ->> 'completeness' from yardstick.metric_calculations where metric_value is null"
    assert {row[0] for row in plant.engine.execute(notes).fetchall()} == {"no source rows are left in this period"}


def test_states_that_nobody_brought_up_to_date_are_read_anew(plant):
    plant.define()
    plant.settle()
    plant.define("count")
    plant.settle()
    # The history gets shorter at both ends while the sums are of no use.
    plant.engine.execute("delete from host.rows where happened_at < '2025-01-15' or happened_at > '2025-10-20'")
    plant.settle()
    plant.define()
    plant.settle()
    plant.check()


def test_a_metric_that_comes_back_is_what_the_rows_say_then(plant):
    plant.define()
    plant.settle()
    plant.engine.execute("select yardstick_api.retire_metric('m', 'of no use')")
    plant.engine.execute("delete from host.rows where happened_at < '2025-01-15'")
    plant.settle()
    plant.define()
    plant.settle()
    plant.check()


def test_a_source_that_is_another_table_now_leaves_nothing_of_the_former_one(plant):
    plant.define()
    plant.settle()
    plant.add("a", "right", "2025-02-10", "2025-03-20", 3, table="few")
    plant.register(relation="host.few")
    plant.settle()
    plant.check(table="few")


def test_a_metric_made_of_others_loses_the_periods_that_its_parts_have_not(plant):
    engine = plant.engine
    for kind in "ab":
        engine.metric(f"of_{kind}", source="rows", measures={"n": {"agg": "sum", "value": "amount"}}, key=kind, time_windows=WINDOWS)
    engine.derived("made", {"x": "of_a"}, calculation_formula="x", time_windows=WINDOWS)
    plant.settle()
    engine.derived("made", {"x": "of_b"}, calculation_formula="x", time_windows=WINDOWS)
    plant.settle()
    for window in WINDOWS:
        wanted = {key: value for key, value in plant.sums(window, "b").items() if key[0] == "org"}
        assert plant.values(window, "made") == wanted, window


def test_a_closed_organization_keeps_its_values(plant):
    birch = plant.engine.organization("birch", timezone="UTC")
    plant.add("a", None, "2024-09-01", "2025-11-02", 7, birch)
    plant.define()
    plant.settle()
    known = {window: plant.values(window, organization=birch) for window in WINDOWS}
    assert all(known.values())
    plant.engine.door("sync_organization", {"id": birch, "is_active": False})
    plant.engine.refresh(plant.id, "m", "2024-10-01", "2025-11-20")
    # A row of both on one day, so that one's changed days are read beside the other's.
    plant.add("a", "left", "2025-10-08", "2025-10-08", 9)
    plant.add("a", None, "2025-10-09", "2025-10-09", 9, birch)
    plant.settle()
    plant.define(description="the same, in other words")
    plant.settle()
    assert {window: plant.values(window, organization=birch) for window in WINDOWS} == known
    assert plant.engine.left() == (0, 0)

    plant.engine.execute("delete from host.rows where organization = %s and happened_at < '2025-02-15'", [birch])
    plant.settle()
    plant.engine.door("sync_organization", {"id": birch, "is_active": True})
    plant.settle()
    for window in WINDOWS:
        found = {key[::2]: value for key, value in plant.values(window, organization=birch).items()}
        assert found == {key[::2]: value for key, value in plant.sums(window, organization=birch).items() if key[0] == "org"}, window


def test_changes_that_only_retired_metrics_would_read_do_not_pile_up(plant):
    plant.define()
    plant.settle()
    plant.engine.execute("select yardstick_api.retire_metric('m', 'of no use')")
    for day in (3, 4, 5):
        plant.add("a", "left", f"2025-11-0{day}", f"2025-11-0{day}", 1)
        plant.settle()
    assert plant.engine.left() == (0, 0)
