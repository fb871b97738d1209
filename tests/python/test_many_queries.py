"""A thousand queries of which some are bad: what is bad costs itself alone, and the server does not notice."""

import json
from decimal import Decimal

ENDLESS = "select count(*) as value from rows a, rows b, rows c, rows d where a.n + b.n + c.n + d.n = -1"
BAD = {
    "57014": (ENDLESS, "rows"),
    "53400": (
        "select count(*) as value from (select distinct a.note || b.note || c.note as note from rows a, rows b, rows c) as s",
        "rows",
    ),
    "22012": ("select sum(mod(n, n - n)) as value from rows", "rows"),
    "22P02": ("select sum(note::integer) as value from rows", "rows"),
    "22003": ("select sum(n * 100000000000000.0) as value from rows", "rows"),
    "21000": ("select (select n from rows) as value", "rows"),
    "23514": ("select sum(case when n > 0 then 'NaN'::numeric else n end) as value from rows", "rows"),
    "YS009": ("select sum(going) as value from others", "others"),
}


def test_968_of_a_thousand_queries_have_their_value(engine, database):
    started = engine.one("select pg_postmaster_start_time()")
    engine.organization("acme", timezone="UTC")
    engine.execute("""
        create schema host;
        create table host.rows as
        select 'acme' as org, now() as at, i as n, repeat('x', 200) || i as note from generate_series(1, 300) as i;
        create table host.others as select 'acme' as org, now() as at, 1 as going;
        grant usage on schema host to yardstick_reader;
        grant select on all tables in schema host to yardstick_reader;
    """)
    for name in ("rows", "others"):
        engine.door("register_source", {
            "name": name, "relation": f"host.{name}", "time_column": "at", "organization_column": "org"})  # fmt: skip
    # In this database alone: tests that run beside keep the limits of the role.
    for name, value in (("statement_timeout", "800ms"), ("temp_file_limit", "8MB")):
        engine.execute(f"alter role yardstick_formula_login in database {database.name} set {name} = '{value}'")

    expected = {f"q{number * 31:04}": code for number, code in enumerate([*BAD] * 4)}
    with engine.connection.transaction():
        for number in range(1000):
            name = f"q{number:04}"
            query, source = BAD[expected[name]] if name in expected else (f"select sum(n) + {number} as value from rows", "rows")
            engine.execute("select yardstick_api.define_metric(%s)", [json.dumps({
                "metric_name": name, "display_name": name, "calculation_method": "sql", "data_sources": {"sources": [source]},
                "calculation_formula": query, "time_windows": ["annual"], "retention_days": 1,
            })])  # fmt: skip
    engine.execute("alter table host.others drop column going")
    engine.execute("delete from yardstick.metric_pending where period_start < date_trunc('year', now())::date")
    engine.execute("set statement_timeout = 0")
    engine.execute("call yardstick_engine.calculate_due(now(), '5 minutes')")

    assert engine.left()[0] == 0
    good = {
        name: value
        for name, value in engine.execute(
            "select d.metric_name, c.metric_value from yardstick.metric_calculations as c"
            " inner join yardstick.metric_definitions as d on d.id = c.metric_id where c.calculation_status = 'success'"
        )
    }
    assert good == {f"q{n:04}": Decimal(300 * 301 // 2 + n) for n in range(1000) if f"q{n:04}" not in expected}
    assert len(good) == 968
    failed = dict(engine.execute(
        "select metric_name, last_error_code from yardstick.metric_definitions where last_error_code is not null"
    ).fetchall())  # fmt: skip
    assert failed == {name: {"23514": "22003"}.get(code, code) for name, code in expected.items()}
    assert engine.one("select pg_postmaster_start_time()") == started
    assert engine.one("select count(*) from pg_stat_activity where usename = 'yardstick_formula_login' and datname = current_database()") == 0


def test_without_a_session_of_its_own_an_endless_query_costs_one_run(engine, database):
    """Where nothing but the caller's limit stops it, the attempt is remembered before it is made."""
    engine.organization("acme", timezone="UTC")
    engine.execute("""
        create schema host;
        create table host.rows as select 'acme' as org, now() as at, i as n from generate_series(1, 300) as i;
        grant usage on schema host to yardstick_reader;
        grant select on all tables in schema host to yardstick_reader;
        drop extension dblink;
    """)
    assert engine.one("select yardstick_engine.sandbox_mode()") == "single"
    engine.door("register_source", {"name": "rows", "relation": "host.rows", "time_column": "at", "organization_column": "org"})
    for name, query in {"a_good": "select sum(n) as value from rows", "b_endless": ENDLESS, "c_good": "select max(n) as value from rows"}.items():
        engine.door("define_metric", {
            "metric_name": name, "display_name": name, "calculation_method": "sql", "data_sources": {"sources": ["rows"]},
            "calculation_formula": query, "time_windows": ["annual"], "retention_days": 1,
        })  # fmt: skip
    engine.execute("delete from yardstick.metric_pending where period_start < date_trunc('year', now())::date")

    def tick():
        """A job: a session of its own, with the limit of its role."""
        with database.connect() as session:
            session.execute("set statement_timeout = '1500ms'")
            session.execute("call yardstick_engine.calculate_due()")

    for _ in range(4):
        tick()
    values = dict(engine.execute(
        "select d.metric_name, c.metric_value from yardstick.metric_calculations as c"
        " inner join yardstick.metric_definitions as d on d.id = c.metric_id"
    ).fetchall())  # fmt: skip
    assert values == {"a_good": 45150, "b_endless": None, "c_good": 300}
    assert engine.one("select last_error_code from yardstick.metric_definitions where metric_name = 'b_endless'") == "57014"
    assert engine.left() == (0, 0)
