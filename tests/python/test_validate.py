"""What validate_metric reports is what define_metric says: over valid definitions, and over hundreds that are broken."""

import json
import random
import re

import psycopg
import pytest

from runner import ROOT
from runner.examples import children_first, read_yaml

SOURCES = read_yaml(ROOT / "examples/quality/sources.yaml")
EXAMPLES = children_first(read_yaml(ROOT / "examples/quality/metrics"))

# Says what to do: what is allowed, or what to write, leave out or make.
INSTRUCTION = re.compile(
    r"\b(must|is required|known keys are|choose|use|uses|write|leave|give|gives|define|register|registers|registered|sources are|needs|needed|may|"
    r"is only for|is not for|make|instead|sync|the columns are|say|take|convert|cannot stand|has to be|such as|drop)\b"
)


def base(name, **keys):
    return {"metric_name": name, "display_name": name, **keys}


def over(name, measures, formula=None, **keys):
    sources = {"source": "capas_closed", "measures": measures}
    return base(name, calculation_method="aggregation", data_sources=sources) | (
        {"calculation_formula": formula} if formula else {}
    ) | keys  # fmt: skip


def made_of(name, metrics, formula=None, **keys):
    return base(name, calculation_method="aggregation", data_sources={"metrics": metrics}) | (
        {"calculation_formula": formula} if formula else {}
    ) | keys  # fmt: skip


MONEY = {
    "paid": {"agg": "sum", "value": "id", "unit": "EUR"},
    "spent": {"agg": "sum", "value": "id", "unit": "EUR"},
    "sold": {"agg": "sum", "value": "id", "unit": "USD"},
    "days": {"agg": "avg", "value": "id", "unit": "days"},
    "hours": {"agg": "max", "value": "id", "unit": "hours"},
    "share": {"agg": "avg", "value": "id", "unit": "%"},
    "bare": {"agg": "min", "value": "id"},
    "n": {"agg": "count"},
}
VALID_UNITS = [
    ("paid - spent", "EUR"), ("paid / n", None), ("100.0 * (paid - spent) / paid", "%"), ("paid + bare", "EUR"),
    ("days + hours / 24", "days"), ("n + 1", "count"), ("1 - n / nullif(n, 0)", "%"), ("coalesce(paid, spent, 0)", "EUR"),
    ("case when n > 10 then paid else 0 end", "EUR"), ("greatest(paid, spent)", "EUR"), ("paid * share / 100", "EUR"),
    ("paid / days * days - spent", "EUR"), ("sqrt(paid) + n", None), ("365 * paid / spent", "days"), ("round(paid, 2) + 0.5", "EUR"),
    ("n", "CAPAs"), ("paid / n + spent / n", None), ("abs(-paid) + spent", "eur"), ("(paid + 1) / (spent + 1)", "ratio"),
    ("paid / (n + 1) * n - spent", None),
]  # fmt: skip
WRONG_UNITS = [
    ("paid + n", "adds EUR to count"), ("paid - n", "subtracts count from EUR"), ("paid + sold", "adds EUR to USD"),
    ("days + hours", "adds days to hours"), ("n - paid", "subtracts EUR from count"), ("100.0 * (paid - days) / n", "subtracts days from EUR"),
    ("coalesce(paid, n)", "chooses between EUR and count"), ("greatest(days, paid)", "chooses between days and EUR"),
    ("least(n, 2, sold)", "chooses between count and USD"), ("case when n > 1 then paid else days end", "chooses between EUR and days"),
    ("case when n > paid then 1 else 2 end", "compares count with EUR"), ("nullif(paid, n)", "chooses between EUR and count"),
    ("paid / n + spent", "adds EUR per count to EUR"), ("paid * sold + spent", "adds EUR USD to EUR"), ("round(paid) + abs(n)", "adds EUR to count"),
    ("2 * paid + 3 * n", "adds EUR to count"), ("paid / spent + n", "adds a plain number to count"), ("share + paid", "adds a plain number to EUR"),
    ("1 / days + paid", "adds 1 per days to EUR"), ("case when paid is distinct from n then 1 end", "chooses between EUR and count"),
    ("paid - (spent - sold)", "subtracts USD from EUR"), ("bare + paid + n", "adds EUR to count"),
]  # fmt: skip

