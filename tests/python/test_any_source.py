"""Tables of the host that chance makes, of whatever types and names, which their owner writes to as it likes; sources, definitions and approvals
by whoever's they are to give: what is stored and shown is what plain arithmetic over the rows gives, to each organization its own."""

import json
import uuid
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction

import psycopg
import pytest

from tests.python.chance import Chance, Offer, document, document_of_others, interval_of, is_calculated
from tests.python.oracle import Definitions, Row, check, scopes_of

GATES = ["owner", "methodology"]
LOGINS = {
    "dba": "in role yardstick_dba", "second": "in role yardstick_dba", "app": "in role yardstick_app", "host": "",
    **{f"bi{number}": "in role yardstick_bi" for number in range(3)},
}  # fmt: skip
CALENDARS = [
    {"timezone": "Pacific/Apia", "week_start": 7},
    {"timezone": "America/St_Johns", "fiscal_year_start_month": 4},
    {"timezone": "Asia/Kathmandu", "week_start": 6, "fiscal_year_start_month": 7},
    {"timezone": "UTC"},
    {"timezone": "Pacific/Auckland", "fiscal_year_start_month": 12},
    {"timezone": "America/Sao_Paulo", "week_start": 4},
    {"timezone": "Australia/Lord_Howe", "week_start": 2},
    {"timezone": "Africa/Casablanca"},
]
# Weeks in which clocks of these zones changed, Samoa's day was skipped, or nothing happened.
MOMENTS = [datetime(2012, 1, 6, 5, tzinfo=UTC), datetime(2025, 1, 3, 5, tzinfo=UTC), datetime(2024, 11, 6, 22, tzinfo=UTC), datetime(2025, 4, 9, 11, tzinfo=UTC)]
NAMES = [
    "amount", "Amount Due", "order", "select", "100%", "o'clock", 'say "hi"', "größe", "user", "a.b", "$1", "%s", "x" * 63, "Time", "value", "group",
    "v1", "n1", "f1", "happened_at", "organization_key", "place_no", "l", "r", "source", "raw", "local_date", "measure_key", "team_id", "tableoid_", "end",
    "combo", "k", "state_kind", "period_start", "{}", "\\", "a b", "source.r", "timestamp", "all",
]  # fmt: skip
RELATIONS = ["events", "Events 100%", "o'clock", "select", 'say "hi"', "a.b", "source", "%I", "located", "metric_sources"]
SCHEMAS = ["host", "Host Data", "order", "100%"]
WORDS = ["alpha", "Beta", "it's 100%", "%", "a_b", "", " x ", "\\", '"q"']
KEYS = ["cost", "delay", "it's 100%"]


# Of the server, as a host may have set them for its own programs.
SETTINGS = {
    "datestyle": "'SQL, DMY'", "intervalstyle": "'sql_standard'", "timezone": "'Asia/Tokyo'", "quote_all_identifiers": "on",
    "standard_conforming_strings": "off", "default_transaction_isolation": "'repeatable read'", "transform_null_equals": "on",
    "array_nulls": "off", "extra_float_digits": "-9", "search_path": "'host_types'", "row_security": "on", "enable_hashjoin": "off",
    "escape_string_warning": "off", "backslash_quote": "off", "bytea_output": "'escape'", "xmloption": "'document'",
}  # fmt: skip
# What metrics cannot use, and has to harm nothing.
UNUSED = ["bytea", "point", "xml", "interval", "time", "timetz", "inet", "int4range", "tsvector", "bit(3)", "name", "numeric[]", "text[]"]


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def literal(text):
    return "'" + text.replace("'", "''") + "'" if "\\" not in text else "E'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


class Column:
    """Name, type, the plain type it is offered as, and how its values are drawn (as texts)."""

    def __init__(self, name, type_name, offered, draw, written=None):
        self.name, self.type_name, self.offered, self.draw, self.written = name, type_name, offered, draw, written
        self.quoted = quoted(name)

    @property
    def read(self):
        return f"t.{self.quoted}::{self.offered} as {self.quoted}"


def numbers_of(chance, places, odd=()):
    def draw():
        if odd and chance.random() < 0.04:
            return chance.choice(odd)
        number = chance.choice(("0", "-7.25", "50", "-3", str(chance.randrange(10000) / 100), str(chance.randrange(1000000) / 10000)))
        return None if chance.random() < 0.08 else str(round(Fraction(number))) if places == 0 else number

    return draw


NUMBERS = {
    "numeric": ("numeric", None, ("NaN", "Infinity", "-Infinity", "-123456789012.5")), "numeric(12, 2)": ("numeric", 2, ("NaN",)), "numeric(10, 4)": ("numeric", 4, ("NaN",)),
    "integer": ("integer", 0, ()), "bigint": ("bigint", 0, ("4000000000000000000",)), "smallint": ("smallint", 0, ()),
    "real": ("numeric", None, ("NaN", "Infinity", "-Infinity")), "double precision": ("numeric", None, ("NaN", "Infinity", "-Infinity")),
    "money": ("numeric", 2, ()), "amount_domain": ("numeric", 2, ()), "whole_domain": ("integer", 0, ()),
}  # fmt: skip


