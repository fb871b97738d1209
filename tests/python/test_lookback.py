"""Sources without triggers: at each due time whatever happened within the look-back, or past the watermark less the look-back, is counted,
for each organization on its own clock. Held against a model that counts the rows by hand."""

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

HOST = """
create schema host;
create table host.events (
    id integer generated always as identity primary key, organization text, happened_at timestamptz, amount numeric, changed_at timestamptz
);
grant usage on schema host to yardstick_reader;
grant select on host.events to yardstick_reader;
"""
ZONES = {"auckland": "Pacific/Auckland", "york": "America/New_York", "kathmandu": "Asia/Kathmandu"}
FREQUENCIES = {"auckland": "daily", "york": "hourly", "kathmandu": "weekly"}


class Host:
    """Rows, and what each organization was told of them."""

    def __init__(self, engine, seed, lookback, has_watermark):
        self.engine, self.random, self.lookback, self.has_watermark = engine, random.Random(seed), lookback, has_watermark
        engine.execute(HOST)
        self.ids = {name: engine.organization(name, timezone=zone) for name, zone in ZONES.items()}
        engine.door(
            "register_source",
            {
                "name": "events", "relation": "host.events", "time_column": "happened_at", "organization_column": "organization",
                "lookback": f"{lookback.total_seconds()} seconds", **({"watermark_column": "changed_at"} if has_watermark else {}),
            },
        )  # fmt: skip
        self.now = datetime(2025, 3, 5, 12, 10, tzinfo=UTC)
        self.rows, self.stored, self.marks, self.served = {}, {name: {} for name in ZONES}, {}, {}

    def define(self):
        for name, frequency in FREQUENCIES.items():
            self.engine.metric(
                f"total_{name}", self.ids[name], source="events", measures={"n": {"agg": "sum", "value": "amount"}}, refresh_frequency=frequency
            )

    def day(self, name, at):
        return at.astimezone(ZoneInfo(ZONES[name])).date()

    def boundary(self, name):
        local = self.now.astimezone(ZoneInfo(ZONES[name])).replace(minute=0, second=0, microsecond=0, tzinfo=None)
        if FREQUENCIES[name] != "hourly":
            local = local.replace(hour=0)
        if FREQUENCIES[name] == "weekly":
            local -= timedelta(days=local.weekday())
        return local

    def write(self):
        pick, changed = self.random.choice, self.now - timedelta(minutes=self.random.choice((0, 0, 3, 200)))
        at = self.now - timedelta(minutes=self.random.randrange(60 * 24 * pick((1, 6, 60))))
        change = self.random.random()
        if change < 0.6 or not self.rows:
            name, amount = pick(list(ZONES)), self.random.randrange(10000)
            row = self.engine.one(
                "insert into host.events (organization, happened_at, amount, changed_at) values (%s, %s, %s, %s) returning id",
                [name, at, amount, changed],
            )
            self.rows[row] = (name, at, amount, changed)
        elif change < 0.9:
            row = pick(list(self.rows))
            name, at, amount, _ = self.rows[row]
            self.engine.execute("update host.events set amount = amount + 1, changed_at = %s where id = %s", [changed, row])
            self.rows[row] = (name, at, amount + 1, changed)
        else:
            row = pick(list(self.rows))
            self.engine.execute("delete from host.events where id = %s", [row])
            del self.rows[row]

    def told(self, name):
        """The days that an organization which is due is told of."""
        if self.has_watermark:
            mark = self.marks.get(name)
            found = {self.day(name, at) for owner, at, _, changed in self.rows.values() if owner == name and (mark is None or changed >= mark - self.lookback)}
            changes = [changed for *_, changed in self.rows.values() if changed <= self.now]
            self.marks[name] = max([*changes, *([mark] if mark else [])], default=None)
            return found
        first, last = self.day(name, self.now - self.lookback), self.day(name, self.now) + timedelta(days=1)
        return {first + timedelta(days=n) for n in range((last - first).days + 1)}

    def calculate(self):
        self.engine.calculate(self.now)
        for name in ZONES:
            if self.served.get(name) == self.boundary(name):
                continue
            self.served[name] = self.boundary(name)
            for day in self.told(name):
                amounts = [amount for owner, at, amount, _ in self.rows.values() if owner == name and self.day(name, at) == day]
                if amounts:
                    self.stored[name][day] = sum(amounts)
                else:
                    self.stored[name].pop(day, None)

    def check(self):
        for name in ZONES:
            found = {day: value for day, value in self.engine.values(f"total_{name}").items() if value is not None}
            assert found == self.stored[name], (name, self.now)