OWN = [
    base("given_cost", calculation_method="external", metric_type="sum", unit_of_measure="EUR", data_sources={"agg": "sum"}, direction="lower_better",
         target_value=10),
    base("given_level", calculation_method="external", data_sources={"agg": "avg", "over_time": "last", "fill": "carry_forward"}),
    base("judged", calculation_method="manual", metric_type="score", unit_of_measure="points", direction="higher_better", target_value=5),
    base("judged_count", calculation_method="manual", data_sources={"agg": "count", "fill": "zero"}),
    over("all_aggregates", {
        agg: {"agg": agg, "value": "id"} | ({"p": 95} if agg == "percentile" else {})
        for agg in ("count", "sum", "avg", "min", "max", "stddev", "count_distinct", "percentile", "first", "last")
    }, "sum + avg + min + max + stddev + count_distinct + percentile + first + last + count"),
    over("stock", {"open": {"agg": "sum", "value": "id", "over_time": "last"}}),
    over("zeroed", {"n": {"agg": "count"}}, data_sources={"source": "capas_closed", "fill": "zero", "measures": {"n": {"agg": "count"}}}),
    base("queried", calculation_method="sql", data_sources={"sources": ["capas_closed"]}, calculation_formula="select count(*) as value from capas_closed"),
    made_of("capa_gap", {"closed": "capa_on_time_rate", "worked": "capa_effectiveness_rate"}, "closed - worked", unit_of_measure="%"),
    made_of("capa_lagged", {"now": "capas_opened", "before": {"metric": "capas_opened", "lag": 1}}, "now - before"),
    made_of("capa_score", {"a": {"metric": "capa_on_time_rate", "weight": 2}, "b": "capa_closure_days"}, metric_type="score"),
    made_of("capa_gap_of_gap", {"gap": "capa_gap"}),
]  # fmt: skip


@pytest.fixture(scope="module")
def defined(cluster):
    """The quality platform's sources, without rows, and every valid definition."""
    made = cluster.clone()
    with made.connect() as connection:
        connection.execute((ROOT / "examples/quality/schema.sql").read_text())
        for source in SOURCES:
            call(connection, "register_source", source)
        call(connection, "sync_organization", {"external_id": "acme", "organization_name": "Acme"})
        for definition in EXAMPLES + OWN:
            call(connection, "define_metric", definition)
    yield made
    cluster.drop(made)


def call(connection, name, argument):
    return connection.execute(f"select yardstick_api.{name}(%s)", [json.dumps(argument)]).fetchone()[0]


@pytest.fixture
def connection(defined):
    with defined.connect() as made:
        made.execute("set statement_timeout = '60s'")
        yield made


def report(connection, definition):
    text = definition if isinstance(definition, str | None) else json.dumps(definition)
    return connection.execute("select check_name, passed, detail from yardstick_api.validate_metric(%s)", [text]).fetchall()


def refusal(connection, definition):
    """SQLSTATE and message, or None and the id; taken back either way."""
    text = definition if isinstance(definition, str | None) else json.dumps(definition)
    try:
        with connection.transaction(force_rollback=True):
            return None, connection.execute("select yardstick_api.define_metric(%s)", [text]).fetchone()[0]
    except psycopg.Error as error:
        return error.sqlstate, error.diag.message_primary


def fingerprint(connection):
    tables = connection.execute(
        "select c.relname from pg_class as c where c.relnamespace = 'yardstick'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition"
    ).fetchall()
    return {
        name: connection.execute(f"select count(*), sum(hashtextextended(t::text, 0)) from yardstick.{name} as t").fetchone()
        for (name,) in tables
    }


BAD_CONDITIONS = [
    "", "   ", "is_effective and", "nothing = 1", "id", "id = 'x'", "id + 1", "closed_at < now()", "exists (select 1)", "count(*) > 1", "true; select 1",
    "closed_at", "title ~ 'a'", "id = any(array(select 1))", "closed_at > current_date", "(", ")", "1 = 1) as a, (2", "'", "$1 = 1",
    "pg_sleep(1) is null", "random() > 0.5", "'x'::date > closed_at", "ïd = 1",
    "id in ()", "--", "/*", "id == 1", "title like 1", "is_effective = 'perhaps'", "closed_at > 'yesterdayish'", "id is",
    "id::float > 1.5", "repeat(title, 5) = ''", "quality.capas.id = 1", "not id", "((((((((((id", "1e999999 > id", "id = 1 " + "and id = 1 " * 3000,
]  # fmt: skip
BAD_VALUES = [
    "title", "closed_at", "closed_at - opened_at", "sum(id)", "nothing", "id +", "(select 1)", "id, id", "null::text", "is_effective", "1 / 0::text",
    "id / 2", "now()", "array[1]", "row(1)", "id::money", "'abc'::numeric", "lpad(title, 5)", "*", "distinct id", "id;", "1 as x", "capas.id", "rank() over ()",
]  # fmt: skip
BAD_FORMULAS = [
    "", "n +", "missing", "n / missing", "sum(n)", "(select 1)", "n > 1", "1 / 2", "n; drop table x", "n) as a, (n", "'text'", "n::text", "now()", "null",
    "n || 'a'", "random()", "current_date", "n over ()", "quality.capas", "n.n", "capas_closed.id", "id", "n from pg_class", "true", "{}", "[n]", "n ** 2",
    "n = = 1", "\u2028n\u2028+", "🙂", "n" + " + n" * 6000, "(" * 500 + "n" + ")" * 499, "case when n", "coalesce()", "n::integer / 2",
]  # fmt: skip
GARBAGE = [
    0, -1, 1.5, True, False, "", "x", " ", [], [[]], {}, {"a": {"b": {"c": []}}}, ["a", 1], [None], "NaN", "Infinity", 1e308, -1e308, 10**40,
    0.00000001, "'; drop table yardstick.metric_definitions; --", "é" * 300, "x" * 30000, "\u200b", "😀", "null", [{}], {"": ""}, {"$ref": "#"},
    "\\", "%s", "%1$s", "{}", [[[[[[[[[[]]]]]]]]]],
]  # fmt: skip


