"""The data model, written from the catalog: diagrams, dictionary, and what became of every seed column."""

from itertools import groupby

import psycopg

from runner import seeds

TABLES = """
select
    c.relname as name, c.relkind = 'v' as is_view, obj_description(c.oid, 'pg_class') as comment,
    pg_get_partkeydef(c.oid) as partition_key,
    exists (
        select from pg_attribute as a
        where a.attrelid = c.oid and a.attname = 'organization_id' and not a.attisdropped
    ) as is_tenants
from pg_class as c
where c.relnamespace = 'yardstick'::regnamespace and c.relkind in ('r', 'p', 'v') and not c.relispartition
order by c.relname
"""
COLUMNS = """
select
    c.relname as table_name, a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
    not a.attnotnull as is_nullable, a.attgenerated <> '' as is_generated, a.attidentity <> '' as is_identity,
    pg_get_expr(d.adbin, d.adrelid) as default_value, col_description(c.oid, a.attnum) as comment,
    exists (
        select from pg_index as x where x.indrelid = c.oid and x.indisprimary and a.attnum = any(x.indkey)
    ) as is_key
from pg_class as c
inner join pg_attribute as a on c.oid = a.attrelid and a.attnum > 0 and not a.attisdropped
left join pg_attrdef as d on a.attrelid = d.adrelid and a.attnum = d.adnum
where c.relnamespace = 'yardstick'::regnamespace and c.relkind in ('r', 'p', 'v') and not c.relispartition
order by c.relname, a.attnum
"""
REFERENCES = """
select
    t.relname as table_name, a.attname as column_name, f.relname as target, not a.attnotnull as is_nullable
from pg_constraint as k
inner join pg_class as t on k.conrelid = t.oid
inner join pg_class as f on k.confrelid = f.oid
inner join pg_attribute as a on t.oid = a.attrelid and a.attnum = k.conkey[1]
where t.relnamespace = 'yardstick'::regnamespace and k.contype = 'f' and k.conparentid = 0
order by t.relname, a.attnum
"""
RULES = """
select t.relname as table_name, k.conname as name, pg_get_constraintdef(k.oid, true) as definition
from pg_constraint as k
inner join pg_class as t on k.conrelid = t.oid
where
    t.relnamespace = 'yardstick'::regnamespace and k.contype in ('c', 'p', 'u', 'f') and not t.relispartition
order by t.relname, array_position(array['p', 'u', 'c', 'f'], k.contype::text), k.conname
"""
INDEXES = """
select
    t.relname as table_name,
    regexp_replace(pg_get_indexdef(x.indexrelid), ' ON (ONLY )?[^ ]+ USING btree', '') as definition
from pg_index as x
inner join pg_class as t on x.indrelid = t.oid
inner join pg_class as i on x.indexrelid = i.oid
left join pg_constraint as k on x.indexrelid = k.conindid and k.conrelid = t.oid
where t.relnamespace = 'yardstick'::regnamespace and not t.relispartition and k.oid is null
order by t.relname, i.relname
"""
# Facts have no foreign keys: what their columns point at is known by name.
POINTS_AT = {
    "metric_id": "metric_definitions",
    "source_id": "metric_sources",
    "measure_id": "metric_measures",
    "series_id": "metric_series",
    "alert_id": "metric_alerts",
    "open_history_id": "metric_alert_history",
    "template_id": "report_templates",
    "scheduled_report_id": "scheduled_reports",
}
# Columns up to which a table is drawn whole; the dictionary has the rest.
SHOWN_WHOLE = 12
DIAGRAMS = {
    "Identity": ("organizations", "departments", "teams", "users", "roles", "role_members", "login_bindings"),
    "Metrics": (
        "metric_sources",
        "metric_measures",
        "metric_definitions",
        "metric_relationships",
        "metric_targets",
        "metric_series",
        "metric_partials",
        "metric_calculations",
        "metric_snapshots",
        "analytics_metrics",
    ),
}
INTRODUCTION = """\
# The data model

Written from the catalog by `make docs`; do not edit. Every table stands in schema `yardstick`.

- [Diagrams](#diagrams)
- [Data dictionary](#data-dictionary)
- [From the seeds](#from-the-seeds): what became of every table, column and key of the two documents

Three kinds of tables:

- **Configuration** (identity, sources, definitions, dashboards, alerts, reports) has `primary key (id)` and
  foreign keys, and may belong to the whole platform (`organization_id` null).
- **Facts** (observations, series, states, calculations, snapshots, alert history, report instances) belong to
  an organization, which leads their keys; they have no foreign keys, and large ones are partitioned by year.
- **Work and administration** (queues, jobs, logins, code) belong to no organization.

Row-level security is enabled and forced on every table that belongs to organizations and on each partition.
"""


