"""A dump that is restored is the same database, and deploys go on from it."""

import subprocess

import pytest

from runner import deploy, status
from runner.testing import schema_dump


@pytest.fixture
def restored(cluster, database, empty_database, tmp_path):
    with database.connect() as connection:
        connection.execute("insert into yardstick.organizations (organization_name) values ('kept')")
    dump = tmp_path / "dump"
    bin_folder = database.cluster.bin
    with open(dump, "wb") as file:
        subprocess.run([bin_folder / "pg_dump", "-Fc", "-d", database.dsn()], stdout=file, check=True)
    subprocess.run([bin_folder / "pg_restore", "--exit-on-error", "-d", empty_database.dsn(), dump], check=True)
    return empty_database


def test_a_restored_database_is_the_same(database, restored):
    assert schema_dump(restored) == schema_dump(database)
    with restored.connect() as connection:
        assert connection.execute("select organization_name from yardstick.organizations").fetchall() == [("kept",)]
        assert status.look(connection).is_clean


def test_a_deploy_goes_on_from_a_restored_database(restored):
    report = deploy.deploy(restored.target)
    assert (report.migrations, report.loaded) == ([], [])
    assert report.jobs, "a restored database has no jobs until somebody deploys to it"
    with restored.connect() as connection:
        right = "select has_database_privilege('yardstick_formula', current_database(), 'temporary')"
        assert connection.execute(right).fetchone()[0], "rights on the database itself are not in a dump"

