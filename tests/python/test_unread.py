"""While part of a history cannot be read, nothing is stated of it: no number of some of its rows, and no restatement when the rest is read."""

from datetime import UTC, datetime, timedelta

import pytest

NOW = datetime(2024, 9, 5, 12, tzinfo=UTC)
WINDOWS = ["weekly", "monthly", "quarterly", "annual"]
HOST = """
create schema host;
create table host.notes (organization text, department text, happened_at timestamptz, amount text);
insert into host.notes
select u.organization, (array['a', 'b'])[1 + n % 2], d.at + n * interval '3 hours', ((extract(doy from d.at)::integer * 7 + n * 13) % 101)::text
from generate_series(timestamptz '2024-03-01 02:00Z', '2024-09-04 02:00Z', interval '1 day') as d (at),
    unnest('{east,west}'::text[]) as u (organization), generate_series(0, 2) as n
where u.organization = 'east' or extract(dow from d.at) not in (0, 6);
create index on host.notes (happened_at);
create table host.others as table host.notes;
grant usage on schema host to yardstick_reader;
grant select on all tables in schema host to yardstick_reader;
"""
# A source of few rows would be read in one stroke: as if it had many.
FOUR_WEEKS = """
create or replace function yardstick_engine.slice_budget(source_id uuid, slice_type integer) returns integer language sql
return case slice_type when 2 then 4 else 3 end;
create or replace function yardstick_engine.dirty_budget(source_id uuid) returns integer language sql return 4;
"""
# What fails while public.failing has rows: writing the states of these weeks.
FAILING = """
create table public.failing (low date, high date, code text);
create function public.fail() returns trigger language plpgsql security definer as $$
begin
    if exists (select from public.failing as f inner join new_rows as n on n.period_start between f.low and f.high where n.period_type = 1) then
        raise exception using errcode = (select f.code from public.failing as f), message = 'not now';
    end if;
    return null;
end $$;
create trigger fails after insert on yardstick.metric_partials
    referencing new table as new_rows for each statement execute function public.fail();
"""
# Every value there should be, of the rows alone.
TRUE_VALUES = """
with

sums as (
    select
        s.source, r.organization, w.time_window, date_trunc(w.unit, r.happened_at at time zone 'UTC')::date as period_start, d.department,
        sum(case when r.amount ~ '^[0-9]+$' then r.amount::numeric end) as amount, count(*) as number
    from (select 'notes' as source, n.* from host.notes as n union all select 'others', n.* from host.others as n) as r
    cross join lateral (values (r.source)) as s (source)
    cross join (values ('weekly', 'week'), ('monthly', 'month'), ('quarterly', 'quarter'), ('annual', 'year')) as w (time_window, unit)
    cross join lateral (values (r.department), (null)) as d (department)
    group by 1, 2, 3, 4, 5
)

select 'amount', organization, time_window, period_start, department, amount from sums where source = 'notes'
union all
select 'number', organization, time_window, period_start, department, number from sums where source = 'notes'
union all
select 'mean', organization, time_window, period_start, department, round(amount / number, 4) from sums where source = 'notes'
union all
select 'share', n.organization, n.time_window, n.period_start, n.department, n.number + o.number
from sums as n
inner join sums as o
    on o.organization = n.organization and o.time_window = n.time_window and o.period_start = n.period_start
    and o.department is not distinct from n.department
where n.source = 'notes' and o.source = 'others'
"""
STATED = """
select d.metric_name, o.external_id, c.time_window, (c.period_start at time zone 'UTC')::date, p.external_id, c.metric_value
from yardstick.metric_calculations as c
inner join yardstick.metric_definitions as d on d.id = c.metric_id
inner join yardstick.organizations as o on o.id = c.organization_id
left join yardstick.departments as p on p.id = c.aggregation_id
where d.metric_name in ('amount', 'number', 'mean', 'share') and c.calculation_status <> 'error'
"""


