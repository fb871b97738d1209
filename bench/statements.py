"""The statements that the engine runs, got from the functions that make them, and cut before they write."""

import re
from dataclasses import dataclass

from bench import volume

# What is not asked for is not calculated: every column of the states, or every aggregate of the cells, is. A state names its organization
# and department by ids or, as the engine goes on with it, by the number that they have among the places of the statement.
IDS = "count(organization_id), count(aggregation_level), count(aggregation_id)"
PLACE = "count(place_no), (select count(organization_id) from place), (select count(aggregation_level) from place), (select count(aggregation_id) from place)"
SUMS = "count(measure_id), count(local_date), sum(row_count), sum(value_sum), count(value_min), count(value_max)"
LISTS = SUMS + ", sum(cardinality(value_list))"

NAMED = """,
states as (
    select p.organization_id, p.aggregation_level, p.aggregation_id, n.*
    from numbered as n
    inner join place as p on p.place_no = n.place_no
)"""


def run_as(session, function: str) -> None:
    """The settings under which a function of the engine runs its statement."""
    (settings,) = session.execute("select proconfig from pg_proc where oid = to_regproc(%s)", [function]).fetchone()
    for setting in settings:
        name, _, value = setting.partition("=")
        if name != "search_path":
            session.execute("select set_config(%s, %s, false)", [name, value.strip('"')])


def weeks_at_once(connection, source_id) -> list[tuple]:
    """Stretches of local dates as the engine would read them, were everything queued."""
    with connection.transaction(force_rollback=True):
        volume.queue(connection, source_id)
        return connection.execute(
            """
            select min(s.period_start), max(s.period_start) + 7
            from (
                select period_start, (row_number() over (order by period_start) - 1) / yardstick_engine.slice_budget(source_id, 2) as part
                from yardstick.calculation_slices where source_id = %s and period_type = 2
            ) as s
            group by s.part order by 1
            """,
            [source_id],
        ).fetchall()


def months_at_once(connection, source_id) -> list[list[str]]:
    """Months of day states that were just written, as the engine would merge them."""
    with connection.transaction(force_rollback=True):
        connection.execute(
            """
            insert into yardstick.calculation_slices (source_id, period_type, period_start)
            select distinct d.source_id, 3, d.slice_start from yardstick.metric_dirty as d where d.source_id = %s and d.stage = 'day'
            """,
            [source_id],
        )
        found = connection.execute(
            """
            select array_agg(s.period_start::text order by s.period_start)
            from (
                select period_start, (row_number() over (order by period_start) - 1) / yardstick_engine.slice_budget(source_id, 3) as part
                from yardstick.calculation_slices where source_id = %s and period_type = 3
            ) as s
            group by s.part order by 1
            """,
            [source_id],
        ).fetchall()
        return [months for (months,) in found]


def measures(connection, source_id, *kinds: str) -> list:
    return connection.execute(
        "select array_agg(id order by id) from yardstick.metric_measures where source_id = %s and state_kind = any(%s)",
        [source_id, list(kinds or ("sums",))],
    ).fetchone()[0]


@dataclass
class Scan:
    """The statement that reads a source for some measures, up to what it would write, and the keys it is given."""

    head: str
    keys: str
    by_place: bool

    def count(self, session, columns: str, stretches: list[tuple]) -> None:
        """Makes every state, and gives none away."""
        self.run(session, f"\nselect count(*), {PLACE if self.by_place else IDS}, {columns} from states", stretches)

    def keep(self, session, columns: str, stretches: list[tuple]) -> None:
        """Puts states into bench_volume.ours, with the ids of their places."""
        head = self.head.replace("\nstates as (\n", "\nnumbered as (\n") + NAMED if self.by_place else self.head
        Scan(head, self.keys, False).run(session, f"\ninsert into bench_volume.ours select {columns}", stretches)

    def run(self, session, tail: str, stretches: list[tuple]) -> None:
        """Reads stretch by stretch, as the engine does, planned for each; the tail takes the place of the writing."""
        run_as(session, "yardstick_engine.scan_source")
        session.execute("set plan_cache_mode = force_custom_plan")
        session.execute(
            "prepare scan (date, date, uuid[], text[], date[], timestamptz, timestamptz, text[], text[], uuid) as " + self.head + tail
        )
        for low, high in stretches:
            session.execute(
                f"execute scan ('{low}', '{high}', null, null, null, '{low} 00:00+00', '{high} 00:00+00', {self.keys}, null)"
            )
        session.execute("deallocate scan")


def scan_of(connection, source_id, measure_ids) -> Scan:
    """Up to the states, one row a measure, level and day."""
    text, *keys = connection.execute(
        """
        select
            yardstick_engine.scan_statement(%(source)s, %(measures)s, false, true),
            quote_nullable((select array_agg(id::text) from yardstick.organizations where is_active)),
            quote_nullable(yardstick_engine.wanted_keys(%(source)s, %(measures)s))
        """,
        {"source": source_id, "measures": measure_ids},
    ).fetchone()
    head = re.split(r",\n(?:series_at|known) as materialized \(", text)[0]
    return Scan(head, ", ".join(keys), "\nseries_at as" in text)


# As calculate_touched and calculate_cells go through them: batch by batch, each with the text and the plan of its own, up to the merged
# states of departments and organizations, before formulas and writing; of whole stretches, as a history is.
READ_STATES = r"""
create or replace function bench_volume.read_states(
    measure_ids uuid[], period_type integer, organization_ids uuid[], period_starts date[], out row_count numeric, out value_sum numeric
)
language plpgsql
as $read$
declare
    low constant date := (select min(s) from unnest(period_starts) as s);
    high constant date := (select max(s) from unnest(period_starts) as s);
    batch record;
    found record;
begin
    row_count := 0;
    value_sum := 0;
    for batch in
        select * from yardstick_engine.whole_batches(
            measure_ids, read_states.period_type, organization_ids, period_starts, array_fill(null::text, array[cardinality(period_starts)]), '{}'
        )
    loop
        execute 'with ' || yardstick_engine.touched_text(read_states.period_type, false, false, '')
            || regexp_replace(
                yardstick_engine.state_text(batch.metric_ids, read_states.period_type, false, is_filled => read_states.period_type <= 2),
                ',\s*valued \(metric_no.*$', ''
            )
            || ' select count(*), sum(s.row_count) as row_count, sum(s.value_sum) as value_sum from state as s'
        into found
        using batch.batch_organizations, batch.batch_starts, batch.metric_ids, now(), null::uuid, low, high, high + 400, batch.batch_causes;
        row_count := row_count + coalesce(found.row_count, 0);
        value_sum := value_sum + coalesce(found.value_sum, 0);
    end loop;
end
$read$
"""
