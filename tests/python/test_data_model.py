"""The catalog beside the two documents it was built from, and beside the committed description of it."""

import csv
from pathlib import Path

import pytest

from runner import docs, seeds

ROOT = Path(__file__).resolve().parents[2]


pytestmark = pytest.mark.xdist_group("data_model")  # what is prepared for all of them is prepared once


@pytest.fixture(scope="module")
def catalog(cluster):
    made = cluster.clone()
    with made.connect() as connection:
        yield connection
    cluster.drop(made)


def test_the_seeds_have_294_columns_of_15_tables():
    columns = seeds.read("tests/seeds/columns.csv")
    assert len(columns) == 294
    assert len({row["table"] for row in columns}) == 15
    assert len(seeds.read("tests/seeds/constraints.csv")) == 72


def test_every_seed_column_and_key_is_here_or_departs_for_a_reason(catalog):
    found, listed = seeds.differences(catalog), seeds.departures()
    assert len(found) == len(set(found))
    assert set(found) - set(listed) == set(), "differs from the seed without a reason in docs/departures.csv"
    assert set(listed) - set(found) == set(), "docs/departures.csv lists what does not differ"


def test_no_seed_column_is_missing(catalog):
    assert [d for d in seeds.differences(catalog) if d.what == "column"] == []


def test_departures_have_reasons_and_stand_once():
    with (ROOT / "docs/departures.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row for row in rows if not row["why"]] == []
    assert len(rows) == len(seeds.departures())


def test_a_missing_column_is_noticed(database):
    with database.connect() as connection:
        connection.execute("alter table yardstick.metric_alerts drop column cooldown_minutes cascade")
        found = seeds.differences(connection)
    assert ("metric_alerts", "cooldown_minutes", "column", "INTEGER", "missing") in found


def test_a_changed_column_and_a_lost_key_are_noticed(database):
    with database.connect() as connection:
        connection.execute("drop view yardstick.dashboard_configurations")
        connection.execute("alter table yardstick.analytics_dashboards alter column theme type varchar(20)")
        connection.execute("drop index yardstick.idx_dashboards_owner")
        found = seeds.differences(connection)
    assert ("analytics_dashboards", "theme", "type", "TEXT", "character varying(20)") in found
    assert any(d.item == "index idx_dashboards_owner" and d.here == "missing" for d in found)


def test_the_committed_data_model_is_the_catalog(catalog):
    committed = (ROOT / "docs/data-model.md").read_text(encoding="utf-8")
    assert docs.generate(catalog) == committed, "run make docs and commit docs/data-model.md"


def test_the_data_model_has_every_table_and_seed_column(catalog):
    text = docs.generate(catalog)
    for row in seeds.read("tests/seeds/columns.csv"):
        assert f"### Seed {row['seed']}: {row['table']}\n" in text
        assert f"\n| {row['column']} | " in text
    with catalog.cursor() as cursor:
        names = cursor.execute(
            "select relname from pg_class where relnamespace = 'yardstick'::regnamespace "
            "and relkind in ('r', 'p', 'v') and not relispartition"
        ).fetchall()
    assert all(f"\n### {name}\n" in text for (name,) in names)