class Host:
    """A relation of the host, the table below it, and who may do what with it."""

    KINDS = ("table", "table", "table", "by range", "by list", "by hash", "inherited", "view", "materialized view", "guarded")

    def __init__(self, world, number):
        self.world, self.chance = world, world.chance
        chance = self.chance
        self.name, self.kind = f"source_{number}", chance.choice(self.KINDS)
        self.schema = quoted(chance.choice(SCHEMAS))
        self.relation = f"{self.schema}.{quoted(chance.choice(RELATIONS) + str(number))}"
        names = chance.sample(NAMES, 24)
        take = names.pop

        self.owner = chance.choice(list(world.zones)) if chance.random() < 0.15 else None
        self.time = self.column_of_time(take())
        self.organization = None if self.owner and chance.random() < 0.7 else self.member_column(take(), world.organization_names, 0.06)
        self.levels = {
            level: self.member_column(take(), world.members[level], 0.2) for level in ("dept", "team", "user") if chance.random() < 0.75
        }
        self.key = self.key_column(take()) if chance.random() < 0.4 else None
        self.numbers = [
            Column(take(), type_name, NUMBERS[type_name][0], numbers_of(chance, *NUMBERS[type_name][1:])) for type_name in chance.sample(list(NUMBERS), 3)
        ]
        self.others = [made(take()) for made in chance.sample([self.boolean, self.text, self.enum, self.json, self.day, self.moment, self.uuid, self.array], 4)]
        self.seconds = [c for c in self.others if c.type_name in ("timestamp with time zone", "timestamp without time zone")]
        first = self.numbers[0]
        self.generated = []
        if first.offered != "numeric" or "numeric" in first.type_name:
            self.generated = [Column(take(), "numeric", "numeric", None, f"generated always as ({first.quoted}::numeric * 3) stored")]
        self.id, self.changed = Column("id", "integer", "integer", None), Column(take(), "timestamp with time zone", "timestamptz", lambda: self.world.now.isoformat())
        self.value = chance.choice(self.numbers + self.generated) if chance.random() < 0.6 else None
        self.can_capture = self.kind in ("table", "by range", "by list", "by hash", "guarded")
        self.finds = chance.choice(("capture", "capture", "watermark", "look-back")) if self.can_capture else chance.choice(("watermark", "look-back"))
        self.is_far = self.finds == "capture" and chance.random() < 0.25
        self.row_filter = None

        self.columns = [self.time, *([self.organization] if self.organization else []), *self.levels.values(), *([self.key] if self.key else []),
                        *self.numbers, *self.others, self.changed]  # fmt: skip
        self.columns += [Column(f"unused {n}", type_name, type_name, lambda: None) for n, type_name in enumerate(chance.sample(UNUSED, 2))]
        chance.shuffle(self.columns)
        self.table = self.relation if self.kind not in ("view", "materialized view") else f"{self.schema}.{quoted('below ' + str(number))}"
        self.conditions, self.number_texts, self.things = self.texts()
        if chance.random() < 0.3:
            self.row_filter = chance.choice(self.conditions[1:])
        self.make()

    # --- columns

    def column_of_time(self, name):
        type_name = self.chance.choice(("timestamp with time zone", "timestamp with time zone", "timestamp without time zone", "date"))
        self.is_instant = type_name == "timestamp with time zone"
        return Column(name, type_name, type_name, self.moment_text)

    def moment_text(self):
        chance, world = self.chance, self.world
        at = world.now - timedelta(seconds=chance.randrange(chance.choice((6, 9, 30, 60, 380)) * 86400))
        if chance.random() < 0.3:
            at = at.replace(hour=chance.choice((0, 8, 10, 11, 14, 18)), minute=chance.choice((0, 1, 15, 30)), second=0)
        if self.is_instant:
            text = at.replace(microsecond=chance.choice((0, 1, 999999))).isoformat()
        else:
            text = at.replace(tzinfo=None).isoformat() if self.time_type() != "date" else at.date().isoformat()
        if getattr(self, "is_far", False) and chance.random() < 0.06:
            text = chance.choice(("infinity", "-infinity", "1985-05-05", "1990-01-01 12:00:00+00", "1999-12-31", "2250-01-01", f"{datetime.now(UTC).year + 4}-03-03"))
        return None if chance.random() < 0.04 else text

    def time_type(self):
        return self.time.type_name

    def member_column(self, name, names, share_of_odd):
        """names: of each kind, which texts name somebody."""
        type_name = self.chance.choice(("uuid", "text", "integer", "varchar(60)", "bigint", "id_domain"))
        offered = {"varchar(60)": "text", "id_domain": "text"}.get(type_name, type_name)
        known = names["uuid" if type_name == "uuid" else "integer" if type_name in ("integer", "bigint") else "text"]

        def draw():
            if self.chance.random() < share_of_odd:
                return self.chance.choice((None, {"uuid": str(uuid.UUID(int=7)), "integer": "99", "bigint": "99"}.get(type_name, "nobody's %")))
            return self.chance.choice(known)

        return Column(name, type_name, offered, draw)

    def key_column(self, name):
        type_name = self.chance.choice(("text", "key_enum", "integer"))
        keys = KEYS if type_name != "integer" else ["1", "2", "3"]
        self.keys = (None, None, *keys, keys[0], "9")
        return Column(name, type_name, "integer" if type_name == "integer" else "text", lambda: self.chance.choice((*keys, keys[0], None)))

    def boolean(self, name):
        return Column(name, "boolean", "boolean", lambda: self.chance.choice(("true", "false", None)))

    def text(self, name):
        return Column(name, self.chance.choice(("text", "varchar(30)", "character(20)")), "text", lambda: self.chance.choice((*WORDS, None)))

    def enum(self, name):
        return Column(name, "word_enum", "text", lambda: self.chance.choice((*WORDS, None)))

    def json(self, name):
        return Column(name, self.chance.choice(("jsonb", "json")), "jsonb", lambda: self.chance.choice((
            None, "{}", "[1, 2]", '"alpha"', "null", '{"n": 5}', '{"n": 50.5, "kind": "alpha"}', '{"n": -1, "kind": "it\'s 100%", "list": [1, 2, 3]}',
        )))  # fmt: skip

    def day(self, name):
        return Column(name, "date", "date", lambda: self.chance.choice((None, (self.world.now - timedelta(days=self.chance.randrange(90))).date().isoformat())))

    def moment(self, name):
        type_name = self.chance.choice(("timestamp with time zone", "timestamp without time zone"))
        return Column(name, type_name, type_name, lambda: self.chance.choice((
            None, (self.world.now - timedelta(minutes=self.chance.randrange(90 * 1440))).replace(tzinfo=None).isoformat()
        )))  # fmt: skip

    def uuid(self, name):
        return Column(name, "uuid", "uuid", lambda: self.chance.choice((None, str(uuid.UUID(int=self.chance.randrange(4))))))

    def array(self, name):
        return Column(name, "text[]", "text[]", lambda: self.chance.choice((None, "{}", "{alpha}", '{Beta,"it\'s 100%"}')))

    # --- what expressions may say

    def texts(self):
        """Conditions, values that are numbers, and other values."""
        conditions, numbers, things = ["false", "true"], [], []
        for column in [*self.numbers, *self.generated]:
            q = column.quoted
            conditions += [f"{q} > 50", f"{q} <= 50", f"{q} between 0 and 50", f"{q} is null", f"{q} in (0, 50)", f"abs({q}) < 30", f"not {q} > 60",
                           f"{q} is distinct from 0", f"coalesce({q}, 70) > 60", f"mod({q}, 2) = 0", f"{q} <> 50 and {q} > -5"]  # fmt: skip
            numbers += [q, q, f"{q} * 2 - 10", f"abs({q})", f"nullif({q}, 50)", f"case when {q} > 20 then 1 else 0 end", f"coalesce({q}, 5.5)", f"0.001 * {q}"]
        numbers += [f"{a.quoted} + {b.quoted}" for a in self.numbers[:1] for b in self.numbers[1:2] if not a.type_name.startswith(("real", "double", "numeric"))]
        for column in self.others + [c for c in (self.key, self.organization, *self.levels.values()) if c]:
            q = column.quoted
            things += [q]
            conditions += [f"{q} is not null"]
            if column.offered == "boolean":
                conditions += [q, f"not {q}", f"{q} is true", f"{q} is not false", f"coalesce({q}, false)"]
                numbers += [f"case when {q} then 1 else 0 end", f"{q}::integer"]
            elif column.offered == "text":
                conditions += [f"{q} = {literal(word)}" for word in ("alpha", "it's 100%", "", "\\")]
                conditions += [f"{q} like 'a%'", f"{q} like '%!%%' escape '!'", f"lower({q}) = 'beta'", f"length({q}) > 4", f"{q} in ('alpha', 'cost', '1')",
                               f"starts_with({q}, 'it''s')", f"{q} || '!' = 'alpha!'", f"{q} ilike 'B%'", f"{q} <> 'cost'", f"{q} > 'b'"]  # fmt: skip
                numbers += [f"length({q})"]
                things += [f"upper({q})", f"left({q}, 1)"]
            elif column.offered == "jsonb":
                conditions += [f"{q} ->> 'kind' = 'alpha'", f"{q} ? 'n'", f"{q} @> '{{\"kind\": \"alpha\"}}'", f"jsonb_typeof({q}) = 'object'", f"({q} -> 'n') is not null"]
                numbers += [f"({q} ->> 'n')::numeric"]
                things += [f"{q} ->> 'kind'"]
            elif column.offered == "date":
                conditions += [f"{q} >= date '2024-12-20'", f"extract(isodow from {q}) < 6"]
                numbers += [f"extract(day from {q})", f"{q} - date '2011-12-30'"]
            elif column.offered == "timestamp with time zone":
                conditions += [f"({q} at time zone 'Asia/Tokyo')::date > date '2024-12-20'", f"{q} > timestamptz '2024-12-20 00:00Z'"]
                if self.is_instant:
                    numbers += [f"extract(epoch from {q} - {self.time.quoted})"]
                    conditions += [f"{q} < {self.time.quoted}", f"{q} + interval '72 hours' > {self.time.quoted}"]
            elif column.offered == "timestamp without time zone":
                conditions += [f"extract(hour from {q}) < 12", f"{q} > timestamp '2024-12-20'"]
            elif column.offered == "text[]":
                conditions += [f"'alpha' = any ({q})"]
            elif column.offered in ("integer", "bigint"):
                conditions += [f"{q} = 1", f"{q} in (1, 2)"]
        conditions += [f"({a}) or ({b})" for a, b in zip(self.chance.sample(conditions, 6), self.chance.sample(conditions, 6), strict=True)]
        conditions += [f"({a}) and not ({b})" for a, b in zip(self.chance.sample(conditions, 6), self.chance.sample(conditions, 6), strict=True)]
        return conditions, numbers, things

    def offer(self):
        return Offer(
            self.conditions, self.number_texts, self.keys if self.key else (None,), ("org", *self.levels), tuple(self.things), self.value is not None, 0.4
        )

    # --- the table

    def make(self):
        run, chance = self.world.host.execute, self.chance
        run(f"create schema if not exists {self.schema}; grant usage on schema {self.schema} to yardstick_reader, {self.world.login('dba')}")
        parts = ["id integer" if self.kind.startswith("by ") else "id integer generated by default as identity primary key"]
        for column in [*self.columns, *self.generated]:
            if chance.random() < 0.2:
                parts.append(f'"gone {len(parts)}" text')
            parts.append(f"{column.quoted} {column.type_name if '_' not in column.type_name else 'host_types.' + column.type_name} {column.written or ''}")
        by = {
            "by range": f"partition by range ({self.time.quoted})", "by hash": "partition by hash (id)",
            "by list": f"partition by list ({(self.key or self.organization or self.numbers[0]).quoted})",
        }.get(self.kind, "")  # fmt: skip
        run(f"create table {self.table} ({', '.join(parts)}) {by}")
        for part in parts:
            if part.startswith('"gone'):
                run(f"alter table {self.table} drop column {part.removesuffix(' text')}")
        self.partitions = [f"{self.schema}.{quoted(f'part {self.name} {n}')}" for n in range(4)]
        if self.kind == "by hash":
            for n, name in enumerate(self.partitions[:3]):
                run(f"create table {name} partition of {self.table} for values with (modulus 3, remainder {n})")
        elif self.kind == "by range":
            middle = (self.world.now - timedelta(days=20)).date()
            run(f"create table {self.partitions[0]} partition of {self.table} for values from ('{middle}') to ('{middle + timedelta(days=10)}')")
            run(f"create table {self.partitions[1]} partition of {self.table} default")
        elif self.kind == "by list":
            run(f"create table {self.partitions[1]} partition of {self.table} default")
        elif self.kind == "inherited":
            run(f"create table {self.partitions[0]} () inherits ({self.table})")
        elif self.kind == "guarded":
            run(f"alter table {self.table} enable row level security; create policy shown on {self.table} for select to yardstick_reader using (true)")
        index = chance.random()
        if index < 0.4:
            run(f"create index on {self.table} ({self.time.quoted})")
        elif index < 0.6 and self.organization:
            run(f"create index on {self.table} ({self.organization.quoted}, {self.time.quoted})")
        elif index < 0.8 and self.organization and self.key:
            run(f"create index on {self.table} ({self.organization.quoted}, {self.key.quoted}, {self.time.quoted})")
        if self.relation != self.table:
            columns = ", ".join(c.quoted for c in [*self.columns, *self.generated])
            run(f"create {self.kind} {self.relation} as select id, {columns} from {self.table} where id % 5 <> 4")
        run(f"grant select on {self.relation} to yardstick_reader")
        if self.finds == "capture":
            run(f"grant trigger on {self.relation} to {self.world.login('dba')}")

    def drop(self):
        if self.relation != self.table:
            self.world.host.execute(f"drop {self.kind} {self.relation}")
        self.world.host.execute(f"drop table {self.table} cascade")

    def register(self):
        keys = {
            "name": self.name, "relation": self.relation, "time_column": self.time.name,
            "levels": {level: column.name for level, column in self.levels.items()},
            **({"organization_column": self.organization.name} if self.organization else {}),
            **({"key_column": self.key.name} if self.key else {}), **({"value_column": self.value.name} if self.value else {}),
            **({"row_filter": self.row_filter} if self.row_filter else {}),
            **{"capture": {"capture": True}, "watermark": {"watermark_column": self.changed.name}, "look-back": {"lookback": "450 days"}}[self.finds],
        }  # fmt: skip
        self.world.dba("select yardstick_api.register_source(%s)", json.dumps(keys), organization=self.owner)

    # --- rows

    def row(self):
        return [column.draw() for column in self.columns]

    def insert(self, rows, tail="", ids=None):
        names = ", ".join(column.quoted for column in self.columns)
        places = ", ".join(self.place(column) for column in self.columns)
        with self.world.host.cursor() as cursor:
            ids = ids or [self.world.next_id() for _ in rows]
            cursor.executemany(
                f"insert into {self.table} (id, {names.replace('%', '%%')}) values (%s, {places}) {tail}".replace(self.table, self.table.replace("%", "%%")),
                [[number, *row] for number, row in zip(ids, rows, strict=True)],
            )

    @staticmethod
    def place(column):
        return f"%s::text::{column.type_name if '_' not in column.type_name else 'host_types.' + column.type_name}"

    def change(self, columns, where, values, which=()):
        sets = ", ".join(f"{column.quoted.replace('%', '%%')} = {self.place(column)}" for column in columns)
        self.world.host.execute(f"update {self.table.replace('%', '%%')} set {sets} where {where}", [*values, *which])

    def happen(self):
        """Returns whether what was written can be found without being told."""
        chance, table, run = self.chance, self.table, self.world.host.execute
        some = "id in (select id from {} order by md5(id::text || %s) limit %s)".format(table.replace("%", "%%"))
        which = [str(chance.random()), chance.randrange(1, 8)]
        found = True
        change = chance.random()
        if change < 0.25:
            self.insert([self.row() for _ in range(chance.choice((1, 3, 20)))])
        elif change < 0.35:
            names = ", ".join(column.quoted for column in self.columns)
            with self.world.host.cursor().copy(f"copy {table} (id, {names}) from stdin") as copy:
                for _ in range(chance.choice((1, 12))):
                    copy.write_row([self.world.next_id(), *self.row()])
        elif change < 0.45:
            column = chance.choice(self.numbers + self.others)
            self.change([column, self.changed], some, [column.draw(), self.changed.draw()], which)
        elif change < 0.55:
            moved = [c for c in (self.organization, self.time, self.key, *self.levels.values()) if c]
            moved = chance.sample(moved, chance.randrange(1, len(moved) + 1))
            self.change([*moved, self.changed], some, [c.draw() for c in (*moved, self.changed)], which)
            found = False
        elif change < 0.65:
            run(f"delete from {table.replace('%', '%%')} where {some}", which)
            found = False
        elif change < 0.70:
            day = (self.world.now - timedelta(days=chance.randrange(12))).date()
            run(f"delete from {table} where {self.time.quoted} >= '{day}' and {self.time.quoted} < '{day + timedelta(days=1)}'")
            found = False
        elif change < 0.73:
            run(f"truncate {table}")
            found = False
        elif change < 0.80 and not self.kind.startswith("by "):
            ids = [row[0] for row in run(f"select id from {table} order by random() limit 4").fetchall()] or [self.world.next_id()]
            sets = ", ".join(f"{c.quoted} = excluded.{c.quoted}" for c in self.columns if c is not self.time).replace("%", "%%")
            self.insert([self.row() for _ in ids], f"on conflict (id) do update set {sets}", ids)
            found = False
        elif change < 0.90:
            self.merge()
            found = False
        else:
            self.reshape()
            found = False
        if self.kind == "materialized view":
            run(f"refresh materialized view {self.relation}")
        return found

    def merge(self):
        row, number = self.row(), self.numbers[0]
        names = [column.quoted.replace("%", "%%") for column in self.columns]
        self.world.host.execute(
            f"merge into {self.table.replace('%', '%%')} as t using (select {', '.join(f'{self.place(c)} as {name}' for c, name in zip(self.columns, names, strict=True))}) as s"
            " on t.id %% 4 = 0 when matched and t.id %% 8 = 0 then delete"
            f" when matched then update set {number.quoted.replace('%', '%%')} = s.{number.quoted.replace('%', '%%')}"
            f" when not matched then insert (id, {', '.join(names)}) values ({self.world.next_id()}, {', '.join('s.' + name for name in names)})",
            row,
        )

    def reshape(self):
        run, chance, which = self.world.host.execute, self.chance, self.chance.random()
        wide = [c for c in self.numbers if c.type_name.startswith("numeric(") and not (self.generated and c is self.numbers[0])]
        if which < 0.35 and self.kind in ("by range", "by list", "by hash"):
            name = self.partitions[0] if self.kind == "by range" else self.partitions[1]
            run(f"alter table {self.table} detach partition {name}")
            if chance.random() < 0.6:
                bounds = {
                    "by list": "default", "by hash": "for values with (modulus 3, remainder 1)",
                    "by range": "for values from ('{}') to ('{}')".format(*self.bounds(name)),
                }[self.kind]  # fmt: skip
                run(f"alter table {self.table} attach partition {name} {bounds}")
            elif self.kind == "by range":
                run(f"drop table {name}")
                low, high = self.bounds(None)
                run(f"create table {name} (like {self.table} including all)")
                run(f"alter table {self.table} attach partition {name} for values from ('{low}') to ('{high}')")
            else:
                bounds = "default" if self.kind == "by list" else "for values with (modulus 3, remainder 1)"
                run(f"truncate {name}")
                run(f"alter table {self.table} attach partition {name} {bounds}")
        elif which < 0.7 and wide and self.relation == self.table:
            column = chance.choice(wide)
            column.type_name = chance.choice(("numeric(16, 5)", "numeric"))
            run(f"alter table {self.table} alter column {column.quoted} type {column.type_name}")
        else:
            run(f"alter table {self.table} add column \"more {self.world.next_id()}\" numeric default 5")

    def bounds(self, _):
        middle = (self.world.began - timedelta(days=20)).date()
        return middle, middle + timedelta(days=10)

    # --- what it holds

    def rows(self, calendar):
        """Plainly selected, with what each text says of them."""
        texts = {**{text: f"coalesce(({text})::boolean, false)" for text in self.conditions}, **{f"n {text}": f"({text})::numeric" for text in self.number_texts},
                 "n None": f"{self.value.quoted}::numeric" if self.value else "null::numeric",
                 **{f"t {text}": f"({text})::text" for text in self.things}}  # fmt: skip
        members = [self.organization, self.key, *(self.levels.get(level) for level in ("dept", "team", "user"))]
        columns = ", ".join(column.read for column in [*self.columns, *self.generated])
        found = self.world.engine.execute(
            f"select s.{self.time.quoted}, {', '.join(f's.{c.quoted}::text' if c else 'null' for c in members)}, {', '.join(texts.values())}"
            f" from (select {columns} from {self.relation} as t) as s where s.{self.time.quoted} >= '1989-12-30' and s.{self.time.quoted} < '2100-01-01'"
            f"{f' and ({self.row_filter})' if self.row_filter else ''}"
        ).fetchall()
        last = date(datetime.now(UTC).year + 5, 12, 31)
        for at, organization, key, department, team, user, *told in found:
            organization = self.owner if not self.organization else self.world.named["org"].get(organization)
            if organization is None or self.owner not in (None, organization):
                continue
            zone = calendar.zone(self.world.zones[organization]["timezone"])
            day = at.astimezone(zone).date() if self.is_instant else at.date() if isinstance(at, datetime) else at
            if not date(1990, 1, 1) <= day <= last:
                continue
            if not self.is_instant:
                at = instant(at if isinstance(at, datetime) else datetime.combine(at, time()), zone)
            scopes = [
                self.world.named[level].get((organization, name)) for level, name in (("dept", department), ("team", team), ("user", user))
            ]
            yield Row(organization, key, dict(zip(texts, told, strict=True)), at, day, scopes_of(self.world, *scopes), self.name)