class Plant:
    """Two organizations with two sources, and metrics of one, of the other, and of both, none calculated yet."""

    def __init__(self, engine):
        self.engine = engine
        self.now = NOW
        engine.execute(HOST)
        engine.execute(FAILING)
        self.organizations = {}
        for name in ("east", "west"):
            self.organizations[name] = engine.organization(name, timezone="UTC")
            for department in ("a", "b"):
                engine.door("sync_department", {"external_id": department, "department_name": department}, self.organizations[name])
        for name in ("notes", "others"):
            engine.door("register_source", {
                "name": name, "relation": f"host.{name}", "time_column": "happened_at", "organization_column": "organization",
                "levels": {"dept": "department"}, "capture": True,
            })  # fmt: skip
        keys = {"aggregation_levels": ["org", "dept"], "time_windows": WINDOWS}
        amount = {"agg": "sum", "value": "amount::numeric"}
        engine.metric("amount", source="notes", measures={"n": amount}, **keys)
        engine.metric("number", source="notes", measures={"n": {"agg": "count"}}, **keys)
        engine.metric(
            "mean", source="notes", measures={"s": amount, "n": {"agg": "count"}}, calculation_formula="s / n", **keys
        )
        engine.metric("elsewhere", source="others", measures={"n": {"agg": "count"}}, **keys)
        engine.derived("share", {"a": "number", "b": "elsewhere"}, calculation_formula="a + b", **keys)
        engine.execute(FOUR_WEEKS)
        self.remember()

    def remember(self):
        self.true = {tuple(row[:5]): row[5] for row in self.engine.execute(TRUE_VALUES).fetchall()}

    def stated(self):
        return {tuple(row[:5]): row[5] for row in self.engine.execute(STATED).fetchall()}

    def look(self):
        """Whatever is stated is what its rows give."""
        wrong = {key: (value, self.true.get(key)) for key, value in self.stated().items() if value != self.true.get(key)}
        assert list(wrong.items())[:3] == [], len(wrong)

    def tick(self, until=None):
        self.now += timedelta(minutes=1)
        self.engine.execute("select yardstick_engine.plan_due(%s)", [self.now])
        done, number = {}, 0
        while done is not None and done.get("outcome") != "canceled" and number != until:
            done = self.engine.one("select yardstick_engine.calculate_next(%s)", [self.now])
            number += 1
        self.look()

    def finish(self):
        """Until nothing is left: all that there should be is stated, and was stated once."""
        for _ in range(60):
            self.tick()
            if self.engine.left() == (0, 0) and self.engine.one("select count(*) from yardstick.metric_failures") == 0:
                break
        assert self.engine.left() == (0, 0)
        assert {key: self.stated().get(key) for key in self.true} == self.true
        assert self.revisions() == []

    def revisions(self):
        return self.engine.execute(
            "select d.metric_name, r.time_window, r.cause, count(*) from yardstick.metric_calculation_revisions as r"
            " inner join yardstick.metric_definitions as d on d.id = r.metric_id group by 1, 2, 3"
        ).fetchall()

    def months(self, metric, organization="east"):
        return {key[3].month for key in self.stated() if key[:3] == (metric, organization, "monthly") and key[4] is None}


@pytest.fixture
def plant(engine):
    return Plant(engine)


def test_a_source_that_is_locked_in_the_middle_of_its_history_is_stated_once_all_of_it_is_read(plant, database):
    plant.tick(until=6)
    with database.connect(autocommit=False) as host:
        host.execute("lock table host.notes in access exclusive mode")
        for _ in range(2):
            plant.now += timedelta(minutes=1)
            plant.engine.execute("call yardstick_engine.calculate_due(%s)", [plant.now])
        host.rollback()
    plant.look()
    # What was read before, and holds no week that was not.
    assert 4 in plant.months("amount") and 8 not in plant.months("amount")
    plant.finish()


@pytest.mark.parametrize("code", ["57014", "53100"])
def test_weeks_that_fail_for_some_time_are_stated_with_the_rest_of_their_periods(plant, code):
    plant.engine.execute("insert into public.failing values ('2024-05-20', '2024-06-05', %s)", [code])
    for _ in range(4):
        plant.tick()
    assert not plant.months("number") & {5, 6}
    # What runs out of time ends its call, and is looked for before anything else is valued.
    assert code == "57014" or plant.months("number") >= {3, 4, 8}
    plant.engine.execute("truncate public.failing")
    plant.finish()


def test_a_metric_of_two_sources_is_stated_once_both_have_been_read(plant, database):
    plant.tick(until=4)
    with database.connect(autocommit=False) as host:
        host.execute("lock table host.others in access exclusive mode")
        plant.now += timedelta(minutes=1)
        plant.engine.execute("call yardstick_engine.calculate_due(%s)", [plant.now])
        assert plant.months("number") != set() and plant.months("share") == set()
        host.rollback()
    plant.look()
    plant.finish()


