"""Many conditions on the rows of one source, found by masks: each measure counts exactly the rows that its own condition admits."""

from collections import Counter
from datetime import UTC, datetime

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

AS_OF = datetime(2025, 6, 15, 12, tzinfo=UTC)
HOST = r"""
create schema host;
create table host.cases (
    id integer primary key, organization text, department text, team text, person text, happened_at timestamptz not null, kind text, code varchar(20),
    flag boolean, n integer, big bigint, amount numeric, ratio double precision, noted text, due date
);
insert into host.cases
select
    i, (array['north', 'south', 'south', 'nobody'])[1 + i % 4], (array['a', 'b', null])[1 + i % 3], (array['t', null])[1 + i % 2],
    (array['ann', 'bob', null])[1 + i * 5 % 3], timestamptz '2025-03-08 00:00+00' + i * interval '23 minutes',
    (array['num', 'it''s (a) AND b', E'back\\slash', '"', null])[1 + i * 7 % 5], (array['x', 'y', null])[1 + i * 11 % 3],
    (array[true, false, null])[1 + i * 13 % 3], case when i % 7 > 0 then i * 17 % 40 - 10 end, i * 1000000007::bigint,
    case i % 9 when 0 then null when 1 then 'NaN' when 2 then 'Infinity' else i * 31 % 1000 / 8.0 end,
    case i % 8 when 0 then null when 1 then 'NaN' else i / 16.0 end,
    case when i * 7 % 5 = 0 then (i % 20)::text else 'no number' end, date '2025-03-01' + i % 15
from generate_series(1, 600) as i;
grant usage on schema host to yardstick_reader;
grant select on host.cases to yardstick_reader;
"""
# What may fail follows the comparison that keeps it from failing.
PARTS = (
    "kind = 'num'", "kind = 'it''s (a) AND b'", r"kind = E'back\\slash'", "kind <> '\"'", "kind in ('num', '\"')", "kind not in ('num', 'x')",
    "kind is null", "kind is not null", "code = 'x'", "code <> 'y'", "code > 'x'", "flag", "not flag", "flag is not true", "flag is unknown",
    "n > 3", "n >= 3", "n < -2", "n = 7", "n between 0 and 12", "n > 2.5", "amount > 10", "amount <= 60.125", "amount < -1", "amount = 'NaN'",
    "ratio > 4", "big > n", "due > date '2025-03-07'", "mod(n, 2) = 0", "n > 3 or flag", "lower(code) = 'x'", "kind like '%AND%'",
    "kind = 'num' and noted::numeric > 5", "kind = 'num' and flag and 10 / (noted::numeric + 1) > 2", "kind = null", "true", "false",
    "case when n > 0 and flag then code = 'x' else n is null end", "n is distinct from 7", "coalesce(n, 5) > 4",
)  # fmt: skip
VALUES = (None, None, "n", "big", "amount", "ratio", "n * amount", "n::numeric * n::numeric", "amount::numeric * amount::numeric", "noted")
PLAIN = (None, "n", "big", "amount", "n::numeric * n::numeric")
WRITTEN = {"n::numeric * n::numeric": "((source.n)::numeric * (source.n)::numeric)", "amount::numeric * amount::numeric": "((source.amount)::numeric * (source.amount)::numeric)"}


@pytest.fixture
def cases(engine):
    engine.execute(HOST)
    zones = {"north": "America/New_York", "south": "Australia/Lord_Howe"}
    ids = {name: engine.organization(name, timezone=zone) for name, zone in zones.items()}
    engine.execute(
        """
        insert into yardstick.departments (organization_id, department_name, external_id)
        select o.id, d.name, d.name from unnest(%(ids)s::uuid[]) as o (id), (values ('a'), ('b')) as d (name);
        """,
        {"ids": list(ids.values())},
    )
    engine.door("register_source", {
        "name": "cases", "relation": "host.cases", "time_column": "happened_at", "organization_column": "organization",
        "levels": {"dept": "department"},
    })  # fmt: skip
    return ids


def keep(engine, source, condition, value, organization=None):
    """A measure as a definition would keep it."""
    columns = "select array_agg(column_name), array_agg(type_name) from yardstick_engine.source_columns(%s)"
    names, types = engine.execute(columns, [source]).fetchone()
    probe = "select yardstick_engine.probe_expression('x', %s, %s, %s, %s)"
    written = condition and engine.one(probe, ["filter", condition, names, types])
    read = WRITTEN.get(value) or (value and engine.one(probe, ["number", f"{value}::numeric" if value == "noted" else value, names, types]))
    return engine.one("select yardstick_engine.keep_measure(%s, %s, null, %s, %s, 'sums')", [organization, source, written, read])


