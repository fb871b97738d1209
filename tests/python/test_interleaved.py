"""Two writers and two workers with open transactions, in any order: what is stored in the end is what plain arithmetic over the rows gives,
and what a calculation from nothing gives, digit for digit."""

import contextlib
import threading
from datetime import timedelta

import psycopg
import pytest

from tests.python.oracle import expected
from tests.python.test_incremental import World

HOST = """
create schema host;
create table host.events (id integer generated always as identity primary key, organization uuid, kind text, happened_at timestamptz, amount numeric);
grant usage on schema host to yardstick_reader;
grant select on host.events to yardstick_reader;
"""
SOURCE = {
    "name": "events", "relation": "host.events", "time_column": "happened_at", "organization_column": "organization", "key_column": "kind",
    "capture": True,
}  # fmt: skip
PLAIN = """
    select r.organization, (r.happened_at at time zone o.timezone)::date, round(sum(r.amount), 4), count(*)
    from host.events as r
    inner join yardstick.organizations as o on o.id = r.organization
    where r.kind = 'cost'
    group by 1, 2
"""
BUSY = (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected)
STEPS = 60


class Crowd:
    """Sessions that take turns, and what each may do."""

    def __init__(self, engine, database, seed):
        self.engine, self.database = engine, database
        self.world = World(engine, seed)
        self.random = self.world.random
        engine.execute(HOST)
        engine.execute("select yardstick.ensure_year_partitions('yardstick.analytics_metrics', '2022-01-01', '2026-12-31')")
        engine.door("register_source", SOURCE)
        self.writers, self.workers = ([database.connect(autocommit=False) for _ in range(2)] for _ in range(2))
        for session in (*self.writers, *self.workers):
            session.execute("set lock_timeout = '100ms'; set timezone = 'America/Caracas'")
            session.commit()
        self.saved = {session: 0 for session in self.writers}

    def define(self):
        self.world.define()
        for name, agg in (("host_total", "sum"), ("host_median", "percentile"), ("host_last", "last")):
            measure = {"agg": agg, "value": "amount", **({"p": 50} if agg == "percentile" else {})}
            self.engine.metric(
                name, source="events", measures={"n": measure}, key="cost", time_windows=["daily", "weekly", "monthly", "annual"]
            )

    def organizations(self):
        return list(self.world.members)

    def row(self):
        pick, organization = self.random.choice, self.random.choice(self.organizations())
        departments, teams, users = self.world.members[organization]
        return {
            "organization": organization, "name": pick(("cost", "cost", "delay")), "at": self.world.instant(),
            "amount": pick((0, -7.25, self.random.randrange(10000) / 100)), "department": pick((*departments, None)), "team": pick((*teams, None)),
            "user": pick((*users, None)),
        }  # fmt: skip

    def some(self, table):
        return f"id in (select id from {table} order by md5(id::text || '{self.random.random()}') limit {self.random.randrange(1, 9)})"

    def write(self, session):
        rows, change = [self.row() for _ in range(self.random.choice((1, 4, 20)))], self.random.random()
        if self.random.random() < 0.5:
            table, organization, name, at, amount = "host.events", "organization", "kind", "happened_at", "amount"
            insert = f"insert into {table} (organization, kind, happened_at, amount) values (%(organization)s, %(name)s, %(at)s, %(amount)s)"
        else:
            table, organization, name, at, amount = "yardstick.analytics_metrics", "organization_id", "metric_name", "measurement_date", "value"
            insert = (
                f"insert into {table} (organization_id, metric_name, metric_category, measurement_date, value, department_id, team_id, user_id)"
                " values (%(organization)s, %(name)s, 'quality', %(at)s, %(amount)s, %(department)s, %(team)s, %(user)s)"
            )
        if change < 0.5:
            with session.cursor() as cursor:
                cursor.executemany(insert, rows)
        elif change < 0.65:
            session.execute(f"update {table} set {amount} = {amount} * -1.5 + 20 where {self.some(table)}")
        elif change < 0.8:
            session.execute(f"update {table} set {at} = {at} - interval '31 hours', {name} = 'cost' where {self.some(table)}")
        elif change < 0.9 and table == "host.events":
            session.execute(f"update {table} set {organization} = %s where {self.some(table)}", [self.random.choice(self.organizations())])
        else:
            session.execute(f"delete from {table} where {self.some(table)}")

    def turn_of_writer(self, session):
        chance = self.random.random()
        if chance < 0.6:
            self.write(session)
        elif chance < 0.7:
            self.saved[session] += 1
            session.execute(f"savepoint s{self.saved[session]}")
        elif chance < 0.8 and self.saved[session]:
            session.execute(f"{self.random.choice(('rollback to', 'release'))} savepoint s{self.saved[session]}")
            self.saved[session] -= 1
        elif chance < 0.93:
            self.end(session, session.commit)
        else:
            self.end(session, session.rollback)

    def turn_of_worker(self, session):
        chance = self.random.random()
        if chance < 0.25:
            session.execute("select yardstick_engine.plan_due(%s)", [self.world.now])
        elif chance < 0.7:
            session.execute("select yardstick_engine.calculate_next(%s)", [self.world.now])
        elif chance < 0.92:
            session.commit()
        else:
            session.rollback()

    def end(self, session, how):
        how()
        if session in self.saved:
            self.saved[session] = 0

    def turn(self):
        session = self.random.choice((*self.writers, *self.writers, *self.workers))
        try:
            (self.turn_of_worker if session in self.workers else self.turn_of_writer)(session)
        except BUSY:
            self.end(session, session.rollback)
        self.world.now += timedelta(hours=self.random.choice((0, 0, 1, 7, 26)))

    def held_open(self):
        """A slice is done and not committed while a writer takes a part of what he wrote back."""
        (writer, _), (worker, other) = self.writers, self.workers
        for session in (worker, other):
            session.rollback()
        self.end(writer, writer.rollback)
        with contextlib.suppress(*BUSY):
            self.write(writer)
        # After a lock that another writer did not give: nothing.
        writer.commit()
        worker.execute("select yardstick_engine.plan_due(%s)", [self.world.now])
        worker.commit()
        worker.execute("select yardstick_engine.calculate_next(%s)", [self.world.now])
        try:
            self.write(writer)
            writer.execute("savepoint taken_back")
            self.write(writer)
            writer.execute("rollback to savepoint taken_back")
        except BUSY:
            writer.rollback()
        self.random.choice((worker.commit, worker.rollback))()

    def both_at_once(self):
        """Two workers calculate all that is due at the same time, while the writers go on."""
        for worker in self.workers:
            worker.rollback()
        failures = []

        def calculate():
            try:
                with self.database.connect() as worker:
                    worker.execute("call yardstick_engine.calculate_due(%s)", [self.world.now])
            except Exception as error:
                failures.append(error)

        threads = [threading.Thread(target=calculate) for _ in range(2)]
        for thread in threads:
            thread.start()
        for _ in range(8):
            session = self.random.choice(self.writers)
            try:
                self.turn_of_writer(session)
            except BUSY:
                self.end(session, session.rollback)
        for thread in threads:
            thread.join(60)
        assert not failures

    def move(self):
        """Zones and trees change while writers have not committed."""
        for worker in self.workers:
            worker.rollback()
        organization = self.random.choice(self.organizations())
        if self.random.random() < 0.5:
            keys = {"timezone": self.random.choice(("UTC", "Asia/Tokyo", "America/Denver", "Pacific/Kiritimati"))}
            self.engine.door("sync_organization", {"id": organization, **keys})
            self.world.zones[organization] = {**self.world.zones[organization], **keys}
        else:
            departments = self.world.members[organization][0]
            parent = self.random.choice((departments[4], departments[0]))
            self.engine.door("sync_department", {"external_id": "d3", "parent_department_id": parent}, organization)
            self.world.parents[departments[3]] = parent


