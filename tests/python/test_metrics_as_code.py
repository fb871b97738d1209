"""Definitions kept in files: the schema, the YAML, and the command over a database."""

import copy
import json
import os
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from runner import ROOT, definition_files
from runner.definition_files import BadFiles, problems, read, read_file, schema_validator
from runner.definition_text import DEFAULTS, KEYS, as_yaml, canonical, tidy

YARDSTICK = Path(sys.executable).parent / "yardstick"
SCHEMA = json.loads(definition_files.SCHEMA.read_text())
EXAMPLES = [ROOT / "examples" / "quality" / "metrics", ROOT / "examples" / "flights" / "metrics.yaml"]

HOSTILE = [
    "it's \"quoted\"", "a: b", "key:", "  led by blanks", "followed by blanks  ", "ein Größenwähler ✓ 指標 😀", "a\ttab", "\ttab first",
    "# not a comment", "a # b", "a #b", "yes", "no", "on", "off", "y", "null", "~", "true", "007", "1e5", "0x1F", "1_000", "12:30",
    "2026-01-01", ".5", "+1", ".inf", "NaN", "=", "<<", "- a", "? a", "&a", "*a", "!a", "%a", "@a", "`a`", "[a]", "{a}", "|", ">",
    "---", "...", "a\r\nb\r\n", "a\rb", "a\nb", "a\nb\n", "a\nb\n\n", "\na\nb", "  a\nb", "a\n  b\n\n\n  c\n", "a \nb", "a\n\tb",
    "# a\n# b\n", "---\na\n...\n", "\u2028", "\x85", "\ufeff", "\x07\x1b[31m", "\\", "\\n", "x" * 20000, "long " * 400 + "end",
    "two  blanks " * 30 + "end", "a\n" * 500,
]  # fmt: skip


# --- The schema and the database


BASES = [
    {
        "metric_name": "a", "display_name": "A", "description": "d", "metric_category": "quality", "metric_type": "percentage",
        "unit_of_measure": "%", "calculation_method": "aggregation",
        "data_sources": {
            "source": "capas", "key": "k", "where": "true",
            "measures": {"n": {"agg": "count", "where": "true"}, "p": {"agg": "percentile", "p": 95, "value": "x", "unit": "days"}},
            "fill": "carry_forward",
        },
        "calculation_formula": "n / p", "parameters": {"a": 1}, "aggregation_levels": ["org", "dept"], "time_windows": ["daily"],
        "target_value": 90, "threshold_config": {"at_risk": 90, "off_track": 80}, "direction": "higher_better",
        "refresh_frequency": "hourly", "retention_days": 10, "is_active": True, "is_public": False,
        "owner_id": "7f6c8a52-2f1e-4b3c-9a57-3d0c5f1e8a01", "tags": ["a"],
    },
    {
        "metric_name": "a", "display_name": "A", "calculation_method": "aggregation", "metric_type": "count",
        "data_sources": {"source": "s", "measures": {"n": {"agg": "sum", "over_time": "last"}}},
        "direction": "target_range", "target_low": 1, "target_high": 3, "target_value": 2,
    },
    {
        "metric_name": "a", "display_name": "A", "calculation_method": "aggregation", "metric_type": "score",
        "data_sources": {"metrics": {"b": {"metric": "b", "weight": 2, "lag": 0}, "c": "c"}}, "time_windows": ["monthly"],
    },
    {
        "metric_name": "a", "display_name": "A", "calculation_method": "aggregation",
        "data_sources": {"metrics": {"b": {"metric": "b", "lag": 1}, "c": "c"}}, "calculation_formula": "b - c",
    },
    {
        "metric_name": "a", "display_name": "A", "calculation_method": "aggregation",
        "data_sources": {"source": "s", "measures": {"n": {"agg": "count"}}, "fill": "zero"},
    },
    {
        "metric_name": "a", "display_name": "A", "calculation_method": "aggregation",
        "data_sources": {"source": "s", "measures": {"n": {"agg": "percentile", "p": 95, "accuracy": "approximate"}}},
    },
    {
        "metric_name": "a", "display_name": "A", "calculation_method": "sql", "data_sources": {"sources": ["s"]},
        "calculation_formula": "select 1 as value", "metric_type": "duration", "target_value": 1,
    },
    {
        "metric_name": "a", "display_name": "A", "calculation_method": "function", "data_sources": {"function": "f"},
        "parameters": {},
    },
    {"metric_name": "a", "display_name": "A", "calculation_method": "manual"},
    {
        "metric_name": "a", "display_name": "A", "calculation_method": "external",
        "data_sources": {"agg": "sum", "over_time": "avg"},
    },
    {
        "metric_name": "a", "display_name": "A", "calculation_method": "external", "data_sources": {"agg": "count", "fill": "zero"},
    },
    {
        "metric_name": "a", "display_name": "A", "calculation_method": "manual", "data_sources": {"agg": "max"},
        "metric_type": "percentage", "direction": "target_range", "target_low": 10, "target_high": 90,
    },
]  # fmt: skip
MORE = [
    {"metric_name": "a", "display_name": "A", "calculation_method": "aggregation", "metric_type": "score", "data_sources": sources}
    for sources in (
        {"source": "s", "measures": {"n": {"agg": "count"}, "m": {"agg": "sum"}}},
        {"source": "s", "measures": {"Bad Name": {"agg": "count"}}},
        {"source": "s", "measures": {f"n{n}": {"agg": "count"} for n in range(101)}},
        {"metrics": {f"n{n}": "b" for n in range(100)}},
        {"metrics": {f"n{n}": "b" for n in range(101)}},
        {"metrics": {"Bad Name": "b"}},
    )
]
VALUES = [
    None, "", " ", "a", "A", "a\n", "x" * 51, "x" * 64, "x" * 101, "x" * 201, "x" * 20001, "ü" * 50, 0, 1, -1, 100, 101, 0.5, 99.9999,
    100.5, 36501, 1e11, -1e11, 10**12, True, False, [], {}, ["a"], ["a", "a"], [""], [1], ["org"], ["org", "org"], ["org", "a"],
    ["monthly"], ["monthly", "monthly"], {"a": 1}, {"n": {"agg": "count"}}, {"metric": "b"}, {"metrics": {"b": "b"}}, {"source": "s", "measures": {"n": {"agg": "max"}}},
    {"sources": ["s"]}, {"function": "f"}, {"agg": "first", "over_time": "last"}, {"at_risk": 1}, "count", "percentage", "score",
    "sum", "stddev", "percentile", "count_distinct", "last", "zero", "approximate", "carry_forward", "aggregation", "sql", "function", "manual", "target_range",
    "lower_better", [str(n) for n in range(9)],
]  # fmt: skip
# What the schema leaves to the database: the order of bounds, decimal places, bytes.
BEYOND = re.compile(
    "must not be above target_high|must lie between target_low and target_high|off_track must not be|at most 4 decimal places|200 bytes"
)