FROM_THE_SEEDS = """\
## From the seeds

Two documents were built into one system: 000, the analytics database of a quality-management platform, and
001, the metrics infrastructure of a compliance platform. What is different throughout, and why:

- Every id is a uuid, made in the order of time; 000's integer `id` and its `uuid` are one column, `id`.
- Every table belongs to organizations, and every unique key contains the organization: else one tenant blocks
  another, or learns what exists. Null counts as a value in them, or duplicates would be legal.
- `analytics_dashboards` has the columns of both dashboards; `dashboard_configurations` is a view of it under
  000's names that can be written to, and each column is stored once.
- A failed calculation has a row without a value and says so; it is never a number.
- Value lists are text with a named check. Where both documents have a list for one thing, it takes both.
- Numeric columns refuse NaN and infinity, which would poison every average.
- What a metric was measured at is evidence: calculations, snapshots, observations, alert history and report
  instances have no foreign keys, and nothing that is deleted takes them along.
- `metric_definitions` is the current version of each metric, and has the `deleted_at` that 001 indexes but
  does not define. Targets by scope and date stand in `metric_targets`, the state of an alert per scope in
  `metric_alert_states`; the columns of the seed are the default and the totals.

Tables below: an empty last column means that the column is as it was. Reasons stand in `departures.csv`.
"""


def cell(text: object) -> str:
    return str(text if text is not None else "").replace("|", "\\|").replace("\n", " ")


def table(header: list[str], lines: list[list]) -> str:
    marks = [header, ["---"] * len(header), *lines]
    return "\n".join(f"| {' | '.join(cell(value) for value in line)} |" for line in marks) + "\n"


def short(type_name: str) -> str:
    text = type_name.replace("timestamp with time zone", "timestamptz")
    return text.replace("character varying", "varchar")


def diagram(names: list[str], columns: dict[str, list[dict]], references: list[dict]) -> str:
    lines = ["```mermaid", "erDiagram"]
    pointing = {(row["table_name"], row["column_name"]) for row in references}
    for name in names:
        lines.append(f"    {name} {{")
        for column in columns[name]:
            points = (name, column["name"]) in pointing or column["name"] in POINTS_AT
            marks = ", ".join(mark for mark, holds in (("PK", column["is_key"]), ("FK", points)) if holds)
            if marks or len(columns[name]) <= SHOWN_WHOLE:
                kind = short(column["type"]).replace("[]", "_array").split("(")[0].replace(" ", "_")
                lines.append(f"        {kind} {column['name']}{' ' + marks if marks else ''}")
        lines.append("    }")
    for row in references:
        if row["table_name"] in names and row["target"] in names:
            near = "|o" if row["is_nullable"] else "||"
            lines.append(f"    {row['target']} {near}--o{{ {row['table_name']} : {row['column_name']}")
    for name in names:
        for column in columns[name]:
            target = POINTS_AT.get(column["name"])
            if target in names and target != name and (name, column["name"]) not in pointing:
                near = "|o" if column["is_nullable"] else "||"
                lines.append(f"    {target} {near}..o{{ {name} : {column['name']}")
    return "\n".join([*lines, "```", ""])