def broken_keys():
    """One key at a time: missing, misspelt, or holding what it cannot hold."""
    for definition in (EXAMPLES[0], EXAMPLES[2], OWN[0], OWN[2], OWN[7], OWN[8]):
        for key in definition:
            rest = {name: value for name, value in definition.items() if name != key}
            if key in ("metric_name", "display_name", "calculation_method"):
                yield key, rest
                yield key, rest | {key: None}
            yield key + "s", rest | {key + "s": definition[key]}
            yield key.title(), rest | {key.title(): definition[key]}
    definition = OWN[1]
    for key, values in {
        "metric_name": [7, "Ä", "1st", "a b", "a-b", "", "x" * 64, "a;", ["a"], {}, True, "METRIC", "a.b", "a\nb"],
        "display_name": [7, "", "  ", "x" * 201, [], {}, False],
        "description": [7, [], {}, "x" * 20001, ""],
        "metric_category": ["Quality", "", 7, ["quality"], "qualty", "x" * 100000],
        "metric_type": ["Count", "median", {}, 10**300],
        "unit_of_measure": [7, "x" * 51, [], "\t"],
        "calculation_method": ["derived", "SQL", 7, "aggregation ", "", ["sql"]],
        "aggregation_levels": ["org", [], ["org", "org"], ["planet"], [1], [None], [["org"]], {"org": 1}, "dept"],
        "time_windows": ["daily", [], ["hourly"], ["daily", "daily"], {}, 7],
        "target_value": ["95", "NaN", True, [], 10**11, -(10**11), 0.00001, 10**300, {"value": 1}],
        "target_low": ["1", 1],
        "target_high": [True, 1],
        "threshold_config": [5, [], "x", {"at_risk": 1, "off_track": 2}],
        "direction": ["up", 7, "higher better", []],
        "refresh_frequency": ["minutely", 5, "Daily"],
        "retention_days": [0, -5, 1.5, "730", 36501, 10**12, 1e300, [730]],
        "is_active": ["yes", 1, 0, "true"],
        "is_public": ["no", [], {}],
        "owner_id": ["me", 5, "00000000-0000-0000-0000-000000000009", "00000000-0000-0000-0000-00000000000", {}],
        "tags": ["a", [1], [""], ["a", "a"], {"a": 1}, [["a"]], ["x" * 201]],
        "parameters": [[], "x", 7],
        "data_sources": [[], "x", 7, {"agg": "median"}, {"agg": 5}, {"over_time": "last"}, {"agg": "count", "fill": "last"}, {"table": "x"},
                         {"agg": "avg", "fill": "zero"}, {"agg": "stddev", "over_time": "last"}, {"agg": "sum", "over_time": "last", "fill": "zero"}],
        "calculation_formula": ["a", 7, [], {}],
    }.items():  # fmt: skip
        for value in values:
            yield key, definition | {key: value}


