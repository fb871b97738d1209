"""200 metrics of observations: the scan without its writing, the states of all windows written, percentiles, longer windows."""

import psycopg

from bench import statements, volume
from bench.measure import alternate
from bench.ratios import Ratio

DAY = "(measurement_date at time zone 'UTC')::date"
GROUP_BY = f"""
select count(*), sum(k.rows), sum(k.total) from (
    select metric_name, organization_id, department_id, {DAY} as day, count(*) as rows, sum(value) as total
    from yardstick.analytics_metrics
    group by 1, 2, 3, 4
) as k
"""
LONGER = """
select count(*), sum(k.total) from (
    select metric_name, organization_id, department_id, date_trunc('{field}', measurement_date, 'UTC') as start,
        count(*) as rows, sum(value) as total, min(value) as low, max(value) as high
    from yardstick.analytics_metrics
    group by 1, 2, 3, 4
) as k
"""
ANCHOR = "one GROUP BY (metric, organization, department, day) of sum and count"
# A week belongs to the month that it ends in.
MONTHS = [*(f"2025-{month:02}-01" for month in range(1, 13)), "2026-01-01"]


def by_hand(session) -> None:
    session.execute("set work_mem = '1GB'")
    session.execute(GROUP_BY)


class Long:
    def __init__(self, dsn: str, connection, rounds: int):
        self.dsn, self.connection, self.rounds = dsn, connection, rounds
        self.source = volume.source_id(connection)
        self.stretches = statements.weeks_at_once(connection, self.source)
        self.sums = statements.measures(connection, self.source)
        self.statement = statements.scan_of(connection, self.source, self.sums)
        connection.execute(statements.READ_STATES)

    def scan(self, session) -> None:
        self.statement.count(session, statements.SUMS, self.stretches)

    def write_states(self, session) -> None:
        for low, high in self.stretches:
            session.execute("select yardstick_engine.scan_source(%s, %s, %s, %s)", [self.source, self.sums, low, high])

    def periods(self, types: tuple[int, ...], starts: list[str]) -> tuple[list, list, list]:
        """Organization, type and start of every period of these types that starts in the months of these."""
        return self.connection.execute(
            """
            select array_agg(o.id), array_agg(p.type), array_agg(p.start)
            from bench_volume.organizations as o
            cross join (
                select distinct t.type, yardstick_engine.period_floor(g.day::date, t.type, 1, 1) as start
                from unnest(%s::integer[]) as t (type), unnest(%s::date[]) as s (start),
                    generate_series(s.start, s.start + interval '1 month' - interval '1 day', interval '1 day') as g (day)
                where t.type <> 2 or date_trunc('month', yardstick_engine.period_floor(g.day::date, 2, 1, 1) + interval '6 days') = s.start
            ) as p
            """,
            [list(types), starts],
        ).fetchone()

    def merge(self, session) -> None:
        for months in self.months:
            session.execute("select yardstick_engine.merge_windows(%s, %s, %s, %s)", [self.sums, *self.periods((2, 3), months)])
        session.execute("select yardstick_engine.merge_windows(%s, %s, %s, %s)", [self.sums, *self.periods((4, 5), MONTHS)])

    def read_states(self, session, types: tuple[int, ...]) -> dict[int, tuple]:
        """Both levels of stored states, as they are read to be valued: the periods that are merged together, for as many metrics at once as
        the engine takes. How many rows of the source they stand for, and the sum of their values, by type."""
        statements.run_as(session, "yardstick_engine.calculate_cells")
        found = {}
        for period_type in types:
            read = [
                session.execute(
                    "select row_count, value_sum from bench_volume.read_states(%s::uuid[], %s, %s::uuid[], %s::date[])",
                    [self.sums, period_type, organizations, starts],
                ).fetchone()
                for organizations, _, starts in (self.periods((period_type,), months) for months in (self.months if period_type < 4 else [MONTHS]))
            ]
            found[period_type] = (sum(rows for rows, _ in read), sum(total for _, total in read))
        return found

    def check_read(self) -> None:
        """Each row counts once in its organization, and once in its department."""
        expected = self.connection.execute(
            "select count(*) + count(department_id), sum(value) + sum(value) filter (where department_id is not null) from yardstick.analytics_metrics"
        ).fetchone()
        found = self.read_states(self.connection, (1, 2, 3, 4, 5))
        self.connection.execute("reset all")
        if not expected[0] or set(found.values()) != {expected}:
            raise SystemExit(f"The states that are read stand for {found}, not for {expected}.")

    def check_scan(self) -> None:
        self.connection.execute("drop table if exists bench_volume.ours; create table bench_volume.ours"
            " (organization_id uuid, measure_id uuid, aggregation_id uuid, local_date date, row_count bigint, value_sum numeric)")  # fmt: skip
        self.statement.keep(
            self.connection, "organization_id, measure_id, aggregation_id, local_date, row_count, value_sum from states", self.stretches
        )
        different, cells = self.connection.execute(f"""
            select count(*) filter (where (o.row_count, o.value_sum) is distinct from (h.rows, h.total)), count(*)
            from (
                select ours.organization_id, m.measure_key as metric_name, aggregation_id as department_id, local_date as day, row_count, value_sum
                from bench_volume.ours inner join yardstick.metric_measures as m on m.id = measure_id
            ) as o
            full join (
                select metric_name, organization_id, department_id, {DAY} as day, count(*) as rows, sum(value) as total
                from yardstick.analytics_metrics group by 1, 2, 3, 4
            ) as h using (organization_id, metric_name, department_id, day)
        """).fetchone()
        self.connection.execute("drop table bench_volume.ours; reset all")
        if different or not cells:
            raise SystemExit(f"{different} of {cells} cells of the scan are not what GROUP BY gives.")

    def store(self) -> None:
        volume.forget(self.connection)
        self.write_states(self.connection)
        self.months = statements.months_at_once(self.connection, self.source)
        self.merge(self.connection)
        self.connection.execute("vacuum analyze yardstick.metric_partials, yardstick.metric_series")

    def ratios(self) -> list[Ratio]:
        self.check_scan()
        self.store()
        self.check_read()
        times = alternate(self.dsn, {
            "hand": by_hand, "one": self.scan, "both": lambda session: self.read_states(session, (1,)), "longer": self.merge_unwritten,
            "raw": longer_by_hand,
        }, self.rounds)  # fmt: skip

        def prepare(name: str) -> None:
            if name == "pipeline":
                volume.forget(self.connection)

        def pipeline(session) -> None:
            self.write_states(session)
            self.merge(session)
            self.read_states(session, (1, 2, 3, 4, 5))

        written = alternate(self.dsn, {"hand": by_hand, "pipeline": pipeline}, self.rounds, prepare)
        return [
            Ratio("200 metrics of a long source, department level, not written", ANCHOR, times["one"] / times["hand"], 1.4, 1.1),
            Ratio("200 metrics of a long source, both levels, not written", ANCHOR, (times["one"] + times["both"]) / times["hand"], 2.3, 1.5),
            Ratio(
                "200 metrics of a long source: states of five windows written, both levels of all read", ANCHOR,
                written["pipeline"] / written["hand"], 3.5, 2.5,
            ),
            Ratio("weeks, months, quarters and years from stored states", "four GROUP BYs of the rows", times["longer"] / times["raw"], 0.15, 0.05),
        ]  # fmt: skip

    def merge_unwritten(self, session) -> None:
        statements.run_as(session, "yardstick_engine.merge_windows")
        text = session.execute("select yardstick_engine.merge_statement(false)").fetchone()[0]
        text = text[: text.index(",\n\nstored as")] + " select count(*), sum(value_sum) from merged_states"
        session.execute(f"prepare merge (uuid[], uuid[], integer[], date[], date, date, integer) as {text}")
        for types, starts, part in [*(((2, 3), months, 1) for months in self.months), ((4, 5), MONTHS, 3)]:
            periods = self.periods(types, starts)
            low = min(periods[2])
            high = session.execute(
                "select max(yardstick_engine.period_next(s, t)) from unnest(%s::date[], %s::integer[]) as u (s, t)", [periods[2], periods[1]]
            ).fetchone()[0]
            psycopg.ClientCursor(session).execute(
                "execute merge (%s::uuid[], %s, %s, %s::date[], %s, %s, %s)", [self.sums, *periods, low, high, part]
            )
        session.execute("deallocate merge")


def longer_by_hand(session) -> None:
    session.execute("set work_mem = '1GB'")
    for field in ("week", "month", "quarter", "year"):
        session.execute(LONGER.format(field=field))


def main(dsn: str, connection, rounds: int) -> list[Ratio]:
    return Long(dsn, connection, rounds).ratios()
