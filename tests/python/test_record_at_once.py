"""Several connections that hand in the same thing at the same time."""

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

DEFINITION = {
    "metric_name": "complaints",
    "display_name": "Complaints",
    "calculation_method": "aggregation",
    "data_sources": {"source": "analytics_metrics", "key": "complaints", "measures": {"n": {"agg": "sum"}}},
}


def organization(connection):
    with connection.transaction():
        return connection.execute(
            "select yardstick_api.sync_organization(%s)",
            [json.dumps({"external_id": "at-once", "organization_name": "At Once"})],
        ).fetchone()[0]


def at_once(database, count, work):
    """What each of `count` connections got from work(connection, number), all started together."""
    gate = Barrier(count)

    def run(number):
        with database.connect(autocommit=False) as connection:
            gate.wait()
            return work(connection, number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_the_same_id_is_recorded_once(database):
    with database.connect() as connection:
        acme = organization(connection)
    ids = [f"00000000-0000-4000-8000-{number:012d}" for number in range(40)]

    def record(connection, number):
        # Half of them in the opposite order: nobody may wait in a circle.
        order = ids if number % 2 else ids[::-1]
        values = [
            {"metric_name": "complaints", "value": number, "measured_at": f"202{number}-05-05T00:00:00Z", "id": id}
            for id in order
        ]
        connection.execute("select yardstick_api.use_organization(%s, null)", [acme])
        recorded = connection.execute("select yardstick_api.record_values(%s)", [json.dumps(values)]).fetchone()[0]
        connection.commit()
        return recorded

    assert sum(at_once(database, 6, record)) == len(ids)
    with database.connect() as connection:
        rows = connection.execute("select count(*), count(distinct id) from yardstick.analytics_metrics").fetchone()
        assert rows == (len(ids), len(ids))


def test_the_same_metric_is_defined_once(database):
    def define(connection, number):
        metric_id = connection.execute("select yardstick_api.define_metric(%s)", [json.dumps(DEFINITION)]).fetchone()[0]
        connection.commit()
        return metric_id

    assert len(set(at_once(database, 6, define))) == 1
    with database.connect() as connection:
        rows = connection.execute("select count(*), max(version) from yardstick.metric_definitions").fetchone()
        assert rows == (1, 1)
        assert connection.execute("select count(*) from yardstick.metric_measures").fetchone()[0] == 1
