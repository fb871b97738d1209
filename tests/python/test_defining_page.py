"""The examples of docs/defining-metrics.md do what the page says they do."""

import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import yaml

from runner import ROOT
from runner.examples import children_first

PAGE = (ROOT / "docs" / "defining-metrics.md").read_text()
BLOCKS = re.findall(r"^```(sql|yaml)\n(.*?)^```$", PAGE, re.S | re.M)
DEFINITIONS = [yaml.safe_load(text) for kind, text in BLOCKS if kind == "yaml" and text.startswith("metric_name")]
RECORDS = [text for kind, text in BLOCKS if kind == "sql" and "record_value" in text and "..." not in text and "cleanroom" not in text]


def promised():
    """(metric, department or None, month) -> value: the table of months that follows a definition."""
    found, metric = {}, None
    for block in re.split(r"\n\n+", PAGE):
        if match := re.search(r'metric_name"?: "?(\w+)', block):
            metric = match[1]
        if block.startswith("| month |"):
            heading, _, *lines = block.splitlines()
            name = re.search(r"of `(\w+)`", heading)
            department = re.search(r"of department (\d+)", heading)
            for line in lines:
                month, value = (cell.strip() for cell in line.strip("|").split("|"))
                key = (name[1] if name else metric, department and department[1], date.fromisoformat(f"{month}-01"))
                found[key] = None if value == "none" else Decimal(value)
    return found


@pytest.fixture(scope="module")
def calculated(cluster):
    """The page from top to bottom, then one calculation."""
    database = cluster.clone()
    with database.connect() as connection:
        def call(function, argument):
            return connection.execute(f"select yardstick_api.{function}(%s)", [json.dumps(argument)]).fetchone()[0]

        organization = call("sync_organization", {"external_id": "1", "organization_name": "Page", "timezone": "UTC"})

        def choose(user=None):
            connection.execute("select yardstick_api.use_organization(%s, %s)", [organization, user])

        with connection.transaction():
            choose()
            for number in ("10", "20"):
                call("sync_department", {"external_id": number, "department_name": number})
            person = call("sync_user", {"external_id": "qm", "user_name": "Quality manager"})
        connection.execute("create schema quality")
        for kind, text in BLOCKS:
            if kind == "sql" and re.search("create table|register_|define_metric", text) and "'{...}'" not in text:
                connection.execute(text)
        for definition in children_first(DEFINITIONS):
            call("define_metric", definition)
        for text in RECORDS:
            with connection.transaction():
                choose(person)
                connection.execute(text)
        connection.execute("set timezone = 'Pacific/Auckland'")
        connection.execute("call yardstick_engine.calculate_due(%s)", [datetime(2026, 3, 5, 12, tzinfo=UTC)])
        yield {
            (name, department, month): value
            for name, department, month, value in connection.execute("""
                select m.metric_name, d.external_id, (c.period_start at time zone 'UTC')::date, c.metric_value
                from yardstick.metric_calculations as c
                inner join yardstick.metric_definitions as m on c.metric_id = m.id
                left join yardstick.departments as d on c.aggregation_id = d.id
                where c.time_window = 'monthly'
            """)
        }
    cluster.drop(database)


@pytest.mark.parametrize("metric", [definition["metric_name"] for definition in DEFINITIONS] + ["capa_on_time_rate"])
def test_an_example_gives_the_values_that_the_page_shows(calculated, metric):
    shown = {key: value for key, value in promised().items() if key[0] == metric}
    assert shown or metric in ("capa_cost", "capa_cost_capped")
    assert {key: calculated.get(key) for key in shown} == shown


def test_every_way_to_calculate_has_an_example():
    methods = {(d["calculation_method"], "metrics" in d.get("data_sources", {})) for d in DEFINITIONS}
    assert methods == {
        ("aggregation", False), ("aggregation", True), ("sql", False), ("function", False), ("external", False), ("manual", False),
    }  # fmt: skip
    aggregates = {m["agg"] for d in DEFINITIONS for m in d.get("data_sources", {}).get("measures", {}).values()}
    assert aggregates >= {"percentile", "stddev", "count_distinct", "last", "sum", "count"}
