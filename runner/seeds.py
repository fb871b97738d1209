"""Where the tables of the catalog differ from the two documents they were built from.

docs/departures.csv says why each difference is meant; a test holds the two together.
"""

import csv
import re
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import psycopg

ROOT = Path(__file__).resolve().parent.parent
# The second seed's table is a view here, and its indexes stand on the table it shows.
STORED_IN = {"dashboard_configurations": "analytics_dashboards"}
TYPES = {
    "SERIAL": "integer",
    "INTEGER": "integer",
    "DECIMAL": "numeric",
    "VARCHAR": "character varying",
    "TIMESTAMPTZ": "timestamp with time zone",
}
COLUMNS = """
select
    c.relname as table_name, a.attname as column_name, format_type(a.atttypid, a.atttypmod) as type,
    not a.attnotnull as is_nullable, a.attgenerated <> '' as is_generated,
    pg_get_expr(d.adbin, d.adrelid) as default_value,
    (
        select
            format('%s.id', f.confrelid::regclass)
            || case f.confdeltype when 'c' then ' ON DELETE CASCADE' else '' end
        from pg_constraint as f
        where f.contype = 'f' and f.conrelid = c.oid and f.conkey = array[a.attnum]
    ) as reference
from pg_class as c
inner join pg_attribute as a on c.oid = a.attrelid and a.attnum > 0 and not a.attisdropped
left join pg_attrdef as d on a.attrelid = d.adrelid and a.attnum = d.adnum
where c.relnamespace = 'yardstick'::regnamespace and c.relkind in ('r', 'p', 'v') and not c.relispartition
"""
KEYS = """
select
    t.relname as table_name, i.relname as index_name, x.indisprimary as is_primary,
    x.indisunique as is_unique,
    (
        select string_agg(
            pg_get_indexdef(x.indexrelid, n, true)
            || case x.indoption[n - 1] & 1 when 1 then ' DESC' else '' end,
            ', ' order by n
        )
        from generate_series(1, x.indnkeyatts) as n
    ) as columns,
    pg_get_expr(x.indpred, x.indrelid) as condition
from pg_index as x
inner join pg_class as t on x.indrelid = t.oid
inner join pg_class as i on x.indexrelid = i.oid
where t.relnamespace = 'yardstick'::regnamespace and not t.relispartition
"""
CHECKS = """
select
    t.relname as table_name, k.conname as constraint_name, pg_get_constraintdef(k.oid) as definition,
    array(
        select a.attname::text
        from pg_attribute as a
        where a.attrelid = t.oid and a.attnum = any(k.conkey)
        order by a.attnum
    ) as columns
from pg_constraint as k
inner join pg_class as t on k.conrelid = t.oid
where t.relnamespace = 'yardstick'::regnamespace and k.contype = 'c' and not t.relispartition
"""


class Difference(NamedTuple):
    table: str
    item: str
    what: str
    seed: str
    here: str


def read(path: str) -> list[dict[str, str]]:
    with (ROOT / path).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def departures() -> dict[Difference, str]:
    return {
        Difference(row["table"], row["item"], row["what"], row["seed"], row["here"]): row["why"]
        for row in read("docs/departures.csv")
    }


def expected_type(seed_type: str) -> str:
    name, _, rest = seed_type.partition("(")
    if name == "ENUM":
        return "enum"
    words = TYPES.get(name, name.lower())
    return f"{words}({rest}" if rest else words


def plain(expression: str | None) -> str:
    """An expression without the marks by which the catalog's spelling differs from ours."""
    text = (expression or "").lower().replace("!=", "<>").removeprefix("where ")
    text = re.sub(r"::[a-z ]+(\[\])?", "", text)
    text = re.sub(r"= any \(?array\[([^]]*)\]\)?", r"in \1", text)
    return re.sub(r"[\s()\"]|^check", "", text).replace("yardstick.", "")