def states(engine, source, measures, is_dense, days=None, is_stretched=None):
    """What a scan finds, up to where it would write; of a plan of the given kind, and perhaps of some days alone."""
    engine.execute(
        "create or replace function yardstick_engine.has_dense_cells(source yardstick.metric_sources, mask_count numeric) returns boolean"
        f" language sql stable set search_path = pg_catalog, pg_temp as 'select {is_dense}'"
    )
    text = engine.one("select yardstick_engine.scan_statement(%s, %s, %s, true)", [source, measures, days is not None])
    assert '"$mask0"' in text and ("alike as (" in text) == is_dense
    assert is_stretched is None or ("group by u.number, u.day" in text) == is_stretched
    # As scan_source runs it.
    engine.execute("set local enable_nestloop = off; set local enable_mergejoin = off; set local enable_sort = off; set local jit = off")
    head = text[: text.index(",\nknown as materialized (")]
    engine.execute(
        "prepare scan (date, date, uuid[], text[], date[], timestamptz, timestamptz, text[], text[], uuid) as "
        f"{head}\nselect organization_id, measure_id, aggregation_level, aggregation_id, local_date, row_count, value_sum, value_min, value_max from states"
    )
    dirty = [[day[0] for day in days], [None] * len(days), [day[1] for day in days]] if days else [None] * 3
    literals = ", ".join(
        engine.one("select quote_nullable(%s::text)", ["{" + ",".join("null" if each is None else str(each) for each in part) + "}" if part else None])
        for part in dirty
    )
    return engine.execute(
        f"execute scan ('2025-03-01', '2025-03-25', {literals}, '2025-02-28', '2025-03-26', '{{north,south}}', null, null)"
    ).fetchall()


def expected(engine, condition, value, organization=None):
    """The same by a query of its own over the raw rows."""
    number = {"noted": "r.noted::numeric", "ratio": "r.ratio::numeric"}.get(value, value)
    read = f"case when ({number})::numeric not in ('NaN', 'Infinity', '-Infinity') then ({number})::numeric end" if value else "null::numeric"
    return engine.execute(
        f"""
        select
            k.organization_id, k.day, k.department_id, {"count(k.value)" if value else "count(*)"}, sum(k.value), min(k.value), max(k.value)
        from (
            select o.id as organization_id, (r.happened_at at time zone o.timezone)::date as day, d.id as department_id, {read} as value
            from host.cases as r
            inner join yardstick.organizations as o on o.external_id = r.organization
            left join yardstick.departments as d on d.organization_id = o.id and d.external_id = r.department
            where ({(condition or "true").replace("%", "%%")}) and (%(organization)s::uuid is null or o.id = %(organization)s)
            offset 0
        ) as k
        group by 1, 2, 3 having {"count(k.value)" if value else "count(*)"} > 0
        """,
        {"organization": organization},
    ).fetchall()


conditions = st.lists(st.sampled_from(PARTS), min_size=1, max_size=3).map(lambda parts: " and ".join(f"({part})" for part in parts))
asked = st.lists(
    st.tuples(conditions | st.none(), st.sampled_from(VALUES), st.booleans()), min_size=14, max_size=22, unique_by=lambda one: one[:2]
)