def paths(value, path=()):
    yield path
    for key, inner in (value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()):
        yield from paths(inner, (*path, key))


def changed(base, path, value, remove=False):
    made = copy.deepcopy(base)
    spot = made
    for key in path[:-1]:
        spot = spot[key]
    if remove:
        del spot[path[-1]]
    else:
        spot[path[-1]] = value
    return made


def variants():
    yield from MORE
    for base in BASES:
        yield base
        for path in list(paths(base))[1:]:
            yield changed(base, path, None, remove=True)
            yield from (changed(base, path, value) for value in VALUES)
        for spot in [path for path in paths(base) if isinstance(at(base, path), dict)]:
            for key in ("stray", "fill", "p", "over_time", "unit", "weight", "metrics", "source", "where", "Bad Name", "n" * 64):
                yield from (changed(base, (*spot, key), value) for value in (None, 1, "last", "zero", 0.05, {"b": "b"}))
        for key in KEYS:
            if key not in base:
                yield from (changed(base, (key,), value) for value in VALUES)


def at(value, path):
    for key in path:
        value = value[key]
    return value


def test_the_schema_and_the_database_give_the_same_verdict(deployed):
    definitions = [exact(definition) for definition in variants()]
    with deployed.connect() as connection:
        rows = connection.execute(
            """
            select array(select c.detail from yardstick_engine.check_definition(d.body::jsonb) as c where not c.passed)
            from unnest(%s::text[]) with ordinality as d (body, place)
            order by d.place
            """,
            [[canonical(definition) for definition in definitions]],
        ).fetchall()
    validator = schema_validator()
    valid = 0
    for definition, (refusals,) in zip(definitions, rows, strict=True):
        fits = validator.is_valid(definition)
        told = [refusal for refusal in refusals if not BEYOND.search(refusal)]
        assert fits == (not told), (definition, told, [error.message for error in validator.iter_errors(definition)])
        valid += fits
    assert len(definitions) > 8000
    assert 1000 < valid < len(definitions) - 1000


def exact(value):
    """As a file is read: no binary numbers."""
    return json.loads(json.dumps(value), parse_float=lambda text: definition_files.number(text))


RULES = """
    select p.proname, p.prosrc from pg_proc as p
    where p.pronamespace = 'yardstick_engine'::regnamespace
        and p.proname in ('check_definition', 'check_measures', 'check_children', 'check_method', 'check_threshold_keys')
"""