def broken_targets():
    ranged = {"direction": "target_range", "target_low": 1, "target_high": 5}
    for path, keys in [
        ("target_low", {"direction": "target_range", "target_high": 5}),
        ("target_high", {"direction": "target_range", "target_low": 5}),
        ("target_low", ranged | {"target_low": 9}),
        ("target_value", ranged | {"target_value": 9}),
        ("target_low", {"target_low": 1, "target_high": 5}),
        ("target_value", {"metric_type": "percentage", "target_value": 101}),
        ("target_value", {"metric_type": "percentage", "target_value": -1}),
        ("target_value", {"metric_type": "count", "target_value": -1}),
        ("target_value", {"metric_type": "duration", "target_value": -0.5}),
        ("target_high", ranged | {"metric_type": "percentage", "target_high": 105}),
        ("target_low", ranged | {"metric_type": "count", "target_low": -1}),
        ("threshold_config", {"threshold_config": {"at_risk": 1, "off_track": 2}}),
        ("threshold_config", {"threshold_config": {"at_risk": 1, "off_track": 2}, "direction": "higher_better"}),
        ("threshold_config", {"threshold_config": {"at_risk": 2, "off_track": 1}, "direction": "lower_better"}),
        ("threshold_config", ranged | {"threshold_config": {"at_risk": 2, "off_track": 1}}),
        ("threshold_config.off_track", {"threshold_config": {"at_risk": 2}, "direction": "lower_better"}),
        ("threshold_config.at_risk", {"threshold_config": {"at_risk": "2", "off_track": 1}, "direction": "lower_better"}),
        ("threshold_config.red", {"threshold_config": {"at_risk": 2, "off_track": 1, "red": 0}, "direction": "higher_better"}),
        ("threshold_config.at_risk", {"threshold_config": {}, "direction": "higher_better"}),
    ]:
        yield path, over("aimed", {"n": {"agg": "avg", "value": "id"}}, **keys)


def broken_measures():
    one = {"agg": "avg", "value": "id"}
    for path, measure in [
        ("", 5), ("", "count"), ("", []), ("", None), (".agg", {}), (".agg", {"agg": None}), (".agg", {"agg": "median"}), (".agg", {"agg": "COUNT"}),
        (".agg", {"agg": ["count"]}), (".filter", one | {"filter": "true"}), (".unit", one | {"unit": 5}), (".unit", one | {"unit": ""}),
        (".unit", {"agg": "count", "unit": "kg"}), (".unit", {"agg": "count_distinct", "value": "id", "unit": "kg"}), (".value", {"agg": "sum"}),
        (".value", {"agg": "sum", "value": 5}), (".where", one | {"where": True}), (".p", {"agg": "percentile", "value": "id"}), (".p", one | {"p": 50}),
        (".p", {"agg": "percentile", "value": "id", "p": 0.95}), (".p", {"agg": "percentile", "value": "id", "p": 100}),
        (".p", {"agg": "percentile", "value": "id", "p": -5}), (".p", {"agg": "percentile", "value": "id", "p": "95"}),
        (".p", {"agg": "percentile", "value": "id", "p": 10**50}), (".over_time", one | {"over_time": "sum"}), (".over_time", one | {"over_time": 5}),
        (".over_time", {"agg": "stddev", "value": "id", "over_time": "last"}), (".over_time", {"agg": "last", "value": "id", "over_time": "last"}),
        ("", {"agg": "sum", "value": "id" + " + id" * 500}), ("", {"agg": "count", "where": "id in (" + ", ".join(map(str, range(500))) + ")"}),
    ]:  # fmt: skip
        yield "data_sources.measures.n" + path, over("measured", {"n": measure})
    for name in ("Bad Name", "", "1", "a.b", "ä", "x" * 200, "select *", "a:b"):
        yield "data_sources.measures." + name[:100], over("named", {name: {"agg": "count"}})
    for fragment in BAD_CONDITIONS:
        yield "data_sources.measures.n.where", over("filtered", {"n": {"agg": "count", "where": fragment}})
        yield "data_sources.where", over("filtered", {}, data_sources={"source": "capas_closed", "where": fragment, "measures": {"n": {"agg": "count"}}})
    for fragment in BAD_VALUES:
        yield "data_sources.measures.n.value", over("valued", {"n": {"agg": "sum", "value": fragment}})
    for fragment in BAD_FORMULAS:
        yield "calculation_formula", over("formula", {"n": {"agg": "count"}}, **{"calculation_formula": fragment})
    for formula, _ in WRONG_UNITS:
        yield "calculation_formula", over("units", MONEY, formula)
    for unit in ("hours", "%", "USD"):
        yield "unit_of_measure", over("units", MONEY, "paid - spent", unit_of_measure=unit)
    yield "unit_of_measure", over("units", {"n": {"agg": "count"}}, unit_of_measure="EUR")
    yield "unit_of_measure", over("units", {"n": {"agg": "avg", "value": "id", "unit": "hours"}}, unit_of_measure="EUR")


