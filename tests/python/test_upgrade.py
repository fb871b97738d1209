"""Every dump kept in tests/upgrade/ can be upgraded: the schema becomes that of a fresh deploy, and the rows stay."""

import gzip
import subprocess
from pathlib import Path

import pytest

from runner import status
from runner.testing import schema_dump

DUMPS = sorted((Path(__file__).parents[1] / "upgrade").glob("*.sql.gz"))

VALUES = """
    select d.metric_name, c.aggregation_level, c.time_window, c.period_start, c.metric_value, c.previous_value, c.sample_size
    from yardstick.metric_calculations as c
    inner join yardstick.metric_definitions as d on d.id = c.metric_id
    order by 1, 2, 3, 4
"""


def test_dumps_are_kept():
    assert DUMPS, "scripts/keep-dump writes one at each release"


@pytest.mark.parametrize("dump", DUMPS, ids=lambda path: path.name)
def test_it_is_upgraded(dump, database, empty_database):
    psql = [empty_database.cluster.bin / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", empty_database.dsn()]
    subprocess.run(psql, input=gzip.decompress(dump.read_bytes()), check=True, stdout=subprocess.DEVNULL)
    with empty_database.connect() as connection:
        before = connection.execute(VALUES).fetchall()
    assert len(before) > 100

    empty_database.deploy()

    assert schema_dump(empty_database) == schema_dump(database)
    with empty_database.connect() as connection:
        assert connection.execute(VALUES).fetchall() == before
        assert status.look(connection).is_clean
        # What was calculated before the upgrade goes on from there.
        connection.execute(
            "begin; select yardstick_api.use_organization('00000000-0000-7000-8000-000000000001', null);"
            "select yardstick_api.record_value('incidents', 40, '2026-02-27 12:00+00'); commit"
        )
        connection.execute("call yardstick_engine.calculate_due('2026-03-03 12:00+00')")
        found = connection.execute(
            "select metric_value from yardstick.metric_calculations as c"
            " inner join yardstick.metric_definitions as d on d.id = c.metric_id"
            " where d.metric_name = 'incidents' and c.aggregation_level = 'org' and c.time_window = 'daily'"
            " and c.period_start = '2026-02-26 23:00+00'"
        ).fetchone()
        assert found == (40,)