def test_the_schema_knows_the_keys_and_choices_of_the_database(deployed):
    with deployed.connect() as connection:
        sources = dict(connection.execute(RULES).fetchall())
    rules = {
        name: [json.loads(text) for text in re.findall(r"'(\{\s*\"\w+\": \{.*?\}\s*\})'", source, re.S)]
        for name, source in sources.items()
    }
    assert {name: len(found) for name, found in rules.items()} == {
        "check_definition": 1, "check_measures": 2, "check_children": 2, "check_method": 3, "check_threshold_keys": 1,
    }  # fmt: skip
    of = SCHEMA["$defs"]
    records, function, query = (of[name]["then"]["properties"]["data_sources"] for name in ("of_records", "of_function", "of_sql"))
    for theirs, ours in [
        (rules["check_definition"][0], of["definition"]),
        (rules["check_measures"][0], of["rows_of_a_source"]),
        (rules["check_measures"][1], of["measure"]),
        (rules["check_children"][0], of["other_metrics"]),
        (rules["check_children"][1], of["child"]),
        (rules["check_method"][0], query),
        (rules["check_method"][1], function),
        (rules["check_method"][2], records),
        (rules["check_threshold_keys"][0], of["definition"]["properties"]["threshold_config"]),
    ]:
        assert set(theirs) == set(ours["properties"])
        assert {key for key, rule in theirs.items() if rule.get("required")} == set(ours.get("required", []))
        for key, rule in theirs.items():
            property_ = ours["properties"][key]
            choices = property_.get("enum") or property_.get("items", {}).get("enum") or []
            assert [choice for choice in choices if choice is not None] == rule.get("one_of", [])
            for theirs_bound, ours_bound in (("max", "maximum"), ("max", "maxLength"), ("min", "minimum")):
                if ours_bound in property_ and rule["type"] != "number":
                    assert property_[ours_bound] == rule.get(theirs_bound, 20000 if ours_bound == "maxLength" else 1)


def test_every_key_is_described_and_has_its_place_in_a_file():
    properties = SCHEMA["$defs"]["definition"]["properties"]
    assert set(KEYS) == set(properties)
    assert all(property_["description"] for property_ in properties.values())
    assert {key: rule["default"] for key, rule in properties.items() if "default" in rule} | {"data_sources": {}} == DEFAULTS


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_the_examples_fit_the_schema(path):
    assert len(read(path)) >= 7


# --- Reading


def lines_of(text, tmp_path, name="m.yaml"):
    file = tmp_path / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(BadFiles) as bad:
        read(tmp_path)
    return [complaint.removeprefix(f"{tmp_path}/") for complaint in bad.value.complaints]


HEAD = "metric_name: a\ndisplay_name: A\ncalculation_method: external\n"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (HEAD + "target_value: yes\n", "m.yaml:4: target_value: must be a number smaller than 100000000000; got \"yes\""),
        (HEAD + "colour: red\n", "m.yaml:4: colour: unknown key; known keys are aggregation_levels, "),
        ("metric_name: a\ncalculation_method: manual\n", "m.yaml:1: display_name: is required"),
        (HEAD + "tags:\n  - a\n  - 7\n", "m.yaml:6: tags[1]: must be text of 1 to 200 characters; got 7"),
        (HEAD + "metric_type: kpi\n", "m.yaml:4: metric_type: must be one of count, percentage, "),
        (HEAD + "display_name: B\n", "m.yaml:4: display_name: stands twice"),
        (HEAD + "description: 'open\n", "m.yaml:5: is no YAML: "),
        (HEAD + "target_value: .nan\n", "m.yaml:4: '.nan' is no value of a definition"),
        (HEAD + "target_value: 1e99999\n", "m.yaml:4: '1e99999' is no value of a definition"),
        (HEAD + "description: !!python/name:os.system x\n", "m.yaml:4: 'x' is no value of a definition"),
        (HEAD + "description: !!binary aGk=\n", "m.yaml:4: 'aGk=' is no value"),
        (HEAD + 'description: "a\\0b"\n', "m.yaml:4: a text holds a character that cannot be stored"),
        (HEAD + 'description: "\\ud800"\n', "m.yaml:4: a text holds a character that cannot be stored"),
        (HEAD + "description: a\x07b\n", "m.yaml:4: the character U+0007 has to be written as an escape"),
        (HEAD.encode() + b"description: \xff\n", "m.yaml:4: is not written in UTF-8"),
        (HEAD + "parameters: {1: a}\n", "m.yaml:4: a key has to be a text"),
        (HEAD + "parameters: &p {a: *p}\n", "m.yaml:4: the file grows without end"),
        (HEAD + "---\n" + HEAD, "m.yaml:4: is no YAML: expected a single document"),
        ("[" * 5000, "m.yaml: is nested too deeply"),
        ("- 1\n- a\n", "m.yaml:1: must be a metric definition"),
        ("just a text\n", "m.yaml:1: must be a metric definition"),
        (
            "metric_name: a\ndisplay_name: A\ncalculation_method: aggregation\ndata_sources:\n  source: s\n  measures:\n    n:\n      agg: median\n",
            "m.yaml:8: data_sources.measures.n.agg: must be one of count, sum, ",
        ),
        (
            "metric_name: a\ndisplay_name: A\ncalculation_method: aggregation\ndata_sources:\n  metrics: {b: a}\n",
            "m.yaml:4: data_sources.metrics: in a circle: a <- a",
        ),
        (f"- {{{HEAD.strip()}}}\n- {{{HEAD.strip()}}}\n".replace("\ndisplay", ", display").replace("\ncalc", ", calc"),
         "m.yaml:2: metric_name: a is defined in "),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused_with_its_line_and_key(text, complaint, tmp_path):
    told = lines_of(text, tmp_path)
    assert any(line.startswith(complaint) for line in told), told