def broken_sources():
    n = {"measures": {"n": {"agg": "count"}}}
    for path, sources in [
        ("data_sources.source", n), ("data_sources.source", n | {"source": "nowhere"}), ("data_sources.source", n | {"source": 5}),
        ("data_sources.source", n | {"source": "quality.capas"}), ("data_sources.source", n | {"source": "x" * 64}), ("data_sources.measures", {"source": "audits"}),
        ("data_sources.measures", {"source": "audits", "measures": {}}), ("data_sources.measures", {"source": "audits", "measures": []}),
        ("data_sources.measures", {"source": "audits", "measures": {f"m{i}": {"agg": "count"} for i in range(101)}}),
        ("data_sources.key", n | {"source": "audits", "key": "a"}), ("data_sources.key", n | {"source": "analytics_metrics", "key": 5}),
        ("data_sources.key", n | {"source": "analytics_metrics", "key": "😀" * 100}), ("data_sources.fill", n | {"source": "audits", "fill": "null"}),
        ("data_sources.measures.m.agg", {"source": "audits", "fill": "zero", "measures": {"m": {"agg": "avg", "value": "id"}}}),
        ("data_sources.tables", n | {"source": "audits", "tables": ["a"]}), ("data_sources.metrics", n | {"source": "audits", "metrics": {"a": "capas_opened"}}),
        ("data_sources", {}), ("data_sources", None),
    ]:  # fmt: skip
        yield path, base("sourced", calculation_method="aggregation", data_sources=sources)
    yield "calculation_formula", over("two", {"a": {"agg": "count"}, "b": {"agg": "count"}})
    for level in ("team", "user"):
        yield "aggregation_levels", over("levelled", {"n": {"agg": "count"}}, aggregation_levels=["org", level]) | {
            "data_sources": {"source": "audits", "measures": {"n": {"agg": "count"}}}
        }


def broken_children():
    for path, metrics, keys in [
        ("data_sources.metrics", {}, {}), ("data_sources.metrics", [], {}), ("data_sources.metrics", "capas_opened", {}), ("data_sources.metrics.a", {"a": 5}, {}),
        ("data_sources.metrics.a", {"a": "nowhere"}, {}), ("data_sources.metrics.a", {"a": "Nowhere"}, {}), ("data_sources.metrics.A", {"A": "capas_opened"}, {}),
        ("data_sources.metrics.a.metric", {"a": {}}, {}), ("data_sources.metrics.a.metric", {"a": {"metric": 5}}, {}),
        ("data_sources.metrics.a.lag", {"a": {"metric": "capas_opened", "lag": -1}}, {}), ("data_sources.metrics.a.lag", {"a": {"metric": "capas_opened", "lag": 1.5}}, {}),
        ("data_sources.metrics.a.lag", {"a": {"metric": "capas_opened", "lag": "1"}}, {}), ("data_sources.metrics.a.lag", {"a": {"metric": "capas_opened", "lag": 10**9}}, {}),
        ("data_sources.metrics.a.weight", {"a": {"metric": "capas_opened", "weight": 2}}, {}), ("data_sources.metrics.a.wait", {"a": {"metric": "capas_opened", "wait": 2}}, {}),
        ("data_sources.metrics.a.weight", {"a": {"metric": "capa_on_time_rate", "weight": 0}}, {"metric_type": "score"}),
        ("data_sources.metrics.a.weight", {"a": {"metric": "capa_on_time_rate", "weight": 10}}, {"metric_type": "score"}),
        ("data_sources.metrics.a", {"a": "capas_opened"}, {"metric_type": "score"}), ("data_sources.metrics.a", {"a": "capa_longest_days"}, {"aggregation_levels": ["team"]}),
        ("data_sources.metrics.a", {"a": "capa_longest_days"}, {"time_windows": ["daily"]}), ("data_sources.metrics.a", {"a": "made"}, {}),
        ("calculation_formula", {"a": "capas_opened", "b": "capas_opened"}, {}), ("calculation_formula", {"a": "capas_opened"}, {"calculation_formula": "b"}),
        ("calculation_formula", {"a": "capas_opened", "b": "deviation_cost"}, {"calculation_formula": "a + b"}),
        ("calculation_formula", {"a": "capa_closure_days", "b": "deviation_cost"}, {"calculation_formula": "greatest(a, b)"}),
        ("calculation_formula", {"a": "capa_closure_days", "b": "deviation_cost"}, {"calculation_formula": "a +"}),
        ("unit_of_measure", {"a": "capa_closure_days"}, {"unit_of_measure": "EUR"}),
        ("data_sources.metrics", {f"m{i}": "capas_opened" for i in range(101)}, {}),
    ]:  # fmt: skip
        yield path, base("made", calculation_method="aggregation", data_sources={"metrics": metrics}, **keys)
    yield "data_sources.metrics.a", made_of("capa_gap", {"a": "capa_gap"})
    for child in ("capa_gap", "capa_gap_of_gap"):
        yield "data_sources.metrics.a", made_of("capa_on_time_rate", {"a": child})
    yield "data_sources.metrics.b", made_of("capa_gap", {"a": "capas_opened", "b": "capa_gap_of_gap"}, "a / b")
    yield "data_sources.metrics.b", made_of("capa_gap", {"a": "capa_gap_of_gap", "b": "nowhere"}, "a / b")


