"""What is calculated, told by plain arithmetic over rows: in Python, with fractions, and with nothing of the engine's own."""

import math
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cache
from typing import Any, NamedTuple

WINDOWS = ["daily", "weekly", "monthly", "quarterly", "annual"]


class Metric(NamedTuple):
    """Over a source (None: the only one), for all organizations or its owner's. Each measure: aggregate, condition of its own, other keys."""

    key: Any
    where: Any
    measures: dict
    formula: Any
    levels: list
    windows: list
    source: Any = None
    owner: Any = None


class Derived(NamedTuple):
    """Of others, by alias (metric, lag)."""

    children: dict
    formula: Any
    levels: list
    windows: list
    owner: Any = None


class Row(NamedTuple):
    """A row of a source; scopes are the departments, teams and users it counts for, as (level, id)."""

    organization: Any
    key: Any
    content: Any
    at: Any
    day: Any
    scopes: list
    source: Any = None


@dataclass
class Definitions:
    """What is calculated, and what its texts mean of a row (conditions, values) or of numbers by name (formulas)."""

    metrics: dict
    derived: dict
    conditions: dict
    values: dict
    formulas: dict
    # How metrics fill periods without rows, and what confidence intervals are made of.
    fills: dict = field(default_factory=dict)
    intervals: dict = field(default_factory=dict)


def deviation(values):
    if len(values) < 2:
        return None
    mean = sum(values) / len(values)
    square = sum((v - mean) ** 2 for v in values) / (len(values) - 1)
    with localcontext() as context:
        context.prec = 60
        return Fraction((Decimal(square.numerator) / Decimal(square.denominator)).sqrt())


def percentile(values, percent):
    values = sorted(values)
    place = (len(values) - 1) * Fraction(str(percent)) / 100
    below = int(place)
    return values[below] + (place - below) * (values[min(below + 1, len(values) - 1)] - values[below])


PLAIN = {
    "count": lambda seen: Fraction(len(seen)),
    "sum": lambda seen: sum(seen) if seen else None,
    "avg": lambda seen: sum(seen) / len(seen) if seen else None,
    "min": lambda seen: min(seen, default=None),
    "max": lambda seen: max(seen, default=None),
    "stddev": deviation,
    "count_distinct": lambda seen: Fraction(len(set(seen))),
}


def aggregated(agg, seen, keys):
    """Of rows (value, time, local day)."""
    values = [value for value, _, _ in seen]
    if "over_time" in keys:
        days = {day: PLAIN[agg]([v for v, _, d in seen if d == day]) for day in sorted({d for _, _, d in seen})}
        found = [value for value in days.values() if value is not None]
        if not found:
            return Fraction(0) if agg == "count" else None
        return {
            "first": found[0], "last": found[-1], "avg": sum(found) / len(found), "min": min(found), "max": max(found),
        }[keys["over_time"]]  # fmt: skip
    if agg == "percentile":
        return percentile(values, keys["p"]) if values else None
    if agg in ("first", "last"):
        ends = [(at, value) for value, at, _ in seen]
        return (min if agg == "first" else max)(ends)[1] if ends else None
    return PLAIN[agg](values)


def departments_above(world, department):
    while department:
        yield department
        department = world.parents[department]


def scopes_of(world, department, team, user):
    """A department counts what its sub-departments do."""
    scopes = [("dept", d) for d in departments_above(world, department)]
    return scopes + [("team", team)] * (team is not None) + [("user", user)] * (user is not None)


def calendar_of(keys):
    return keys.get("week_start", 1), keys.get("fiscal_year_start_month", 1)


def is_period(calendar, keys, first, after):
    """A date that the zone skipped is no day."""
    return calendar.midnight(first, keys["timezone"]) < calendar.midnight(after, keys["timezone"])


def first_day(world, calendar, organization, day, window):
    """Of the period that a row of this date counts in."""
    first, after = calendar.period_of(day, window, *calendar_of(keys := world.zones[organization]))
    return first if is_period(calendar, keys, first, after) else None