@pytest.mark.parametrize("has_watermark", [True, False], ids=["watermark", "look-back"])
@pytest.mark.parametrize("seed", [1])
def test_what_is_within_reach_is_found_at_each_due_time(engine, seed, has_watermark):
    host = Host(engine, seed, timedelta(hours=3 if has_watermark else 24 * 7), has_watermark)
    for _ in range(30):
        host.write()
    host.define()
    # The history is read whole, and with it the mark is set.
    engine.calculate(host.now)
    for name in ZONES:
        host.served[name] = host.boundary(name)
        host.told(name)
        for owner, at, amount, _ in host.rows.values():
            if owner == name:
                host.stored[name][host.day(name, at)] = host.stored[name].get(host.day(name, at), 0) + amount
    host.check()
    for _ in range(25):
        for _ in range(host.random.randrange(1, 6)):
            host.write()
        host.now += timedelta(hours=host.random.choice((0, 1, 5, 14, 40)), minutes=host.random.randrange(1, 20))
        host.calculate()
        host.check()


def test_an_organization_that_falls_due_rarely_is_told_of_what_others_have_passed(engine):
    host = Host(engine, 1, timedelta(hours=1), True)
    insert = "insert into host.events (organization, happened_at, amount, changed_at) values (%s, '2025-01-01 12:00Z', 1, %s)"
    for name in ZONES:
        engine.execute(insert, [name, host.now])
    host.define()
    engine.calculate(host.now)
    # For Kathmandu, due on Monday, while New York passes the mark each hour.
    engine.execute(insert, ["kathmandu", host.now + timedelta(minutes=5)])
    for hours in (30, 60, 90, 132):
        engine.execute(insert, ["york", host.now + timedelta(hours=hours - 1)])
        engine.calculate(host.now + timedelta(hours=hours))
    assert list(engine.values("total_kathmandu").values()) == [2]
    assert list(engine.values("total_york").values()) == [5]


def test_a_change_dated_in_the_future_hides_no_other(engine):
    host = Host(engine, 1, timedelta(0), True)
    insert = "insert into host.events (organization, happened_at, amount, changed_at) values ('york', '2025-01-01 12:00Z', 1, %s)"
    engine.execute(insert, [host.now])
    host.define()
    engine.calculate(host.now)
    engine.execute(insert, ["2099-01-01 00:00Z"])
    engine.calculate(host.now + timedelta(hours=1))
    engine.execute(insert, [host.now + timedelta(hours=1, minutes=30)])
    engine.calculate(host.now + timedelta(hours=2))
    assert list(engine.values("total_york").values()) == [3]


def test_what_comes_between_the_history_and_the_next_due_time_is_found(engine):
    host = Host(engine, 1, timedelta(hours=1), True)
    insert = "insert into host.events (organization, happened_at, amount, changed_at) values ('york', '2024-06-01 12:00Z', 1, %s)"
    engine.execute(insert, [host.now])
    host.define()
    engine.calculate(host.now)
    engine.execute(insert, [host.now + timedelta(minutes=1)])
    engine.calculate(host.now + timedelta(hours=1))
    assert list(engine.values("total_york").values()) == [2]