def broken_queries():
    for path, sources, query in [
        ("data_sources", {}, "select 1"), ("data_sources.sources", {"sources": []}, "select 1"), ("data_sources.sources", {"sources": "audits"}, "select 1"),
        ("data_sources.sources[0]", {"sources": ["nowhere"]}, "select 1 as value"), ("data_sources.sources", {"sources": ["audits"] * 2}, "select 1"),
        ("data_sources.sources", {"sources": [f"s{i}" for i in range(9)]}, "select 1"), ("calculation_formula", {"sources": ["audits"]}, None),
        ("calculation_formula", {"sources": ["audits"]}, "delete from audits"), ("calculation_formula", {"sources": ["audits"]}, "select count(*) from capas_closed"),
        ("calculation_formula", {"sources": ["audits"]}, "select 1; select 2"), ("calculation_formula", {"sources": ["audits"]}, "select pg_sleep(5)"),
        ("calculation_formula", {"sources": ["audits"]}, "select nothing from audits"), ("calculation_formula", {"sources": ["audits"]}, "select 'a' as value"),
        ("calculation_formula", {"sources": ["audits"]}, "selekt 1"), ("calculation_formula", {"sources": ["audits"]}, "select 1 as value, 2 as other"),
        ("aggregation_levels", {"sources": ["audits"]}, "select department_id as aggregation_id, count(*) as value from audits group by 1"),
        ("data_sources.function", {"function": "nowhere"}, None), ("data_sources.function", {"function": 5}, None),
        ("calculation_formula", {"function": "nowhere"}, "1"),
    ]:  # fmt: skip
        yield path, base("queried_too", calculation_method="function" if "function" in sources else "sql", data_sources=sources, calculation_formula=query)


def whole_garbage():
    for garbage in [*GARBAGE, None]:
        yield "$" if not isinstance(garbage, dict) else "", garbage
    nested = base("deep", calculation_method="manual")
    for _ in range(200):
        nested = {"data_sources": nested}
    yield "", nested


MALFORMED = [
    case for cases in (broken_keys, broken_targets, broken_measures, broken_sources, broken_children, broken_queries, whole_garbage) for case in cases()
]  # fmt: skip


def disagreement(rows, code, message):
    """Why a report and a refusal do not say the same; None: they do."""
    failed = [detail for _, passed, detail in rows if not passed]
    if code is None:
        return f"accepted, but reported: {failed}" if failed else None
    if not failed:
        return f"refused with {code} {message}, but nothing is reported"
    return None if failed[0] == message else f"refused with {code} {message}, but reported: {failed[0]}"


def test_valid_definitions_pass(connection):
    derived = {definition["metric_name"] for definition in EXAMPLES + OWN}
    assert len(derived) == len(EXAMPLES + OWN)
    before = fingerprint(connection)
    wrong = []
    for definition in EXAMPLES + OWN + [over("units", MONEY, formula, **({"unit_of_measure": unit} if unit else {})) for formula, unit in VALID_UNITS]:
        rows = report(connection, definition)
        code, message = refusal(connection, definition)
        if code or not all(passed for _, passed, _ in rows):
            wrong.append((definition["metric_name"], definition.get("calculation_formula"), code, message, [row for row in rows if not row[1]]))
    assert not wrong
    assert fingerprint(connection) == before


def test_malformed_definitions_are_refused_with_the_key_and_what_to_do(connection):
    assert len(MALFORMED) >= 200
    before = fingerprint(connection)
    wrong = []
    for path, definition in MALFORMED:
        given = definition if not isinstance(definition, str) else json.dumps(definition)
        code, message = refusal(connection, given)
        shown = json.dumps(definition, ensure_ascii=False)[:160]
        if code is None or not code.startswith("YS"):
            wrong.append((path, shown, code, message))
            continue
        if not message.startswith((path + ":", path + ".") if path else path):
            wrong.append((path, shown, "path", message))
        if not INSTRUCTION.search(message.split(": ", 1)[-1]):
            wrong.append((path, shown, "no instruction", message))
        said = disagreement(report(connection, given), code, message)
        if said:
            wrong.append((path, shown, said))
    assert not wrong, "\n".join(map(str, [len(wrong), *wrong[:40]]))
    assert fingerprint(connection) == before


