"""The statements that the engine runs, got from the functions that make them, and cut before they write."""

import re

from bench import volume


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


def measures(connection, source_id, kind: str = "sums") -> list:
    return connection.execute(
        "select array_agg(id order by id) from yardstick.metric_measures where source_id = %s and state_kind = %s", [source_id, kind]
    ).fetchone()[0]


def scan_text(connection, source_id, measure_ids) -> str:
    """Up to the states, one row a measure, level and day."""
    text = connection.execute("select yardstick_engine.scan_statement(%s, %s, false, true)", [source_id, measure_ids]).fetchone()[0]
    return text[: text.index(",\nknown as (")]


def cells_text(connection, source_id, measure_ids) -> str:
    """Up to the cells, in which each distinct aggregate is a column."""
    text = scan_text(connection, source_id, measure_ids)
    return text[: text.index(",\nmeasure (combo")]


def scan(session, head: str, tail: str, stretches: list[tuple]) -> None:
    """Reads stretch by stretch, as the engine does; the tail takes the place of the writing."""
    run_as(session, "yardstick_engine.scan_source")
    session.execute("prepare scan (date, date, uuid[], text[], date[], timestamptz, timestamptz, text[], text[], uuid) as " + head + tail)
    for low, high in stretches:
        session.execute(f"execute scan ('{low}', '{high}', null, null, null, '{low} 00:00+00', '{high} 00:00+00', null, null, null)")
    session.execute("deallocate scan")


def value_states_text(connection, metric_ids: list, period_type: int) -> str:
    """Up to the merged states of departments and organizations, before formulas and writing."""
    text = connection.execute(
        "select yardstick_engine.calculate_statement(%s, %s, false, false)", [metric_ids, period_type]
    ).fetchone()[0]
    return re.split(r",\s*valued \(metric_no", text)[0]