def expected(world, calendar, as_of):
    """Every value by hand, from the rows as they are: world.rows."""
    definitions, cells = world.definitions, {}
    firsts = cache(lambda organization, day, window: first_day(world, calendar, organization, day, window))
    for row in world.rows(calendar):
        scopes = [("org", row.organization), *row.scopes]
        for metric, (key, where, measures, _, levels, windows, source, owner) in definitions.metrics.items():
            if source != row.source or owner not in (None, row.organization):
                continue
            if (key and key != row.key) or not definitions.conditions[where](row.content):
                continue
            for alias, (agg, condition, *keys_of) in measures.items():
                of = (keys_of[0] if keys_of else {}).get("value")
                if not definitions.conditions[condition](row.content):
                    continue
                taken = definitions.values[of](row.content)
                if taken is None and (agg != "count" or of):
                    continue
                for window in windows:
                    first = firsts(row.organization, row.day, window)
                    if first is None:
                        continue
                    for level, scope in scopes:
                        if level in levels:
                            cell = cells.setdefault((row.organization, metric, level, scope, window, first), {})
                            cell.setdefault(alias, []).append((taken, row.at, row.day))

    zeros = filled_with_zero(world, calendar, as_of, cells)
    found = {}
    for cell, states in cells.items():
        _, metric, _, _, _, _ = cell
        measures, formula = definitions.metrics[metric].measures, definitions.metrics[metric].formula
        numbers = {}
        for alias, (agg, _, *keys_of) in measures.items():
            numbers[alias] = aggregated(agg, states.get(alias, []), keys_of[0] if keys_of else {})
            if numbers[alias] is None and (cell, alias) in zeros:
                numbers[alias] = Fraction(0)
        value = definitions.formulas[formula](numbers) if formula else numbers["n"]
        sample = max(len(seen) for seen in states.values())
        # Of what is filled and has no value there is nothing to say.
        if value is not None or sample:
            found[cell] = {
                **valued(calendar, value),
                "sample": sample,
                "interval": definitions.intervals[metric](calendar, states) if metric in definitions.intervals else None,
            }
    found |= carried_forward(world, calendar, as_of, found)
    for name, definition in definitions.derived.items():
        found |= expected_of_others(world, calendar, found, name, Derived(*definition))
    peers = {}
    for (organization, metric, level, _, window, first), row in found.items():
        if row["value"] is not None:
            peers.setdefault((organization, metric, level, window, first), []).append(row["value"])
    for cell, row in found.items():
        organization, metric, level, _, window, first = cell
        row["rank"] = calendar.rank(row["value"], peers.get((organization, metric, level, window, first), []))
        complete_row(world, calendar, as_of, found, cell, row)
    return found


def valued(calendar, value):
    """What is stored of it: what fits no column is an error."""
    value = None if value is None else calendar.rounded(value, 4)
    if value is not None and abs(value) >= 10**11:
        return {"value": None, "status": "error"}
    return {"value": value, "status": "warning" if value is None else "success"}


def periods_until(world, calendar, as_of, organization, window, first):
    """First days of the periods of a window from this one on, up to the one that runs."""
    keys = world.zones[organization]
    while first <= as_of.astimezone(calendar.zone(keys["timezone"])).date():
        _, after = calendar.period_of(first, window, *calendar_of(keys))
        if is_period(calendar, keys, first, after):
            yield first
        first = after


def filled_with_zero(world, calendar, as_of, cells):
    """Adds the cells in which nothing was counted or added up since a measure's first row in the scope; these, by measure."""
    firsts, zeros = {}, set()
    for cell, states in cells.items():
        if world.definitions.fills.get(cell[1]) == "zero":
            for alias, seen in states.items():
                if seen:
                    firsts[*cell[:5], alias] = min(cell[5], firsts.get((*cell[:5], alias), cell[5]))
    for (*series, alias), first in firsts.items():
        for start in periods_until(world, calendar, as_of, series[0], series[4], first):
            cells.setdefault((*series, start), {}).setdefault(alias, [])
            zeros.add(((*series, start), alias))
    return zeros