def spots(value, path=()):
    yield path
    if isinstance(value, dict):
        for key in value:
            yield from spots(value[key], (*path, key))
    elif isinstance(value, list):
        for index in range(len(value)):
            yield from spots(value[index], (*path, index))


def planted(value, path, garbage):
    if not path:
        return garbage
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = planted(value[path[0]], path[1:], garbage)
    return copy


def test_garbage_anywhere_is_said_alike_by_both(connection):
    chance = random.Random(20)
    before = fingerprint(connection)
    wrong = []
    for _ in range(250):
        definition = chance.choice(EXAMPLES + OWN)
        for _ in range(chance.choice((1, 1, 2, 3))):
            path = chance.choice(list(spots(definition)))
            garbage = chance.choice(GARBAGE + BAD_CONDITIONS + BAD_FORMULAS + ["capas_closed", "count", "id", ["org", "dept"], 50, None])
            definition = planted(definition, path, garbage)
            if not isinstance(definition, dict):
                break
        given = json.dumps(definition)
        code, message = refusal(connection, given)
        said = disagreement(report(connection, given), code, message)
        if said or (code and not code.startswith("YS")):
            wrong.append((given[:300], said, code, message))
    assert not wrong, "\n".join(map(str, [len(wrong), *wrong[:20]]))
    assert fingerprint(connection) == before


@pytest.mark.parametrize(("formula", "words"), WRONG_UNITS)
def test_units_that_do_not_go_together_are_named(connection, formula, words):
    code, message = refusal(connection, over("units", MONEY, formula))
    assert (code, message.split(";")[0]) == ("YS001", f"calculation_formula: {words}")


def test_everything_that_is_wrong_is_reported(connection):
    definition = over("several", {"a": {"agg": "sum", "value": "title"}, "b": {"agg": "count", "where": "nothing"}}, "a + c", aggregation_levels=["org", "dept"])
    definition["data_sources"]["where"] = "id +"
    failed = [(name, detail.split(":")[0]) for name, passed, detail in report(connection, definition) if not passed and "not checked" not in detail]
    assert failed == [
        ("filter", "data_sources.where"), ("value", "data_sources.measures.a.value"), ("filter", "data_sources.measures.b.where"),
        ("formula", "calculation_formula"),
    ]  # fmt: skip
    rows = report(connection, {"metric_name": "Ä", "tags": 5, "surprise": 1, "target_value": "x", "calculation_method": "manual"})
    assert [detail.split(":")[0] for name, passed, detail in rows if name == "keys" and not passed] == [
        "surprise", "display_name", "metric_name", "tags", "target_value",
    ]  # fmt: skip


HOST = """
create schema host;
create table host.sales (organization_id text, sold_at timestamptz, kind text, amount numeric, buyer text);
create index on host.sales (sold_at);
grant usage on schema host to yardstick_reader;
grant select on host.sales to yardstick_reader;
insert into host.sales
select
    case when n % 5 = 0 then 'birch' else 'acme' end, date_trunc('hour', now()) - n * interval '7 hours 13 minutes', (array['a', 'b', 'c'])[1 + n % 3],
    case when n % 11 = 0 then null else round((100 * sin(n))::numeric, 2) end, 'buyer ' || n % 17
from generate_series(1, 1500) as n;
insert into host.sales values ('birch', now() - interval '40 days', 'a', 1, 'not a number'), ('acme', now() - interval '40 days', 'a', 'NaN', '7');
"""

SALES = {
    "n": {"agg": "count"}, "with_amount": {"agg": "count", "value": "amount"}, "few": {"agg": "count", "where": "kind = 'a'"},
    "total": {"agg": "sum", "value": "amount", "where": "kind <> 'b'"}, "mean": {"agg": "avg", "value": "amount"}, "low": {"agg": "min", "value": "amount"},
    "high": {"agg": "max", "value": "amount * 2"}, "spread": {"agg": "stddev", "value": "amount"}, "buyers": {"agg": "count_distinct", "value": "buyer"},
    "different": {"agg": "count_distinct", "value": "round(amount)"}, "p90": {"agg": "percentile", "value": "amount", "p": 90},
    "median": {"agg": "percentile", "value": "amount", "p": 50, "where": "kind = 'c'"}, "first": {"agg": "first", "value": "amount"},
    "last": {"agg": "last", "value": "amount"}, "daily_last": {"agg": "sum", "value": "amount", "over_time": "last"},
    "daily_first": {"agg": "count", "over_time": "first"}, "daily_mean": {"agg": "avg", "value": "amount", "over_time": "avg"},
    "daily_low": {"agg": "min", "value": "amount", "over_time": "min"}, "daily_high": {"agg": "max", "value": "amount", "over_time": "max"},
}  # fmt: skip