def diagrams(tables: list[dict], columns: dict[str, list[dict]], references: list[dict]) -> str:
    names = [row["name"] for row in tables if not row["is_view"]]
    shown = {title: [name for name in names if name in group] for title, group in DIAGRAMS.items()}
    drawn = {name for group in shown.values() for name in group}
    rest = [name for name in names if name not in drawn]
    prefixes = ("analytics_", "dashboard_", "metric_alert", "report_", "scheduled_")
    shown["Dashboards, alerts and reports"] = [name for name in rest if name.startswith(prefixes)]
    shown["Work and administration"] = [name for name in rest if not name.startswith(prefixes)]
    text = (
        "## Diagrams\n\nSolid lines are foreign keys; dotted ones go without, because facts have none.\n"
        "Long tables show their keys alone. `organization_id` of facts always points at `organizations`.\n"
    )
    for title, group in shown.items():
        if group:
            text += f"\n### {title}\n\n{diagram(group, columns, references)}"
    return text


def default_of(column: dict) -> str:
    if column["is_generated"]:
        return "generated"
    if column["is_identity"]:
        return "identity"
    return f"`{column['default_value']}`" if column["default_value"] else ""


def dictionary(
    tables: list[dict], columns: dict[str, list[dict]], rules: list[dict], indexes: list[dict]
) -> str:
    text = "## Data dictionary\n"
    for row in tables:
        name = row["name"]
        text += f"\n### {name}\n\n{row['comment']}"
        if row["partition_key"]:
            text += f" Partitioned by {row['partition_key'].lower()}."
        if not row["is_tenants"] and name != "organizations":
            text += " Belongs to no organization."
        lines = [
            [c["name"], short(c["type"]), "" if c["is_nullable"] else "not null", default_of(c), c["comment"]]
            for c in columns[name]
        ]
        if row["is_view"]:
            shown = [[line[0], line[1], line[4]] for line in lines]
            text += "\n\n" + table(["column", "type", "meaning"], shown)
            continue
        text += "\n\n" + table(["column", "type", "null", "default", "meaning"], lines)
        kept = [[r["name"], f"`{r['definition']}`"] for r in rules if r["table_name"] == name]
        kept += [["", f"`{r['definition']}`"] for r in indexes if r["table_name"] == name]
        if kept:
            text += "\n" + table(["rule", "keys, checks and indexes"], kept)
    return text


def from_the_seeds(columns: dict[str, list[dict]]) -> str:
    departures = seeds.departures()
    named = {(d.table, d.item): d.here for d in departures if d.what == "name"}
    text = FROM_THE_SEEDS
    listed = seeds.read("tests/seeds/columns.csv")
    for (seed, name), group in groupby(listed, key=lambda row: (row["seed"], row["table"])):
        lines, known = [], set()
        for row in group:
            here = named.get((name, row["column"]), row["column"])
            known.add(here)
            notes = [
                f"{d.what}: {say(d)} ({why})"
                for d, why in departures.items()
                if (d.table, d.item) == (name, row["column"])
            ]
            kind = row["type"].partition("(")[0] if row["type"].startswith("ENUM") else row["type"]
            lines.append([row["column"], kind, f"{name}.{here}", "; ".join(notes)])
        text += f"\n### Seed {seed}: {name}\n\n"
        text += table(["seed column", "type there", "here", "different"], lines)
        added = [c["name"] for c in columns.get(name, []) if c["name"] not in known]
        if added:
            text += f"\nAdded: {', '.join(added)}.\n"
        keys = [[d.item, d.here, why] for d, why in departures.items() if d.table == name and " " in d.item]
        if keys:
            text += "\n" + table(["key or index there", "columns here", "why"], keys)
    return text


def say(difference: seeds.Difference) -> str:
    if difference.what == "null":
        return "allowed" if difference.here == "yes" else "not allowed"
    return difference.here or "none"


def generate(connection: psycopg.Connection) -> str:
    """The whole of docs/data-model.md."""
    tables = seeds.rows(connection, TABLES)
    listed = groupby(seeds.rows(connection, COLUMNS), key=lambda row: row["table_name"])
    columns = {name: list(group) for name, group in listed}
    references = seeds.rows(connection, REFERENCES)
    rules, indexes = seeds.rows(connection, RULES), seeds.rows(connection, INDEXES)
    return "\n".join(
        [
            INTRODUCTION,
            diagrams(tables, columns, references),
            dictionary(tables, columns, rules, indexes),
            from_the_seeds(columns),
        ]
    )
