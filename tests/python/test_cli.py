"""What a DBA types, and what comes back."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from runner import ROOT

YARDSTICK = Path(sys.executable).parent / "yardstick"


def yardstick(database, *arguments, code=0, role=None) -> str:
    done = subprocess.run(
        [YARDSTICK, *arguments], env={**os.environ, "DATABASE_URL": database.dsn(role)},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_a_plan_of_an_empty_database_names_everything_and_does_nothing(empty_database):
    output = yardstick(empty_database, "plan")
    assert "apply      0001.open_rooms" in output
    assert "load       sql/bi/metrics.sql" in output
    with empty_database.connect() as connection:
        assert connection.execute("select to_regnamespace('yardstick')").fetchone()[0] is None


def test_status_of_an_empty_database(empty_database):
    assert "pending    0001.open_rooms" in yardstick(empty_database, "status", code=3)


def test_plan_and_status_of_a_database_that_is_up_to_date(database):
    assert "nothing to deploy" in yardstick(database, "plan")
    assert "the database is what the files say" in yardstick(database, "status")


def test_plan_and_status_of_a_database_somebody_changed(database):
    with database.connect() as connection:
        connection.execute("comment on view yardstick_bi.metrics is 'mine'")
        connection.execute("drop view yardstick_bi.dates cascade")
        connection.execute("create view yardstick_ops.stray as select 1 as one")
        connection.execute("create view public.theirs as select count(*) from yardstick_bi.organizations")
    status = yardstick(database, "status", code=3)
    assert "by hand    sql/bi/metrics.sql" in status
    assert "missing    sql/bi/dates.sql" in status
    assert "no file    yardstick_ops.stray" in status
    plan = yardstick(database, "plan")
    assert "restore    sql/bi/metrics.sql" in plan
    assert "rebuild, for it is in no file: yardstick_ops.stray" in plan
    assert "theirs is not ours and leans on view yardstick_bi.organizations" in plan


def test_a_monitor_asks_for_health_without_the_rights_of_a_dba(database):
    page = (ROOT / "docs" / "operating.md").read_text()
    recipe = re.search(r"^create role monitoring_owner.*?(?=^```)", page, re.S | re.M).group()
    with database.connect() as connection:
        try:
            connection.execute(recipe)
            expected = connection.execute("select check_name, ok, detail from yardstick_ops.health order by 1").fetchall()
            assert "the database is what the files say" in yardstick(database, "status")
            with database.connect("exporter") as monitor:
                assert monitor.execute("select * from monitoring.health() order by 1").fetchall() == expected
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    monitor.execute("select * from yardstick_ops.health")
        finally:
            connection.execute("drop schema monitoring cascade; drop role exporter; drop role monitoring_owner")


def test_a_deploy_of_nothing_costs_little_more_than_seeing_that_there_is_nothing(database):
    yardstick(database, "deploy")
    took = {"plan": [], "deploy": []}
    # In turns, and the least of each: what else the machine does is the same for both.
    for _ in range(4):
        for command, times in took.items():
            start = time.monotonic()
            assert "nothing to deploy" in yardstick(database, command)
            times.append(time.monotonic() - start)
    assert min(took["deploy"]) < 4 * min(took["plan"]), took


def test_unload_keeps_the_data(database):
    with database.connect() as connection:
        connection.execute("insert into yardstick.organizations (organization_name) values ('kept')")
    assert "the data is kept" in yardstick(database, "unload")
    with database.connect() as connection:
        assert connection.execute("select organization_name from yardstick.organizations").fetchone()[0] == "kept"
        assert connection.execute("select to_regclass('yardstick_bi.metrics')").fetchone()[0] is None


def test_dsn_and_psql(database):
    assert f"dbname={database.name}" in yardstick(database, "dsn")
    assert "user=yardstick_worker" in yardstick(database, "dsn", "--role", "yardstick_worker")
    assert yardstick(database, "psql", "-XAtc", "select 6 * 7").strip() == "42"
    assert yardstick(database, "psql", "-d", "postgres", "-XAtc", "select current_database()").strip() == "postgres"


def test_doctor_of_a_sound_database(database):
    output = yardstick(database, "doctor")
    assert "is a superuser" in output
    assert "what the files say" in output


def test_doctor_for_a_login_that_may_not_deploy(database):
    output = yardstick(database, "doctor", code=3, role="yardstick_worker")
    assert "yardstick_worker is not a superuser" in output
    assert "may not read how it stands" in output


def test_up_is_not_for_a_server_of_the_users_own(database):
    assert "there is nothing to start" in yardstick(database, "up", code=1)


@pytest.mark.parametrize("arguments", [["rollback", "--to", "1", "--steps", "1"], ["rollback", "--to", "none"]])
def test_a_rollback_that_makes_no_sense(database, arguments):
    assert yardstick(database, *arguments, code=1).startswith("yardstick: ")


def test_help_lists_the_commands():
    done = subprocess.run([YARDSTICK, "--help"], capture_output=True, text=True, check=True)
    for name in ["up", "down", "deploy", "plan", "status", "rollback", "unload", "demo", "dsn", "psql", "docs", "doctor", "metrics"]:
        assert f"\n  {name} " in done.stdout