def test_the_reported_value_is_what_the_engine_will_store(engine):
    engine.execute(HOST)
    source = {"name": "sales", "relation": "host.sales", "time_column": "sold_at", "organization_column": "organization_id"}
    engine.door("register_source", source | {"row_filter": "kind is not null"})
    organizations = [
        engine.organization("acme", timezone="Asia/Kolkata"), engine.organization("birch", timezone="America/New_York", week_start=7),
    ]  # fmt: skip
    definitions = {name: {"n": measure} for name, measure in SALES.items()}
    formulas = {"ratio": "100.0 * few / n", "nothing": "n / (n - n)", "mixed": "round(total / nullif(buyers, 0), 1) + low - high + p90"}
    windows = ["monthly", "weekly", "daily", "quarterly", "annual"]
    reported = {}
    for place, name in enumerate([*definitions, *formulas]):
        sources = {"source": "sales", "measures": definitions.get(name, SALES)}
        chosen = windows[place % 5 :] + windows[: place % 5]
        definition = base(name, calculation_method="aggregation", data_sources=sources, time_windows=chosen, refresh_frequency="real_time")
        if name in formulas:
            definition["calculation_formula"] = formulas[name]
        for organization in organizations:
            with engine.connection.transaction():
                engine.execute("select yardstick_api.use_organization(%s)", [organization])
                rows = report(engine.connection, definition)
            assert not [row for row in rows if not row[1]]
            reported[name, organization, chosen[0]] = rows[-1][2]
        engine.door("define_metric", definition)
    engine.calculate(engine.one("select now()"))
    for (name, organization, window), detail in reported.items():
        stored = engine.execute(
            """
            select c.metric_value, c.calculation_status from yardstick.metric_calculations as c inner join yardstick.metric_definitions as d on c.metric_id = d.id
            where d.metric_name = %s and c.organization_id = %s and c.time_window = %s and c.aggregation_level = 'org'
            and c.period_end = yardstick_engine.last_period_end(c.organization_id, c.time_window, now())
            """, [name, organization, window],
        ).fetchone()  # fmt: skip
        shown = re.match(rf"(\S+) for {window} ", detail)
        if stored is None:
            assert detail.startswith("no value for"), (name, window, detail)
        else:
            assert shown, (name, window, detail, stored)
            assert shown[1] == ("null" if stored[0] is None else f"{stored[0].normalize():f}"), (name, window, detail, stored)
    assert sum(detail.startswith("no value") for detail in reported.values()) < 5

    # Of metrics made of metrics, from what is stored.
    parts = {"a": "n", "b": {"metric": "few", "lag": 1}}
    with engine.connection.transaction():
        engine.execute("select yardstick_api.use_organization(%s)", [organizations[0]])
        rows = report(engine.connection, base("made", calculation_method="aggregation", data_sources={"metrics": parts}, calculation_formula="a - b"))
    assert all(passed for _, passed, _ in rows), rows
    engine.door("define_metric", base("made", calculation_method="aggregation", data_sources={"metrics": parts}, calculation_formula="a - b"))
    engine.calculate(engine.one("select now()"))
    value = engine.one(
        """
        select c.metric_value from yardstick.metric_calculations as c inner join yardstick.metric_definitions as d on c.metric_id = d.id
        where d.metric_name = 'made' and c.organization_id = %s and c.period_end = yardstick_engine.last_period_end(c.organization_id, 'monthly', now())
        """, [organizations[0]],
    )  # fmt: skip
    assert rows[-1][2].startswith(f"{value.normalize():f} for monthly ")


def test_the_report_meets_rows_of_its_organization_alone(engine):
    engine.execute(HOST)
    engine.door("register_source", {"name": "sales", "relation": "host.sales", "time_column": "sold_at", "organization_column": "organization_id"})
    definition = over("numbers", {}, data_sources={"source": "sales", "measures": {"n": {"agg": "sum", "value": "split_part(buyer, ' ', 2)::numeric"}}})
    # A row of acme's own cannot be read; birch's, which could not either, is nobody else's business.
    for name, words in (("acme", "could not be read as the number"), ("cedar", "no rows of the organization")):
        organization = engine.organization(name)
        with engine.connection.transaction():
            engine.execute("select yardstick_api.use_organization(%s)", [organization])
            rows = report(engine.connection, definition)
        assert words in rows[-1][2], rows[-1]
        assert [row for row in rows if not row[1]] == ([rows[-1]] if name == "acme" else [])