@pytest.mark.parametrize("seed", [1])
def test_what_is_stored_is_what_the_rows_say(engine, database, calendar, seed):
    crowd = Crowd(engine, database, seed)
    for _ in range(3):
        crowd.write(crowd.writers[0])
    crowd.define()
    engine.calculate(crowd.world.now)
    for step in range(STEPS):
        crowd.turn()
        if step % 30 == 20:
            crowd.both_at_once()
        if step % 30 == 5:
            crowd.held_open()
        if step % 18 == 17:
            crowd.move()
    for session in (*crowd.writers, *crowd.workers):
        session.commit()

    now = crowd.world.now = engine.settle(crowd.world.now + timedelta(days=2))
    stored, wanted = engine.compared(), expected(crowd.world, calendar, now)
    host = {key: row for key, row in stored.items() if key[1].startswith("host_")}
    own = {key: row for key, row in stored.items() if key not in host}
    gone = [own.pop(key) for key in set(own) - set(wanted)]
    assert all((row["value"], row["status"], row["sample"]) == (None, "warning", 0) for row in gone)
    assert engine.differing(own, wanted) == ([], 0)

    by_hand = {(organization, day): (total, count) for organization, day, total, count in engine.execute(PLAIN).fetchall()}
    found = {
        (key[0], key[5]): (row["value"], row["sample"])
        for key, row in host.items()
        if (key[1], key[2], key[4]) == ("host_total", "org", "daily") and row["value"] is not None
    }
    assert by_hand and engine.differing(found, by_hand) == ([], 0)
    engine.check_against_nothing(now)
    for session in (*crowd.writers, *crowd.workers):
        session.close()