# A Wednesday, and a Saturday, on which the other organization has no rows.
@pytest.mark.parametrize("day", ["2024-07-17", "2024-07-20"])
def test_a_bad_row_costs_all_scopes_its_periods_until_it_is_mended(plant, day):
    row = f"where organization = 'east' and department = 'a' and happened_at = '{day} 02:00Z'"
    good = plant.engine.one(f"select amount from host.notes {row}")
    plant.engine.execute(f"update host.notes set amount = 'x' {row}")
    plant.tick()
    assert 7 not in plant.months("amount") | plant.months("amount", "west") and 7 in plant.months("number")
    assert not [key for key in plant.stated() if key[0] == "amount" and key[2:4] == ("annual", datetime(2024, 1, 1).date())]

    # What others change on that day reads it no better.
    plant.engine.execute(f"insert into host.notes values ('west', 'b', '{day} 05:00Z', '7')")
    plant.remember()
    plant.now += timedelta(minutes=1)
    plant.engine.execute("call yardstick_engine.calculate_due(%s)", [plant.now])
    assert 7 not in plant.months("amount") | plant.months("amount", "west")
    assert plant.engine.one("select last_error_code from yardstick.metric_definitions where metric_name = 'amount'") == "22P02"

    late = plant.revisions()
    plant.engine.execute(f"update host.notes set amount = %s {row}", [good])
    plant.remember()
    for _ in range(3):
        plant.tick()
    assert plant.engine.left() == (0, 0)
    assert {key: plant.stated().get(key) for key in plant.true} == plant.true
    assert plant.engine.one("select last_error_code from yardstick.metric_definitions where metric_name = 'amount'") is None
    # The row that came late restated what could be read of its day, and nothing else did.
    assert plant.revisions() == late and {row[0] for row in late} <= {"number", "share"}


def test_what_waits_for_a_part_that_fails_does_not_pile_up(plant, database):
    plant.finish()
    waits = "select period_start, count(*) from yardstick.metric_pending group by 1 order by 1"
    plant.engine.execute("update yardstick.metric_definitions set last_error_code = '22012', last_error = 'not now' where metric_name = 'number'")
    add = (
        "insert into yardstick.metric_pending (organization_id, metric_id, period_type, period_start)"
        " select %s, d.id, 3, u.month from yardstick.metric_definitions as d, unnest(%s::date[]) as u (month) where d.metric_name = 'share'"
    )
    july, august = ([datetime(2024, month, 1).date()] for month in (7, 8))
    with database.connect(autocommit=False) as session:
        # What another session holds is left, and no row of its period is taken for it.
        session.execute(add, [plant.organizations["east"], july])
        plant.engine.execute(add, [plant.organizations["east"], july * 12 + august * 10])
        plant.engine.execute("select yardstick_engine.plan_due(%s)", [NOW])
        assert plant.engine.execute(waits).fetchall() == [(*july, 1), (*august, 10)]
        session.commit()
    with database.connect(autocommit=False) as session:
        plant.engine.execute(add, [plant.organizations["east"], july * 11])
        session.execute("delete from yardstick.metric_pending where ctid in (select ctid from yardstick.metric_pending where period_start = %s limit 2)", july)
        plant.engine.execute("select yardstick_engine.plan_due(%s)", [NOW])
        session.commit()
    assert plant.engine.execute(waits).fetchall() == [(*july, 1), (*august, 10)]


def test_a_cancel_costs_no_metric_made_of_others_nor_query_its_periods(plant):
    engine = plant.engine
    engine.door("define_metric", {
        "metric_name": "asked", "display_name": "asked", "calculation_method": "sql", "data_sources": {"sources": ["others"]},
        "calculation_formula": "select count(*) as value from others"
        " where happened_at >= yardstick.period_start() and happened_at < yardstick.period_end()",
        "time_windows": ["monthly"], "refresh_frequency": "on_demand",
    })  # fmt: skip
    engine.execute("""
        create function public.cancel() returns trigger language plpgsql security definer as $$
        begin
            if exists (
                select from new_rows as n inner join yardstick.metric_definitions as d on d.id = n.metric_id
                where d.metric_name in ('share', 'asked') and n.calculation_status <> 'error'
            ) then
                raise exception using errcode = '57014', message = 'canceling statement due to user request';
            end if;
            return null;
        end $$;
        create trigger cancels after insert on yardstick.metric_calculations
            referencing new table as new_rows for each statement execute function public.cancel();
    """)
    asked = (
        "select sum(c.metric_value), count(*) filter (where c.metric_value is null) from yardstick.metric_calculations as c"
        " inner join yardstick.metric_definitions as d on d.id = c.metric_id where d.metric_name = 'asked'"
    )
    for _ in range(4):
        plant.tick()
    assert plant.months("number") >= {3, 8} and plant.months("share") == set()
    assert engine.execute(asked).fetchone() == (None, 0)
    engine.execute("drop trigger cancels on yardstick.metric_calculations")
    plant.finish()
    assert engine.execute(asked).fetchone() == (engine.one("select count(*) from host.others"), 0)