def test_everything_that_is_wrong_is_said_at_once(tmp_path):
    (tmp_path / "b.yml").write_text(HEAD + "tags: 1\n")
    told = lines_of(HEAD + "target_value: x\ndirection: up\n", tmp_path)
    assert [line.split(":")[:2] for line in told if "defined in" not in line] == [["b.yml", "4"], ["m.yaml", "4"], ["m.yaml", "5"]]


def test_aliases_that_multiply_are_refused(tmp_path):
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
    )
    assert "grows without end" in lines_of(bomb, tmp_path)[0]


def test_scalars_are_read_as_editors_read_them(tmp_path):
    (tmp_path / "m.yaml").write_text(HEAD + "tags: [yes, no, on, 12:30, 2026-01-01]\ntarget_value: 1e2\nretention_days: 0010\n")
    (found,) = read(tmp_path)
    assert found.body["tags"] == ["yes", "no", "on", "12:30", "2026-01-01"]
    assert (found.body["target_value"], found.body["retention_days"]) == (100, 10)


def test_files_of_windows_are_read_the_same(tmp_path):
    (tmp_path / "m.yaml").write_bytes(b"\xef\xbb\xbf" + (HEAD + "description: |\n  a\n  b\n").replace("\n", "\r\n").encode())
    assert read(tmp_path)[0].body["description"] == "a\nb\n"


# --- Writing


def same_for_every_reader(definition, tmp_path):
    text = as_yaml(definition)
    (tmp_path / "m.yaml").write_bytes(text.encode())
    (found,) = read_file(tmp_path / "m.yaml")
    assert canonical(found.body) == canonical(tidy(definition))
    assert as_yaml(found.body) == text
    # YAML 1.1, as most programs read it.
    assert plain(yaml.safe_load(text)) == plain(found.body)


def plain(value):
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return float(value) if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else value


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_text_comes_back_wherever_it_stands(text, tmp_path):
    same_for_every_reader(
        {
            "metric_name": "a", "display_name": text, "description": text, "tags": [text, "b"],
            "data_sources": {"where": text, "measures": {"n": {"agg": "count", "where": text}}},
            "parameters": {text: text, "deep": [[text], {text: [text, {}]}]},
        },
        tmp_path,
    )  # fmt: skip


texts = st.one_of(
    st.sampled_from(HOSTILE), st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30),
    st.lists(st.sampled_from([text for text in HOSTILE if len(text) < 40]), max_size=4).map("\n".join),
    st.lists(st.sampled_from([text for text in HOSTILE if len(text) < 40]), max_size=4).map(" ".join),
)  # fmt: skip
numbers = st.one_of(st.integers(-(10**15), 10**15), st.decimals(allow_nan=False, allow_infinity=False, places=4))
values = st.recursive(
    st.one_of(texts, numbers, st.booleans(), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)),
    max_leaves=10,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(texts, values, max_size=4), texts)
def test_whatever_is_written_is_read_back(tmp_path_factory, parameters, text):
    definition = {
        "metric_name": "a", "display_name": text, "parameters": parameters,
        "data_sources": {"measures": parameters, "where": text},
    }  # fmt: skip
    same_for_every_reader(definition, tmp_path_factory.getbasetemp())


def test_what_a_file_looks_like():
    assert as_yaml({
        "tags": ["iso 9001", "on"], "retention_days": 730, "target_value": Decimal("95.5000"), "is_active": True,
        "calculation_formula": "select 1 as value\nfrom a", "metric_name": "a", "aggregation_levels": ["org"],
        "time_windows": ["daily", "monthly"], "unit_of_measure": "%", "description": "word " * 30 + "end", "direction": None,
        "data_sources": {"fill": "zero", "measures": {"z": {"agg": "count"}, "a": {"where": "x = 'y'", "agg": "sum"}}, "source": "s"},
    }) == """\
# yaml-language-server: $schema=metric.schema.json
metric_name: a
description: >-
  word word word word word word word word word word word word word word word word word word word word
  word word word word word word word word word word end
unit_of_measure: '%'
data_sources:
  source: s
  measures:
    a: {agg: sum, where: x = 'y'}
    z: {agg: count}
  fill: zero
calculation_formula: |-
  select 1 as value
  from a
time_windows: [daily, monthly]
target_value: 95.5
retention_days: 730
tags: [iso 9001, 'on']
"""  # fmt: skip


