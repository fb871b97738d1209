"""What an organization writes into a definition sees, and fails on, its own rows alone."""

import json

import pytest

HOST = """
create schema host;
create table host.notes (organization_id text, happened_at timestamptz, measure_key integer, kind text, note text);
create index on host.notes (happened_at);
insert into host.notes values
    ('home', '2026-03-02 10:00+00', 5, 'number', '17'),
    ('home', '2026-03-03 10:00+00', 7, 'number', '18'),
    ('home', '2026-03-04 10:00+00', 7, 'words', 'none'),
    ('away', '2026-03-03 10:00+00', 100, 'number', 'SECRET');
grant usage on schema host to yardstick_reader;
grant select on host.notes to yardstick_reader;
"""

SOURCE = {
    "name": "notes",
    "relation": "host.notes",
    "time_column": "happened_at",
    "organization_column": "organization_id",
}


def metric(name, **measure):
    return {
        "metric_name": name,
        "display_name": name,
        "calculation_method": "aggregation",
        "data_sources": {"source": "notes", "measures": {"n": {"agg": "sum", **measure}}},
    }


@pytest.fixture
def connection(database):
    with database.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(HOST)
        for name in ("home", "away"):
            connection.execute(
                "select yardstick_api.sync_organization(%s)",
                [json.dumps({"external_id": name, "organization_name": name})],
            )
        connection.execute("select yardstick_api.register_source(%s)", [json.dumps(SOURCE)])
        yield connection


def define(connection, definition, organization=None):
    with connection.transaction():
        if organization:
            connection.execute(
                "select yardstick_api.use_organization(id, null) from yardstick.organizations where external_id = %s",
                [organization],
            )
        connection.execute("select yardstick_api.define_metric(%s)", [json.dumps(definition)])


def values(connection):
    connection.execute("call yardstick_engine.calculate_due('2026-04-15')")
    return {
        (name, organization): (value, code, notes)
        for name, organization, value, code, notes in connection.execute(
            """
            select d.metric_name, o.external_id, c.metric_value::float8, c.error_code, c.calculation_notes
            from yardstick.metric_calculations as c
            inner join yardstick.metric_definitions as d on c.metric_id = d.id
            inner join yardstick.organizations as o on c.organization_id = o.id
            """
        )
    }


def test_an_expression_does_not_meet_the_rows_of_others(connection):
    define(connection, metric("numbers", value="note::integer", where="kind = 'number'"), "home")
    define(connection, metric("column_names", value="measure_key"))
    calculated = values(connection)
    assert calculated[("numbers", "home")] == (35.0, None, None)
    assert ("numbers", "away") not in calculated
    # The columns of the host may be called what the engine calls its own.
    assert calculated[("column_names", "home")][0] == 19.0
    assert calculated[("column_names", "away")][0] == 100.0


def test_an_error_tells_nothing_of_the_rows(connection):
    define(connection, metric("numbers", value="note::integer", where="kind = 'number'"))
    define(connection, metric("all_notes", value="note::integer"), "home")
    define(connection, metric("sound", value="measure_key"))
    calculated = values(connection)
    assert calculated[("numbers", "home")][1] == "22P02"
    assert calculated[("all_notes", "home")][1] == "22P02"
    assert calculated[("sound", "away")][0] == 100.0
    shown = connection.execute(
        """
        select string_agg(concat(d.last_error, c.calculation_notes), ' ')
        from yardstick.metric_definitions as d left join yardstick.metric_calculations as c on c.metric_id = d.id
        """
    ).fetchone()[0]
    assert "SECRET" not in shown and "none" not in shown
