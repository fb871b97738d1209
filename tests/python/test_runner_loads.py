"""What a deploy leaves behind."""

import pytest

from runner import status


def test_plpgsql_check_finds_nothing(cluster):
    assert not cluster.findings, cluster.findings


def test_a_deployed_database_is_what_the_files_say(database):
    with database.connect() as connection:
        assert status.look(connection).is_clean


@pytest.mark.parametrize("schema", ["yardstick", "yardstick_engine", "yardstick_api", "yardstick_bi", "yardstick_ops"])
def test_every_room_is_open(deployed, schema):
    with deployed.connect() as connection:
        assert connection.execute("select to_regnamespace(%s)", [schema]).fetchone()[0]