# --- The command


def run(database, *arguments, code=0, role=None):
    done = subprocess.run(
        [YARDSTICK, "metrics", *map(str, arguments)], env={**os.environ, "DATABASE_URL": database.dsn(role)},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


HOST = """
    create schema host;
    create table host.capas (
        id integer, organization_id text, department_id text, status text, opened_at timestamptz, closed_at timestamptz, cost numeric
    );
    create index on host.capas (closed_at);
    create index on host.capas (opened_at);
    grant usage on schema host to yardstick_reader;
    grant select on host.capas to yardstick_reader;
    insert into host.capas
    select n, '1', null, 'closed', '2026-01-01 12:00Z'::timestamptz + n * interval '12 hours', '2026-01-02 12:00Z'::timestamptz + n * interval '12 hours', n
    from generate_series(1, 100) as n;
"""
FILES = {
    "capas.yaml": """
- metric_name: cost_per_capa
  display_name: Cost of one
  calculation_method: aggregation
  data_sources:
    metrics: {cost: capa_cost, count: capa_count}
  calculation_formula: cost / count
- metric_name: capa_cost
  display_name: Cost
  unit_of_measure: EUR
  calculation_method: aggregation
  data_sources:
    source: capas
    measures:
      cost: {agg: sum, value: cost, unit: EUR}
- metric_name: capa_count
  display_name: Number
  metric_type: count
  calculation_method: aggregation
  data_sources:
    source: capas
    measures: {n: {agg: count}}
""",
    "more/judged.yml": """
metric_name: readiness
display_name: Readiness
calculation_method: manual
""",
    ".hidden/no.yaml": "not: a metric",
}


def set_up(database):
    with database.connect() as connection:
        connection.execute(HOST)
        organization = connection.execute(
            """select yardstick_api.sync_organization('{"external_id": "1", "organization_name": "Acme", "timezone": "UTC"}')"""
        ).fetchone()[0]
        connection.execute("""select yardstick_api.register_source('{
            "name": "capas", "relation": "host.capas", "time_column": "closed_at", "organization_column": "organization_id",
            "levels": {"dept": "department_id"}
        }')""")
    return organization


def write(folder, files):
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


@pytest.fixture
def host(database, tmp_path):
    """A database with a source, and a folder of files."""
    database.organization = set_up(database)
    folder = tmp_path / "metrics"
    write(folder, FILES)
    return database, folder


def versions(database):
    with database.connect() as connection:
        return dict(connection.execute("select metric_name, version from yardstick.metric_definitions where deleted_at is null").fetchall())


def state(database):
    """What an apply could have touched."""
    with database.connect() as connection:
        return [
            connection.execute(f"select ctid, xmin, * from yardstick.{table} as t order by t.*::text").fetchall()
            for table in (
                "metric_definitions", "metric_relationships", "metric_measures", "metric_pending", "metric_refreshes",
                "calculation_slices", "metric_dirty", "metric_definition_versions", "metric_approvals",
            )
        ]  # fmt: skip


def test_plan_apply_and_again(host):
    database, folder = host
    before = state(database)
    output = run(database, "plan", folder, code=2)
    assert "+ new          capa_count" in output
    assert "plan: 4 new, 0 changed, 0 unchanged" in output
    assert state(database) == before
    output = run(database, "apply", folder, "--reason", "first")
    assert "applied: 4 new, 0 changed, 0 unchanged" in output
    assert versions(database) == {"capa_cost": 1, "capa_count": 1, "cost_per_capa": 1, "readiness": 1}
    after = state(database)
    assert "nothing to change: 0 new, 0 changed, 4 unchanged" in run(database, "apply", folder)
    assert "plan: 0 new, 0 changed, 4 unchanged" in run(database, "plan", folder)
    assert state(database) == after


def test_a_plan_shows_what_changes_key_by_key_and_the_values_concerned(host):
    database, folder = host
    run(database, "apply", folder)
    with database.connect() as connection:
        connection.execute("call yardstick_engine.calculate_due('2026-03-05 12:00Z')")
        connection.execute("call yardstick_engine.calculate_due('2026-03-05 12:00Z')")
    text = FILES["capas.yaml"].replace("value: cost,", "value: cost * 2,").replace("display_name: Number", "display_name: Count\n  tags: [a]")
    write(folder, {"capas.yaml": text, "new.yaml": FILES["more/judged.yml"].replace("readiness", "other")})
    (folder / "more" / "judged.yml").unlink()
    before = state(database)
    output = run(database, "plan", folder, code=2)
    assert state(database) == before
    assert "~ data_sources.measures.cost.value: cost -> cost * 2" in output
    assert "reaches: cost_per_capa" in output
    assert "values: 2 of 1 organization would be calculated anew: 2 monthly (org)" in output
    assert "now, monthly, Acme: 2026-01-01: 1711, 2026-02-01: 3339" in output
    assert "~ display_name: Number -> Count" in output
    assert '+ tags: ["a"]' in output
    assert output.count("values:") == 1, "a new name changes no value"
    assert "kept         readiness  in no file" in output
    assert "plan: 1 new, 2 changed, 1 unchanged, 1 in no file and kept" in output


def test_a_plan_for_an_organization_shows_its_values_as_they_would_be(host):
    database, folder = host
    run(database, "apply", folder, "--organization", "1")
    with database.connect() as connection:
        connection.execute("update host.capas set closed_at = date_trunc('month', now()) - (101 - id) * interval '12 hours'")
        connection.execute("call yardstick_engine.calculate_due()")
    write(folder, {"capas.yaml": FILES["capas.yaml"].replace("value: cost,", "value: cost * 2,")})
    output = run(database, "plan", folder, "--organization", "1", code=2)
    (line,) = re.findall(r"    monthly: (.*)\n", output)
    pairs = [re.fullmatch(r"\d{4}-\d\d-01: (\d+) -> (\d+)", part) for part in line.split(", ") if "none" not in part]
    assert pairs and all(2 * int(pair[1]) == int(pair[2]) > 0 for pair in pairs)


def test_a_draft_waits_for_approval_and_is_no_change_the_second_time(host, tmp_path):
    database, folder = host
    run(database, "apply", folder)
    with database.connect() as connection:
        connection.execute("select yardstick_api.set_approval_gates(null, '{owner}', 'a test')")
    write(folder, {"more/judged.yml": FILES["more/judged.yml"].replace("Readiness", "Ready")})
    assert "readiness  a draft: it is calculated when it is approved" in run(database, "apply", folder)
    assert "nothing to change" in run(database, "apply", folder)
    assert "plan: 0 new, 0 changed, 4 unchanged" in run(database, "plan", folder)
    run(database, "export", tmp_path / "there")
    assert "display_name: Ready\n" in (tmp_path / "there" / "readiness.yaml").read_text()
    with database.connect() as connection:
        assert connection.execute("select display_name from yardstick.metric_definitions where metric_name = 'readiness'").fetchone()[0] == "Readiness"


def test_a_plan_shows_a_long_text_as_a_diff(host):
    database, folder = host
    query = "calculation_method: sql\ndata_sources: {sources: [capas]}\ncalculation_formula: |\n  select count(*) as value\n  from capas\n"
    head = "metric_name: q\ndisplay_name: Q\n"
    write(folder, {"q.yaml": head + query})
    run(database, "apply", folder)
    write(folder, {"q.yaml": head + query + "  where cost > 1\n"})
    output = run(database, "plan", folder, code=2)
    assert "      calculation_formula:\n" in output
    assert "    +   where cost > 1\n" in output
    assert "         from capas\n" in output


def test_what_is_missing_is_retired_only_when_that_is_said(host):
    database, folder = host
    run(database, "apply", folder)
    (folder / "capas.yaml").unlink()
    assert "3 in no file and kept" in run(database, "plan", folder)
    assert "kept" in run(database, "apply", folder)
    assert len(versions(database)) == 4
    output = run(database, "plan", folder, "--retire-missing", code=2)
    assert "- retire       capa_cost" in output
    assert "--retire-missing needs --reason" in run(database, "apply", folder, "--retire-missing", code=1)
    assert len(versions(database)) == 4
    output = run(database, "apply", folder, "--retire-missing", "--reason", "gone")
    assert "- retired      cost_per_capa" in output
    assert versions(database) == {"readiness": 1}
    assert "nothing to change" in run(database, "apply", folder, "--retire-missing", "--reason", "gone")
    write(folder, FILES)
    assert "brought back" in run(database, "plan", folder, code=2)
    run(database, "apply", folder)
    assert len(versions(database)) == 4


def test_a_part_of_what_stays_is_not_retired(host):
    database, folder = host
    run(database, "apply", folder)
    only = FILES["capas.yaml"].split("- metric_name: capa_cost\n")[0]
    write(folder, {"capas.yaml": only})
    before = state(database)
    assert "capa_cost is part of cost_per_capa; change or retire that one first" in run(database, "plan", folder, "--retire-missing", code=1)
    assert "is part of cost_per_capa" in run(database, "apply", folder, "--retire-missing", "--reason", "gone", code=1)
    assert state(database) == before


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("metric_name: z\ndisplay_name: Z\ncalculation_method: nothing\n", "z.yaml:3: calculation_method: must be one of"),
        (
            "metric_name: z\ndisplay_name: Z\ncalculation_method: aggregation\ndata_sources:\n  source: capas\n  measures:\n"
            "    n: {agg: sum, value: price}\n",
            'z.yaml:7: data_sources.measures.n.value: column "price" does not exist',
        ),
        (
            "metric_name: z\ndisplay_name: Z\ncalculation_method: manual\nowner_id: 7f6c8a52-2f1e-4b3c-9a57-3d0c5f1e8a01\n",
            "z.yaml:4: owner_id: unknown user",
        ),
    ],
)
def test_a_bad_file_changes_nothing_and_names_file_line_and_key(host, text, complaint):
    database, folder = host
    write(folder, {"z.yaml": text})
    before = state(database)
    for command in ("validate", "plan", "apply"):
        assert complaint in run(database, command, folder, code=1)
    assert state(database) == before