def instant(local, zone):
    """Of clocks that were put forward the time before counts on, of those put back the later one is meant."""
    first, second = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    return (second if first.utcoffset() > second.utcoffset() else first).astimezone(UTC)


def number_of(value):
    return Fraction(value) if value is not None and value.is_finite() else None


class World:
    """Organizations far apart with their people, logins, and tables of the host."""

    def __init__(self, engine, database, seed):
        self.engine, self.database, self.chance = engine, database, Chance(seed)
        chance = self.chance
        self.ids, self.connections, self.suffix = 0, {}, f"_{database.name[-8:]}"
        self.now = self.began = chance.choice(MOMENTS)
        engine.execute("select yardstick_engine.record_job_home()")
        self.logins = []
        for name, group in LOGINS.items():
            engine.execute(f"create role {self.login(name)} login {group}")
            self.logins.append(self.login(name))
        engine.execute(f"grant create on database \"{database.name}\" to {self.login('host')}; grant usage on schema yardstick to {self.login('dba')}")
        engine.execute("select yardstick_api.set_approval_gates(null, %s, 'of tests')", [GATES])
        self.host = self.connect("host")
        self.host.execute("set timezone = 'UTC'; create schema host_types; grant usage on schema host_types to yardstick_reader, public")
        self.host.execute("create domain host_types.amount_domain as numeric(12, 2) check (value < 1000000); create domain host_types.whole_domain as integer;"
                          "create domain host_types.id_domain as text")  # fmt: skip
        for name, words in {"word_enum": WORDS, "key_enum": KEYS}.items():
            self.host.execute(f"create type host_types.{name} as enum ({', '.join(literal(word) for word in words)})")
        self.application = self.connect("app")
        self.dba("select yardstick_api.bind_login(%s, null, 'trusted')", self.login("app"))
        self.zones, self.parents, self.people, self.owners_of = {}, {}, {}, {}
        self.named = {"org": {}, "dept": {}, "team": {}, "user": {}}
        self.members = {level: {"uuid": [], "text": [], "integer": []} for level in ("dept", "team", "user")}
        self.organization_names = {"uuid": [], "text": [], "integer": []}
        for name in chance.sample(sorted(SETTINGS), chance.choice((0, 0, 2, 4))):
            engine.execute(f"alter database \"{database.name}\" set {name} = {SETTINGS[name]}")
        for number, keys in enumerate(chance.sample(CALENDARS, 3)):
            self.people_of(number, keys)
        self.definitions = Definitions({}, {}, Texts(""), Values(), {})
        self.hosts = [Host(self, number) for number in range(chance.choice((1, 2, 2)))]
        self.frequencies = {}

    def login(self, name):
        return name + self.suffix

    def connect(self, name):
        connection = self.connections[name] = self.database.connect(self.login(name) if name != "yardstick_worker" else name)
        return connection

    def close(self):
        for connection in self.connections.values():
            connection.close()
        for login in self.logins:
            self.engine.execute(f"drop owned by {login} cascade; drop role {login}")

    def people_of(self, number, keys):
        """An organization with its tree, and who writes and who approves; each is known by id and by a name of the host."""
        external = str(uuid.UUID(int=1000 + number)) if number == 2 else f"10{number}"
        organization = self.dba(
            "select yardstick_api.sync_organization(%s)", json.dumps({"external_id": external, "organization_name": f"Organization {number}", **keys})
        )
        self.zones[organization] = keys
        self.dba("select yardstick_api.bind_login(%s, %s, 'bound')", self.login(f"bi{number}"), organization)
        for name in (str(organization), external):
            self.named["org"][name] = organization
        self.note(self.organization_names, organization, external)
        departments = []
        for place, parent in enumerate((None, 0, 1, None)):
            name = str(uuid.UUID(int=2000 + place)) if place == 3 else f"{place + 1}"
            made = self.sync("department", organization, name, **({"parent_department_id": str(departments[parent])} if parent is not None else {}))
            self.parents[made] = departments[parent] if parent is not None else None
            departments.append(made)
        for kind in ("team", "user"):
            for place in range(3):
                self.sync(kind, organization, f"{place + 1}")
        # One that this organization has alone.
        self.parents[self.sync("department", organization, f"5{number}")] = None
        role = self.act(organization, "select yardstick_api.sync_role(%s)", json.dumps({"external_id": "all", "role_name": "all", "may_approve": GATES}))
        assert role
        self.people[organization] = [
            self.act(organization, "select yardstick_api.sync_user(%s)", json.dumps({"external_id": name, "user_name": name, "roles": roles}))
            for name, roles in (("author", []), ("approver", ["all"]))
        ]

    @staticmethod
    def note(names, made, external):
        names["uuid"].append(str(made))
        names["text"] += [str(made), external]
        names["uuid" if "-" in external else "integer"].append(external)

    def sync(self, kind, organization, external, **keys):
        made = self.act(organization, f"select yardstick_api.sync_{kind}(%s)", json.dumps({"external_id": external, f"{kind}_name": f"{kind} {external}", **keys}))
        level = "dept" if kind == "department" else kind
        for name in (str(made), external):
            self.named[level][organization, name] = made
        self.note(self.members[level], made, external)
        return made

    def next_id(self):
        self.ids += 1
        return self.ids

    # --- who does what

    def dba(self, statement, *values, organization=None, name="dba"):
        connection = self.connections.get(name) or self.connect(name)
        with connection.transaction():
            if organization:
                connection.execute("select yardstick_api.use_organization(%s)", [organization])
            return connection.execute(statement, values).fetchone()[0]

    def act(self, organization, statement, *values, person=None):
        with self.application.transaction():
            self.application.execute("select yardstick_api.use_organization(%s, %s)", [organization, person])
            return self.application.execute(statement, values).fetchone()[0]

    def work(self, job="calculate"):
        worker = self.connections.get("yardstick_worker") or self.connect("yardstick_worker")
        worker.execute("call yardstick_engine.run_job(%s, %s)", [job, self.now])
        failed = worker.execute("select job_name, status, error_code, message from yardstick_ops.job_runs where status <> 'succeeded'").fetchall()
        assert failed == []

    def settle(self):
        for _ in range(10):
            self.now += timedelta(minutes=1)
            self.work()
            if self.engine.left() == (0, 0):
                return
        raise AssertionError(f"work is left: {self.engine.left()}")

    def define(self, name, definition, owner):
        """By its author, approved by others: whether it serves now. Whoever refuses says what to do."""
        text = json.dumps(definition)
        asked = [[owner, person] for person in self.people[owner]] if owner else [["dba"], ["second"]]

        def ask(who, statement, *values):
            if owner:
                return self.act(owner, statement, *values, person=self.people[owner][who])
            return self.dba(statement, *values, name=("dba", "second")[who])

        assert asked
        problems = ask(0, "select coalesce(json_agg(v), '[]') from yardstick_api.validate_metric(%s) as v where v.passed is not true and v.check_name <> 'last_value'", text)
        try:
            ask(0, "select yardstick_api.define_metric(%s)", text)
        except psycopg.Error as error:
            assert error.sqlstate.startswith("YS") and problems, (definition, str(error), problems)
            return False
        assert [p for p in problems if p["passed"] is False] == [], (definition, problems)
        ask(0, "select yardstick_api.submit_metric(%s)", name)
        try:
            for gate in GATES:
                missing = ask(1, "select yardstick_api.approve_metric(%s, %s)", name, gate)
        except psycopg.Error as error:
            assert error.sqlstate.startswith("YS"), (definition, str(error))
            return False
        assert missing == []
        return True

    def define_some(self, host, count, generation=0):
        chance, defined = self.chance, self.definitions
        owners = (host.owner,) if host.owner else (None, None, chance.choice(list(self.zones)))
        metrics, formulas = chance.definitions(host.offer(), count, f"{host.name}_m", host.name, owners)
        defined.formulas.update(formulas)
        if generation:
            metrics = {name: metrics[name]._replace(owner=defined.metrics[name].owner) for name in chance.sample(sorted(metrics), 2) if name in defined.metrics}
        fills = chance.fills(metrics)
        served = 0
        for name, metric in metrics.items():
            definition = document(name, metric, fills.get(name), refresh_frequency=chance.choice(("real_time", "hourly", "daily")))
            if not self.define(name, definition, metric.owner):
                continue
            served += 1
            defined.metrics[name] = metric
            defined.fills.pop(name, None)
            if name in fills:
                defined.fills[name] = fills[name]
        defined.intervals = {
            name: interval for name, metric in defined.metrics.items() if (interval := interval_of(metric.measures, metric.formula))
        }
        return served

    def define_of_others(self, count):
        if not self.definitions.metrics:
            return
        derived, formulas = self.chance.of_others(self.definitions.metrics, count)
        self.definitions.formulas.update(formulas)
        for name, metric in derived.items():
            if self.define(name, document_of_others(name, metric, refresh_frequency="real_time"), metric.owner):
                self.definitions.derived[name] = metric

    def rows(self, calendar):
        for host in self.hosts:
            yield from host.rows(calendar)

    # --- what is looked at

    def check(self, calendar):
        wanted = check(self, calendar, lambda key: is_calculated(self.definitions, key[1], key[2], key[4]))
        self.check_shown()
        if self.chance.random() < 0.4:
            self.check_exact(calendar, wanted)
        self.check_verified(2)

    def check_verified(self, count):
        standing = {**self.definitions.metrics, **self.definitions.derived}
        for name in self.chance.sample(sorted(standing), min(count, len(standing))):
            statement = "select coalesce(json_agg(v), '[]') from yardstick_api.verify_rollup(%s, 6, %s) as v where v.is_equal is not true"
            values, owner = (name, self.chance.randrange(1000)), standing[name].owner
            wrong = self.act(owner, statement, *values) if owner else self.dba(statement, *values)
            assert wrong == [], (name, standing[name], wrong)

    def check_shown(self):
        """BI logins and the application see what is stored of their organization, and nothing else."""
        stored = self.engine.stored()
        for number, organization in enumerate(self.zones):
            bi = self.connections.get(f"bi{number}") or self.connect(f"bi{number}")
            seen = {
                (organization_id, *key): tuple(values)
                for organization_id, *key, first, value, sample, status, is_complete in [
                    row for row in bi.execute(
                        "select organization_id, metric_name, aggregation_level, aggregation_id, time_window, period_date,"
                        " period_date, metric_value_exact, sample_size, calculation_status, is_complete from yardstick_bi.metric_values"
                    ).fetchall()
                ]
                for values in [(value, sample, status, is_complete)]
            }  # fmt: skip
            own = {key: row for key, row in stored.items() if key[0] == organization}
            wanted = {key: (row["value"], row["sample"], row["status"], row["metadata"]["is_complete"]) for key, row in own.items()}
            assert self.engine.differing(seen, wanted) == ([], 0)
            series = sorted({key[1:5] for key in own}, key=str)
            for metric, level, scope, window in self.chance.sample(series, min(6, len(series))):
                with self.application.transaction():
                    self.application.execute("select yardstick_api.use_organization(%s)", [organization])
                    told = self.application.execute(
                        "select period_start, metric_value, sample_size from yardstick_api.metric_series(%s, %s, %s, %s, '1989-01-01', '2099-01-01')",
                        [metric, level, scope, window],
                    ).fetchall()
                assert told == sorted(
                    (row["starts_at"], row["value"], row["sample"]) for key, row in own.items() if key[1:5] == (metric, level, scope, window)
                )

    def check_exact(self, calendar, wanted):
        for organization in self.zones:
            own = sorted((key for key in wanted if key[0] == organization), key=str)
            chosen = self.chance.sample(own, min(3, len(own)))
            with self.application.transaction():
                self.application.execute("set transaction read only")
                self.application.execute("select yardstick_api.use_organization(%s)", [organization])
                for key in chosen:
                    _, metric, level, scope, window, _ = key
                    (value,) = self.application.execute(
                        "select yardstick_api.metric_value(%s, %s, %s, %s, %s, true)", [metric, level, scope, window, wanted[key]["ends_at"]]
                    ).fetchone()
                    assert value == wanted[key]["value"], (key, value, wanted[key])

    def breaks_and_heals(self):
        """A column that metrics read is renamed, and then named as before; meanwhile nothing is calculated of it, and all says so."""
        host = self.chance.choice(self.hosts)
        if host.relation != host.table:
            return
        before = {key: row["value"] for key, row in self.engine.stored().items()}
        column = self.chance.choice([host.time, *host.numbers])
        self.host.execute(f"alter table {host.table} rename column {column.quoted} to \"otherwise\"")
        self.now += timedelta(hours=1)
        self.work()
        drifted = [
            name for (name,) in self.engine.execute("select metric_name from yardstick.metric_definitions where drifted_at is not null").fetchall()
        ]
        if column is host.time:
            assert {name for name, metric in self.definitions.metrics.items() if metric.source == host.name} <= set(drifted)
        after = {key: row["value"] for key, row in self.engine.stored().items()}
        assert {key: value for key, value in after.items() if key[1] in drifted} == {key: value for key, value in before.items() if key[1] in drifted}
        self.host.execute(f"alter table {host.table} rename column \"otherwise\" to {column.quoted}")

    def move(self):
        """What is not a row of the host changes: a calendar, a tree, or somebody new."""
        organization, change = self.chance.choice(list(self.zones)), self.chance.random()
        if change < 0.5:
            keys = {"week_start": 1, "fiscal_year_start_month": 1, **self.chance.choice(CALENDARS)}
            self.act(organization, "select yardstick_api.sync_organization(%s)", json.dumps({"id": str(organization), **keys}))
            self.zones[organization] = keys
        else:
            department = self.named["dept"][organization, "3"]
            parent = self.chance.choice((None, self.named["dept"][organization, "1"], self.named["dept"][organization, str(uuid.UUID(int=2003))]))
            self.act(organization, "select yardstick_api.sync_department(%s)", json.dumps({"external_id": "3", "parent_department_id": parent and str(parent)}))
            self.parents[department] = parent

    def look_around(self):
        """What else is asked of such sources answers."""
        for job in ("snapshots", "alerts", "maintenance", "retention"):
            self.work(job)
        for view in ("health", "freshness", "source_lineage", "metric_cost"):
            self.connections["dba"].execute(f"select * from yardstick_ops.{view}").fetchall()
        for name, metric in {**self.definitions.metrics, **self.definitions.derived}.items():
            for statement in ("select count(*) from yardstick_api.explain_metric(%s)", "select count(*) from yardstick_api.metric_lineage(%s)"):
                assert (self.act(metric.owner, statement, name) if metric.owner else self.dba(statement, name)) > 0

    def goes_and_comes(self):
        host = self.chance.choice(self.hosts)
        host.drop()
        if self.chance.random() < 0.5:
            self.now += timedelta(hours=1)
            self.work()
        host.make()
        host.insert([host.row() for _ in range(15)])
        if host.kind == "materialized view":
            self.host.execute(f"refresh materialized view {host.relation}")
        host.register()
        # A watermark tells nothing of rows that are gone.
        if host.finds == "watermark":
            self.dba("select yardstick_api.refresh_source(%s)", host.name, organization=host.owner)