@settings(
    max_examples=10, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much, HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
@given(asked=asked, is_dense=st.booleans(), some_days=st.booleans(), is_plain=st.booleans())
@example(asked=[("(kind = 'num')", "n", False), ("(kind <> 'x') and (n > 3)", "amount", True), (None, "big", False)], is_dense=False, some_days=False, is_plain=True)
def test_each_measure_counts_and_adds_up_the_rows_that_its_condition_admits(engine, cases, asked, is_dense, some_days, is_plain):
    # Columns can be read on any row; of what else is added up, masks are numbered first.
    if is_plain:
        asked = list(dict.fromkeys((condition, value if value in PLAIN else "amount", is_own) for condition, value, is_own in asked))
    # A text is read as a number only behind the comparison that says it is one.
    asked = [
        ("(kind = 'num')" if value == "noted" and (condition is None or "kind = 'num'" not in condition) else condition, value, is_own)
        for condition, value, is_own in asked
    ]
    asked += [(f"(n > {limit})", None, False) for limit in range(9)]
    source = engine.one("select id from yardstick.metric_sources where source_name = 'cases'")
    days = [(cases["north"], "2025-03-09"), (cases["south"], "2025-03-09"), (cases["south"], "2025-03-12")] if some_days else None
    with engine.connection.transaction(force_rollback=True):
        kept = {}
        for condition, value, is_own in dict.fromkeys(asked):
            organization = cases["north"] if is_own else None
            kept[keep(engine, source, condition, value, organization)] = (condition, value, organization)
        rows = states(engine, source, list(kept), is_dense, days, is_stretched=None if not is_plain else not (is_dense or days))
        engine.execute("deallocate scan")
        assert max(Counter(row[:5] for row in rows).values(), default=1) == 1
        found = {row[:5]: row[5:] for row in rows}
        wanted = {
            (organization, measure, "own" if department else "none", department or organization, day): (count, *numbers)
            for measure, parts in kept.items()
            for organization, day, department, count, *numbers in expected(engine, *parts)
            if days is None or (organization, day.isoformat()) in days
        }
        assert wanted and found == wanted


def test_texts_that_differ_may_be_equal_where_the_collation_says_so(engine, cases):
    engine.execute("create collation host.folded (provider = icu, locale = 'und-u-ks-level2', deterministic = false)")
    engine.execute("alter table host.cases alter column kind type text collate host.folded")
    source = engine.one("select id from yardstick.metric_sources where source_name = 'cases'")
    conditions = [*(f"n > {limit}" for limit in range(9)), "kind = 'num'", "kind = 'NUM'", "kind <> 'Num'"]
    kept = {keep(engine, source, condition, None): condition for condition in conditions}
    rows = states(engine, source, list(kept), False)
    counted = {condition: sum(row[5] for row in rows if row[1] == measure) for measure, condition in kept.items()}
    assert counted == {condition: sum(row[3] for row in expected(engine, condition, None)) for condition in conditions}
    assert counted["kind = 'num'"] == counted["kind = 'NUM'"] > 0


def test_what_may_fail_is_looked_at_only_where_the_rest_of_its_condition_holds(engine, cases):
    source = engine.one("select id from yardstick.metric_sources where source_name = 'cases'")
    with engine.connection.transaction(force_rollback=True):
        others = [keep(engine, source, f"n > {limit}", "amount") for limit in range(9)]
        guarded = keep(engine, source, "kind = 'num' and noted::numeric > 5", "noted")
        for is_dense in (False, True):
            found = states(engine, source, [*others, guarded], is_dense)
            engine.execute("deallocate scan")
            assert sum(row[5] for row in found if row[1] == guarded) == sum(row[3] for row in expected(engine, "kind = 'num' and noted::numeric > 5", "noted"))
        # It fails where it would have failed alone.
        for is_dense in (False, True):
            with pytest.raises(psycopg.errors.InvalidTextRepresentation), engine.connection.transaction():
                states(engine, source, [*others, keep(engine, source, "kind <> 'num' and noted::numeric > 5", None)], is_dense)


def test_teams_have_states_of_their_own_where_a_metric_asks_for_them(engine, cases):
    engine.execute(
        """
        insert into yardstick.teams (organization_id, team_name, external_id) select o.id, 't', 't' from unnest(%(ids)s::uuid[]) as o (id);
        """,
        {"ids": list(cases.values())},
    )
    engine.door("register_source", {
        "name": "cases_of_teams", "relation": "host.cases", "time_column": "happened_at", "organization_column": "organization",
        "levels": {"dept": "department", "team": "team"},
    })  # fmt: skip
    for limit in range(13):
        levels = ["org", "dept", "team"] if limit % 2 else ["org"]
        measures = {"n": {"agg": "sum", "value": "n", "where": f"n > {limit} and kind = 'num'"}}
        engine.metric(f"above_{limit}", source="cases_of_teams", measures=measures, aggregation_levels=levels)
    engine.calculate(AS_OF)
    stored = {key: row["value"] for key, row in engine.stored().items() if row["value"] is not None}
    wanted = {}
    for limit in range(13):
        for level in ["org", "dept", "team"] if limit % 2 else ["org"]:
            scope = {"org": "o.id", "dept": "d.id", "team": "t.id"}[level]
            for organization, scope_id, day, total in engine.execute(
                f"""
                select o.id, {scope}, (r.happened_at at time zone o.timezone)::date, sum(r.n)
                from host.cases as r
                inner join yardstick.organizations as o on o.external_id = r.organization
                left join yardstick.departments as d on d.organization_id = o.id and d.external_id = r.department
                left join yardstick.teams as t on t.organization_id = o.id and t.external_id = r.team
                where r.n > {limit} and r.kind = 'num' and {scope} is not null
                group by 1, 2, 3
                """
            ).fetchall():
                wanted[(organization, f"above_{limit}", level, scope_id, "daily", day)] = total
    assert wanted and stored == wanted