def test_a_file_is_validated_with_the_new_metrics_it_is_made_of(host):
    database, folder = host
    query = "calculation_method: sql\ndata_sources: {sources: [capas]}\ncalculation_formula: select count(*) as value from capas\n"
    write(folder, {"q.yaml": f"metric_name: q\ndisplay_name: Q\n{query}"})
    before = state(database)
    output = run(database, "validate", folder, "--organization", "1")
    assert "ok       cost_per_capa" in output
    assert "5 definitions, all of them right" in output
    assert state(database) == before


def test_without_a_database_the_schema_is_what_files_are_held_against(tmp_path):
    write(tmp_path, FILES)
    for url in ("postgresql://nobody@127.0.0.1:1/none", None):
        environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"} | {"YARDSTICK_STATE": str(tmp_path / "state")}
        environment |= {"DATABASE_URL": url} if url else {}
        done = subprocess.run(
            [YARDSTICK, "metrics", "validate", tmp_path], env=environment, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "4 definitions fit the schema" in done.stdout
        assert "no database was asked" in done.stdout
    write(tmp_path, {"z.yaml": "metric_name: Z\n"})
    done = subprocess.run([YARDSTICK, "metrics", "validate", tmp_path], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "z.yaml:1: metric_name: must be a name of small letters" in done.stdout


def test_a_wrong_command_does_not_look_like_a_plan_with_changes(host, tmp_path):
    database, _ = host
    run(database, "plan", tmp_path / "nowhere", code=1)
    run(database, "plan", tmp_path, "--colour", code=1)
    (tmp_path / "empty").mkdir()
    assert "holds no .yaml file" in run(database, "apply", tmp_path / "empty", "--retire-missing", "--reason", "gone", code=1)


def test_an_empty_database_says_what_it_lacks(empty_database, tmp_path):
    write(tmp_path, FILES)
    assert "yardstick deploy" in run(empty_database, "plan", tmp_path, code=1)
    assert "yardstick deploy" in run(empty_database, "validate", tmp_path)


def test_an_organization_has_files_of_its_own(host, tmp_path):
    database, folder = host
    run(database, "apply", folder)
    own = tmp_path / "own"
    write(own, {"m.yaml": FILES["more/judged.yml"].replace("Readiness", "Our own")})
    assert "1 new" in run(database, "plan", own, "--organization", "1", code=2)
    run(database, "apply", own, "--organization", database.organization)
    assert "0 new, 0 changed, 1 unchanged" in run(database, "plan", own, "--organization", "1")
    assert "0 new, 0 changed, 4 unchanged" in run(database, "plan", folder)
    assert "no organization" in run(database, "plan", own, "--organization", "7", code=1)
    assert "unknown organization" in run(database, "plan", own, "--organization", "7f6c8a52-2f1e-4b3c-9a57-3d0c5f1e8a01", code=1)


def test_logins_that_are_no_superuser(host, cluster):
    database, folder = host
    names = [f"{kind}_{database.name}" for kind in ("dba", "app")]
    with database.connect() as connection:
        connection.execute(f"create role {names[0]} login in role yardstick_dba")
        connection.execute(f"create role {names[1]} login in role yardstick_app")
        connection.execute("select yardstick_api.bind_login(%s, %s, 'trusted')", [names[1], database.organization])
    try:
        assert "applied: 4 new" in run(database, "apply", folder, role=names[0])
        write(folder, {"more/judged.yml": FILES["more/judged.yml"].replace("manual", "external")})
        assert "this login cannot read which values are stored" in run(database, "plan", folder, role=names[0], code=2)
        assert "no organization is chosen" in run(database, "apply", folder, role=names[1], code=1)
        assert "applied: 4 new" in run(database, "apply", folder, "--organization", database.organization, role=names[1])
    finally:
        cluster.drop(database)
        with cluster.admin() as connection:
            for name in names:
                connection.execute(f"drop role {name}")


def test_two_at_once_leave_what_one_would(host):
    database, folder = host
    command = [YARDSTICK, "metrics", "apply", folder]
    environment = {**os.environ, "DATABASE_URL": database.dsn()}
    running = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for _ in range(3)]
    outputs = sorted(process.communicate(timeout=120)[0].splitlines()[-1] for process in running)
    assert [process.returncode for process in running] == [0, 0, 0]
    assert outputs == ["applied: 4 new, 0 changed, 0 unchanged"] + ["nothing to change: 0 new, 0 changed, 4 unchanged"] * 2
    assert set(versions(database).values()) == {1}


# --- Round trips


def contents(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_an_export_is_the_same_after_an_apply_and_on_another_database(host, cluster, tmp_path):
    database, folder = host
    run(database, "apply", folder)
    with database.connect() as connection:
        for number, text in enumerate(HOSTILE):
            if text.strip(" \t\r\n") == "" or len(text) > 2500:
                continue
            definition = {
                "metric_name": f"hostile_{number}", "display_name": text[:200], "description": text, "tags": [text[:200], "b"],
                "unit_of_measure": "1e5", "calculation_method": "external", "parameters": {text: [text, {"a": text}], "n": 1.5},
                "target_value": 12.25, "retention_days": 100, "data_sources": {"agg": "sum"},
            }  # fmt: skip
            connection.execute("select yardstick_api.define_metric(%s::jsonb)", [json.dumps(definition)])
        conditions = ["status = 'it''s: # no comment'", "status like '\"%\"'", "  status is null", "status\n  = E'a\\tb'"]
        for number, where in enumerate(conditions):
            definition = {
                "metric_name": f"filtered_{number}", "display_name": "F", "calculation_method": "aggregation",
                "data_sources": {"source": "capas", "measures": {"n": {"agg": "count", "where": where}}},
            }
            connection.execute("select yardstick_api.define_metric(%s::jsonb)", [json.dumps(definition)])
    first, second, third = (tmp_path / name for name in ("first", "second", "third"))
    run(database, "export", first)
    before = versions(database)
    assert "nothing to change" in run(database, "apply", first)
    assert versions(database) == before
    run(database, "export", second)
    assert contents(first) == contents(second)
    assert len(contents(first)) > 60

    other = cluster.clone()
    try:
        set_up(other)
        run(other, "apply", first)
        run(other, "export", third)
    finally:
        cluster.drop(other)
    assert contents(first) == contents(third)


def test_an_export_takes_away_what_it_wrote_of_metrics_that_are_gone(host, tmp_path):
    database, folder = host
    run(database, "apply", folder)
    there = tmp_path / "there"
    assert "exported: 4 metrics, 4 files written, 0 removed" in run(database, "export", there)
    assert "exported: 4 metrics, 0 files written, 0 removed" in run(database, "export", there)
    (folder / "capas.yaml").unlink()
    run(database, "apply", folder, "--retire-missing", "--reason", "gone")
    assert "exported: 1 metrics, 0 files written, 3 removed" in run(database, "export", there)
    assert sorted(contents(there)) == ["metric.schema.json", "readiness.yaml"]
    (there / "notes.yaml").write_text("mine: true\n")
    assert "notes.yaml was not written by yardstick metrics export" in run(database, "export", there, code=1)
    assert (there / "notes.yaml").exists()


def test_an_exported_file_names_the_schema_that_lies_beside_it(host, tmp_path):
    database, folder = host
    run(database, "apply", folder)
    run(database, "export", tmp_path / "there")
    text = (tmp_path / "there" / "capa_cost.yaml").read_text()
    schema = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)[1]
    assert (tmp_path / "there" / schema).read_bytes() == definition_files.SCHEMA.read_bytes()
    assert not problems(read_file(tmp_path / "there" / "capa_cost.yaml")[0], schema_validator())


# --- The page


def test_the_page_shows_what_happens(database, tmp_path):
    page = (ROOT / "docs" / "metrics-as-code.md").read_text()
    example = page.split("## A worked example\n")[1].split("\n## ")[0]
    defining = (ROOT / "docs" / "defining-metrics.md").read_text()
    with database.connect() as connection:
        connection.execute("create schema quality")
        connection.execute(
            """select yardstick_api.sync_organization('{"external_id": "1", "organization_name": "Acme", "timezone": "UTC"}')"""
        )
        for text in re.findall(r"^```sql\n(.*?)^```$", defining, re.S | re.M)[:2]:
            connection.execute(text)
    for name, text in zip(re.findall(r"`(metrics/\w+\.yaml)`", example), re.findall(r"```yaml\n(.*?)```", example, re.S), strict=True):
        write(tmp_path, {name: text})
    environment = {**os.environ, "DATABASE_URL": database.dsn(), "PATH": f"{YARDSTICK.parent}:{os.environ['PATH']}"}
    for block in re.findall(r"```console\n(.*?)```", example, re.S):
        said = ""
        for command in re.findall(r"^\$ (.*)$", block, re.M):
            done = subprocess.run(
                ["bash", "-c", command], cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                timeout=120, check=False,
            )  # fmt: skip
            said += f"$ {command}\n{done.stdout}"
        assert said == block
        with database.connect() as connection:
            connection.execute("call yardstick_engine.calculate_due('2026-03-05 12:00Z')")