def values_of(column: dict[str, str]) -> list[str]:
    """The value list the seed gives: closed when it is an ENUM or a comment of nothing but values."""
    if column["type"].startswith("ENUM"):
        return re.findall(r"'([^']+)'", column["type"])
    if column["comment"].startswith("'"):
        return re.findall(r"'([^']+)'", column["comment"])
    return []


def rows(connection: psycopg.Connection, query: str) -> list[dict]:
    with connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
        return cursor.execute(query).fetchall()


def column_differences(connection: psycopg.Connection, named: dict[tuple[str, str], str]) -> list[Difference]:
    here = {(row["table_name"], row["column_name"]): row for row in rows(connection, COLUMNS)}
    checks = defaultdict(str)
    for check in rows(connection, CHECKS):
        for name in check["columns"]:
            checks[check["table_name"], name] += check["definition"]
    found = []
    for seed in read("tests/seeds/columns.csv"):
        table, name = seed["table"], named.get((seed["table"], seed["column"]), seed["column"])
        column = here.get((table, name))

        def differ(what: str, before: str, now: str, table=table, item=seed["column"]) -> None:
            found.append(Difference(table, item, what, before, now))

        if name != seed["column"]:
            differ("name", seed["column"], name)
        if column is None:
            differ("column", seed["type"], "missing")
            continue
        if column["type"] != expected_type(seed["type"]):
            differ("type", re.sub(r"^ENUM.*", "ENUM", seed["type"]), column["type"])
        words = checks.get((STORED_IN.get(table, table), name), "")
        if any(f"'{value}'" not in words for value in values_of(seed)):
            differ("values", "listed", "any")
        if table in STORED_IN:
            continue
        if column["is_nullable"] != (seed["nullable"] == "yes"):
            differ("null", seed["nullable"], "yes" if column["is_nullable"] else "no")
        if column["is_generated"]:
            differ("default", seed["default"], "generated")
        elif plain(column["default_value"]) != plain(seed["default"]):
            differ("default", seed["default"], re.sub(r"::[a-z ]+(\[\])?", "", column["default_value"] or ""))
        reference = (column["reference"] or "").replace("yardstick.", "")
        if reference != seed["references"]:
            differ("reference", seed["references"], reference)
    return found


def key_differences(connection: psycopg.Connection) -> list[Difference]:
    keys = rows(connection, KEYS)
    checks = {(row["table_name"], row["constraint_name"]): row for row in rows(connection, CHECKS)}
    found = []
    for seed in read("tests/seeds/constraints.csv"):
        table, kind, columns = seed["table"], seed["kind"], seed["columns_or_expression"]
        holder = STORED_IN.get(table, table)
        if kind == "check":
            now = checks.get((holder, seed["name"]), {"definition": "missing"})["definition"]
            if plain(now) != plain(columns):
                found.append(Difference(table, f"check {seed['name']}", kind, columns, now))
            continue
        here = [row for row in keys if row["table_name"] == holder and serves(row, seed)]
        # The primary key last: an own unique key on the same columns is the nearer one.
        here.sort(key=lambda row: (row["is_primary"], len(row["columns"])))
        now, condition = (here[0]["columns"], here[0]["condition"]) if here else ("missing", None)
        if now != columns or plain(condition) != plain(seed["where"]):
            item = kind if kind == "primary key" else f"{kind} {seed['name'] or '(' + columns + ')'}"
            found.append(Difference(table, item, kind, columns, now))
    return found


def serves(key: dict, seed: dict[str, str]) -> bool:
    if seed["kind"] == "index":
        return key["index_name"] == seed["name"]
    if seed["kind"] == "primary key":
        return key["is_primary"]
    wanted = set(seed["columns_or_expression"].split(", "))
    return key["is_unique"] and wanted <= set(key["columns"].split(", "))


def differences(connection: psycopg.Connection) -> list[Difference]:
    named = {(d.table, d.item): d.here for d in departures() if d.what == "name"}
    return column_differences(connection, named) + key_differences(connection)
