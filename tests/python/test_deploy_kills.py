"""A deploy that is killed anywhere is finished by the next one, and two at once are one."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from runner import deploy, migrations
from runner.cluster import Cluster
from runner.testing import Database, schema_dump

YARDSTICK = Path(sys.executable).parent / "yardstick"
NUMBERS = [path.stem[:4] for path in migrations.files()]


def yardstick(database, *arguments, kill_at: str = "") -> subprocess.Popen:
    environment = {**os.environ, "DATABASE_URL": database.dsn(), "YARDSTICK_KILL_AT": kill_at}
    return subprocess.Popen(
        [YARDSTICK, *arguments], env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def finish(process: subprocess.Popen) -> str:
    output = process.communicate(timeout=120)[0]
    assert process.returncode == 0, output
    return output


def die(database, *arguments, at: str) -> None:
    process = yardstick(database, *arguments, kill_at=at)
    output = process.communicate(timeout=120)[0]
    assert process.returncode == -signal.SIGKILL, f"{at}: {output}"


def jobs(cluster, database) -> list[tuple]:
    with cluster.admin() as connection:
        return connection.execute(
            "select replace(jobname, database || ':', ''), schedule, command, username, active "
            "from cron.job where database = %s order by jobname",
            [database.name],
        ).fetchall()


def books(database) -> tuple:
    """What yoyo and the runner have written down."""
    with database.connect() as connection:
        signed = connection.execute("select id from yardstick_migrations.applied order by id").fetchall()
        marked = connection.execute("select migration_id from yardstick_migrations._yoyo_migration order by 1").fetchall()
        code = connection.execute("select path, sha256, live_sha256 from yardstick.code_files order by path").fetchall()
    return signed, marked, code


@pytest.fixture
def undisturbed(cluster, empty_database):
    finish(yardstick(empty_database, "deploy"))
    return empty_database


@pytest.fixture
def folder_for_a_cluster():
    made = Path(tempfile.mkdtemp(prefix="ys-two-", dir="/tmp"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def victim(cluster):
    made = cluster.create(f"victim_{os.urandom(4).hex()}")
    yield made
    cluster.drop(made)


def assert_equal(cluster, one, other) -> None:
    assert schema_dump(one) == schema_dump(other)
    assert books(one) == books(other)
    assert jobs(cluster, one) == jobs(cluster, other)


def test_killed_after_each_migration_in_the_loader_and_before_the_jobs(cluster, undisturbed, victim):
    for moment in (*(f"apply:{number}" for number in NUMBERS), "loader", "jobs"):
        die(victim, "deploy", at=moment)
    assert not jobs(cluster, victim)
    finish(yardstick(victim, "deploy"))
    assert_equal(cluster, victim, undisturbed)
    assert jobs(cluster, victim)


def test_killed_after_each_step_back(cluster, undisturbed, victim):
    finish(yardstick(victim, "deploy"))
    for number in reversed(NUMBERS):
        die(victim, "rollback", "--to", "0", at=f"rollback:{number}")
    with victim.connect() as connection:
        assert connection.execute("select count(*) from yardstick_migrations.applied").fetchone()[0] == 0
    finish(yardstick(victim, "deploy"))
    assert_equal(cluster, victim, undisturbed)


def test_killed_while_it_rebuilds_the_code_rooms(cluster, undisturbed, victim):
    finish(yardstick(victim, "deploy"))
    with victim.connect() as connection:
        connection.execute("create function yardstick_api.stray() returns int language sql as 'select 1'")
        before = schema_dump(victim)
        die(victim, "deploy", at="loader")
        assert schema_dump(victim) == before
    finish(yardstick(victim, "deploy"))
    assert_equal(cluster, victim, undisturbed)


def test_two_at_once_from_two_shells(cluster, undisturbed, victim):
    outputs = [finish(process) for process in [yardstick(victim, "deploy"), yardstick(victim, "deploy")]]
    assert sorted("nothing to deploy" in output for output in outputs) == [False, True], outputs
    assert_equal(cluster, victim, undisturbed)


def test_two_databases_of_one_cluster_at_once(folder_for_a_cluster):
    """Roles belong to the cluster: both deploys make them, or find them made."""
    served = Cluster(state=folder_for_a_cluster / "state", socket=folder_for_a_cluster / "s", port=5481, for_tests=True)
    served.up()
    try:
        pair = Database(served, "yardstick"), Database(served, "other")
        with Database(served, "postgres").connect() as connection:
            connection.execute("create database other")
        for process in [yardstick(one, "deploy") for one in pair]:
            finish(process)
        assert schema_dump(pair[0]) == schema_dump(pair[1])
    finally:
        served.down()


def test_twice(cluster, undisturbed):
    before = books(undisturbed), jobs(cluster, undisturbed), schema_dump(undisturbed)
    assert "nothing to deploy" in finish(yardstick(undisturbed, "deploy"))
    assert (books(undisturbed), jobs(cluster, undisturbed), schema_dump(undisturbed)) == before


def test_unloaded_rolled_back_and_deployed_again(cluster, undisturbed):
    before = schema_dump(undisturbed)
    assert "the data is kept" in finish(yardstick(undisturbed, "unload"))
    assert not jobs(cluster, undisturbed)
    finish(yardstick(undisturbed, "rollback", "--to", "0"))
    with undisturbed.connect() as connection:
        rooms = "select count(*) from pg_namespace where nspname in ('yardstick', 'yardstick_api', 'yardstick_engine')"
        assert connection.execute(rooms).fetchone()[0] == 0
    finish(yardstick(undisturbed, "deploy"))
    assert schema_dump(undisturbed) == before


@pytest.mark.parametrize("number", NUMBERS)
def test_each_migration_goes_back_and_comes_again(cluster, database, number):
    before = schema_dump(database)
    previous = NUMBERS[NUMBERS.index(number) - 1] if number != NUMBERS[0] else "0"
    deploy.rollback(database.target, previous, None)
    with database.connect() as connection:
        assert not connection.execute(
            "select 1 from yardstick_migrations.applied where left(id, 4) >= %s", [number]
        ).fetchone()
    finish(yardstick(database, "deploy"))
    assert schema_dump(database) == before