class Texts(dict):
    """What a text says of a row: the host has said it."""

    def __init__(self, prefix):
        super().__init__()
        self.prefix = prefix

    def __missing__(self, text):
        return (lambda content: True) if text is None else (lambda content: content[self.prefix + text])


class Values(dict):
    """The number of a row, or what a thing is told apart by."""

    def __missing__(self, text):
        return lambda content: content[f"t {text}"] if f"t {text}" in content else number_of(content[f"n {text}"])


@pytest.fixture
def world_of(engine, database):
    made = []

    def make(seed):
        made.append(World(engine, database, seed))
        return made[0]

    yield make
    for world in made:
        world.close()


@pytest.mark.parametrize("seed", [209])
def test_what_is_stored_and_shown_is_what_the_host_holds(world_of, calendar, seed):
    world = world_of(seed)
    for host in world.hosts:
        host.insert([host.row() for _ in range(90)])
        if host.kind == "materialized view":
            world.host.execute(f"refresh materialized view {host.relation}")
        host.register()
    assert sum(world.define_some(host, 7) for host in world.hosts) > 3
    world.define_of_others(4)
    world.settle()
    world.check(calendar)
    for turn in range(3):
        for _ in range(world.chance.randrange(1, 4)):
            host = world.chance.choice(world.hosts)
            if not host.happen() and host.finds == "watermark":
                world.dba("select yardstick_api.refresh_source(%s)", host.name, organization=host.owner)
        if turn == 0 and world.chance.random() < 0.6:
            world.breaks_and_heals()
        if turn == 1 and world.chance.random() < 0.4:
            world.goes_and_comes()
        if world.chance.random() < 0.3:
            world.move()
        if world.chance.random() < 0.4:
            world.define_some(world.chance.choice(world.hosts), 7, generation=1)
        world.now += timedelta(hours=world.chance.choice((25, 26, 49, 200)))
        world.settle()
        world.check(calendar)
    world.look_around()