def carried_forward(world, calendar, as_of, found):
    """The cells without rows that take the last value before them."""
    carried, series = {}, {}
    for *key, start in found:
        if world.definitions.fills.get(key[1]) == "carry_forward":
            series.setdefault(tuple(key), []).append(start)
    for key, starts in series.items():
        value = None
        for start in periods_until(world, calendar, as_of, key[0], key[4], min(starts)):
            row = found.get((*key, start))
            if row:
                value = row["value"] if row["value"] is not None else value
            elif value is not None:
                carried[*key, start] = {"value": value, "sample": 0, "status": "success", "interval": None}
    return carried


def expected_of_others(world, calendar, found, name, derived):
    """A metric made of others has a value where one of the parts it does not look back at has one."""
    made = {}
    for organization, metric, level, scope, window, first in list(found):
        if metric not in {m for m, lag in derived.children.values() if lag == 0} or level not in derived.levels or window not in derived.windows:
            continue
        if derived.owner not in (None, organization):
            continue
        keys = world.zones[organization]
        numbers, samples = {}, []
        for alias, (child, lag) in derived.children.items():
            start = first
            for _ in range(lag):
                start, _ = calendar.period_of(start - timedelta(1), window, *calendar_of(keys))
            row = found.get((organization, child, level, scope, window, start), {})
            numbers[alias] = None if row.get("value") is None else Fraction(row["value"])
            samples += [row["sample"]] if row else []
        value = world.definitions.formulas[derived.formula](numbers)
        made[(organization, name, level, scope, window, first)] = {
            **valued(calendar, value),
            "sample": max(samples),
            "interval": None,
        }
    return made


def complete_row(world, calendar, as_of, found, cell, row):
    """What depends on other values: the previous one, the change, and the quality of the data by the finest window."""
    organization, metric, level, scope, window, first = cell
    definitions, keys = world.definitions, world.zones[organization]
    calendar_keys = calendar_of(keys)
    before, _ = calendar.period_of(first - timedelta(1), window, *calendar_keys)
    _, after = calendar.period_of(first, window, *calendar_keys)
    previous = found.get((organization, metric, level, scope, window, before), {}).get("value")
    row["previous"] = previous
    row["change"] = None
    if previous and row["value"] is not None:
        row["change"] = calendar.rounded(
            100 * (Fraction(row["value"]) - Fraction(previous)) / abs(Fraction(previous)), 2
        )

    finest = min((definitions.metrics[metric].windows if metric in definitions.metrics else definitions.derived[metric][3]), key=WINDOWS.index)
    ended = with_rows = with_value = reached = 0
    part, end = calendar.period_of(first, finest, *calendar_keys)
    while end <= after:
        # A period of the finest window belongs where it ends.
        if calendar.midnight(end, keys["timezone"]) <= as_of and is_period(calendar, keys, part, end):
            ended += 1
            inside = found.get((organization, metric, level, scope, finest, part))
            has_rows = inside is not None and (inside["value"] is not None or inside["sample"] > 0)
            with_rows += has_rows
            with_value += has_rows and inside["value"] is not None
            reached = ended if has_rows else reached
        part, end = calendar.period_of(end, finest, *calendar_keys)
    row["starts_at"] = calendar.midnight(first, keys["timezone"])
    row["ends_at"] = calendar.midnight(after, keys["timezone"])
    parts = {
        "completeness": Fraction(with_rows, ended) if ended else None,
        "validity": Fraction(with_value, with_rows) if with_rows else None,
        "timeliness": Fraction(reached, ended) if ended else None,
    }
    row["metadata"] = {"is_complete": row["ends_at"] <= as_of} | {
        name: None if part is None else float(calendar.rounded(part, 4)) for name, part in parts.items()
    }
    row["quality"] = calendar.rounded(math.prod(parts.values()), 2) if with_rows else None


def check(world, calendar, is_calculated=lambda key: True):
    """All values that are calculated now: there may be former ones. Returns what they ought to be."""
    assert world.engine.left() == (0, 0)
    wanted, stored = (
        {key: row for key, row in rows.items() if is_calculated(key)}
        for rows in (expected(world, calendar, world.now), world.engine.compared())
    )
    gone = set(stored) - set(wanted)
    for key in gone:
        row = stored.pop(key)
        assert (row["value"], row["status"], row["sample"]) == (None, "warning", 0), (key, row)
    assert world.engine.differing(stored, wanted) == ([], 0)
    return wanted
