"""Definitions that chance puts together, on rows that it records and changes: each is refused with what to do, or its values are what plain
arithmetic over the rows gives."""

import random
from fractions import Fraction

import psycopg
import pytest

from tests.python import test_incremental as incremental

WINDOWS, LEVELS = incremental.WINDOWS, incremental.ALL_LEVELS
CONDITIONS = incremental.CONDITIONS | {
    "value between 0 and 50": lambda value: value is not None and 0 <= value <= 50,
    "value <> 50": lambda value: value is not None and value != 50,
    "value is null": lambda value: value is None,
    "value is null or value < 0": lambda value: value is None or value < 0,
    "value in (0, 50)": lambda value: value in (0, 50),
    "abs(value) < 30": lambda value: value is not None and abs(value) < 30,
    "not value > 60": lambda value: value is not None and not value > 60,
    "value is distinct from 0": lambda value: value != 0,
    "coalesce(value, 70) > 60": lambda value: (70 if value is None else value) > 60,
    "mod(value, 2) = 0": lambda value: value is not None and value % 2 == 0,
    "false": lambda value: False,
}
VALUES = incremental.VALUES | {
    "value * 2 - 10": lambda value: None if value is None else value * 2 - 10,
    "abs(value)": lambda value: None if value is None else abs(value),
    "nullif(value, 50)": lambda value: None if value == 50 else value,
    "case when value > 20 then 1 else 0 end": lambda value: Fraction(value is not None and value > 20),
    "coalesce(value, 5.5)": lambda value: Fraction("5.5") if value is None else value,
    "0.001 * value": lambda value: None if value is None else value / 1000,
}


def known(function):
    """Null where an operand is."""
    return lambda *numbers: None if None in numbers else function(*numbers)


def larger(*numbers):
    return max((number for number in numbers if number is not None), default=None)


# A division comes last: what PostgreSQL rounds then is what is rounded here.
OPERATIONS = {
    "({} + {})": known(lambda a, b: a + b),
    "({} - {})": known(lambda a, b: a - b),
    "(2 * {})": known(lambda a: 2 * a),
    "({} * 0.5)": known(lambda a: a / 2),
    "abs({})": known(abs),
    "-{}": known(lambda a: -a),
    "greatest({}, {})": larger,
    "coalesce({}, 1)": lambda a: 1 if a is None else a,
    "nullif({}, {})": lambda a, b: None if a is not None and a == b else a,
    "(case when {} > {} then 1 else 0 end)": lambda a, b: Fraction(None not in (a, b) and a > b),
}
LAST = {
    "{}": lambda a: a,
    "{} / {}": known(lambda a, b: a / b if b else None),
    "100.0 * {} / {}": known(lambda a, b: 100 * a / b if b else None),
    "round({}, 1)": known(lambda a: (1 if a >= 0 else -1) * Fraction(int(abs(a) * 10 + Fraction(1, 2)), 10)),
}  # fmt: skip


class Chance(random.Random):
    def some(self, everything):
        return [one for one in everything if self.random() < 0.5] or [self.choice(everything)]

    def measure(self):
        agg = self.choice(("count", "sum", "avg", "min", "max", "stddev", "count_distinct", "percentile", "first", "last"))
        keys = {}
        if agg == "count_distinct" or self.random() < 0.4:
            keys["value"] = self.choice([value for value in VALUES if value])
        if agg == "percentile":
            keys["p"] = self.choice((0, 10, 37.5, 50, 95, 100))
        if agg in ("count", "sum", "avg", "min", "max") and self.random() < 0.25:
            keys["over_time"] = self.choice(("first", "last", "avg", "min", "max"))
        return agg, self.choice((None, None, *CONDITIONS)), keys

    def operand(self, names, depth):
        """A text, and what it gives of the numbers by name."""
        if depth == 0 or self.random() < 0.4:
            name = self.choice(names)
            return name, lambda numbers: numbers[name]
        return self.combined(OPERATIONS, names, depth - 1)

    def combined(self, operations, names, depth):
        text = self.choice(list(operations))
        parts = [self.operand(names, depth) for _ in range(text.count("{}"))]
        return text.format(*(part for part, _ in parts)), lambda numbers: operations[text](*(of(numbers) for _, of in parts))

    def definitions(self, count):
        """In the form of test_incremental: metrics, formulas by text."""
        metrics, formulas = {}, {}
        for number in range(count):
            measures = {name: self.measure() for name in ["a", "b", "c"][: self.choice((1, 2, 3))]}
            if len(measures) == 1:
                measures, text = {"n": measures["a"]}, None
            else:
                text, formula = self.combined(LAST, list(measures), 2)
                formulas[text] = formula
            metrics[f"m{number}"] = (
                self.choice((None, "cost", "cost", "delay", "absent")), self.choice((None, None, *CONDITIONS)), measures, text,
                self.some(LEVELS), self.some(WINDOWS),
            )  # fmt: skip
        return metrics, formulas

    def fills(self, metrics):
        fills = {}
        for name, (_, _, measures, _, _, _) in metrics.items():
            adds_up = all(agg in ("count", "sum") and "over_time" not in keys for agg, _, keys in measures.values())
            if self.random() < (0.7 if adds_up else 0.2):
                fills[name] = self.choice(("zero", "zero", "carry_forward")) if adds_up else "carry_forward"
        return fills

    def of_others(self, metrics, count):
        derived, formulas = {}, {}
        for number in range(count):
            children = {"x": (self.choice(list(metrics)), 0), "y": (self.choice(list(metrics)), self.choice((0, 0, 1, 3)))}
            both = [set(metrics[child][place]) for child, _ in children.values() for place in (4, 5)]
            levels, windows = sorted(both[0] & both[2]), sorted(both[1] & both[3], key=WINDOWS.index)
            if not levels or not windows:
                continue
            text, formula = self.combined(LAST, ["x", "y"], 1)
            formulas[text] = formula
            derived[f"d{number}"] = (children, text, self.some(levels), self.some(windows))
        return derived, formulas


def interval_of(measures, formula):
    """Of one count or mean; shares are told by metric_type, which none has here."""
    agg, _, keys = measures.get("n", (None, None, {}))
    if formula or "over_time" in keys or agg not in ("count", "avg"):
        return None
    if agg == "count":
        return lambda calendar, states: calendar.interval_of_count(len(states.get("n", [])))
    return lambda calendar, states: calendar.interval_of_mean([value for value, _, _ in states.get("n", [])])


def define(world, metrics, fills, derived):
    """Those that are not refused; whoever refuses says what to do."""
    engine, kept = world.engine, ({}, {})
    for name, (key, where, measures, formula, levels, windows) in metrics.items():
        try:
            engine.metric(
                name, aggregation_levels=levels, time_windows=windows, **({"calculation_formula": formula} if formula else {}),
                data_sources={
                    "source": "analytics_metrics", **({"key": key} if key else {}), **({"where": where} if where else {}),
                    **({"fill": fills[name]} if name in fills else {}),
                    "measures": {
                        alias: {"agg": agg, **({"where": condition} if condition else {}), **keys} for alias, (agg, condition, keys) in measures.items()
                    },
                },
            )  # fmt: skip
        except psycopg.Error as error:
            assert error.sqlstate.startswith("YS"), (metrics[name], str(error))
        else:
            kept[0][name] = metrics[name]
    for name, (children, formula, levels, windows) in derived.items():
        try:
            engine.derived(
                name, {alias: {"metric": child, "lag": lag} for alias, (child, lag) in children.items()},
                calculation_formula=formula, aggregation_levels=levels, time_windows=windows,
            )  # fmt: skip
        except psycopg.Error as error:
            assert error.sqlstate.startswith("YS"), (derived[name], str(error))
        else:
            kept[1][name] = derived[name]
    return kept


class Definitions:
    """What stands, where test_incremental looks for it."""

    def __init__(self, monkeypatch):
        self.monkeypatch, self.metrics, self.derived, self.fills, self.formulas = monkeypatch, {}, {}, {}, {}
        for name, value in {"CONDITIONS": CONDITIONS, "VALUES": VALUES, "FORMULAS": self.formulas, "FILLS": self.fills}.items():
            monkeypatch.setattr(incremental, name, value)
        for name, value in {"METRICS": self.metrics, "DERIVED": self.derived}.items():
            monkeypatch.setattr(incremental, name, value)

    def define(self, world, chance, metrics, derived):
        """How many are not refused."""
        fills = chance.fills(metrics)
        kept, kept_derived = define(world, metrics, fills, derived)
        for name in kept:
            self.fills.pop(name, None)
        self.fills.update({name: fill for name, fill in fills.items() if name in kept})
        self.metrics.update(kept)
        self.derived.update(kept_derived)
        self.monkeypatch.setattr(incremental, "INTERVALS", {
            name: interval for name, (_, _, measures, formula, _, _) in self.metrics.items() if (interval := interval_of(measures, formula))
        })  # fmt: skip
        return len(kept) + len(kept_derived)


@pytest.fixture
def definitions(monkeypatch):
    return Definitions(monkeypatch)


def populated(engine, seed):
    world = incremental.World(engine, seed)
    for organization in world.members:
        engine.record(organization, [world.observation(organization) for _ in range(30)])
    return world


def is_calculated(definitions, metric, level, window):
    """At this level and in this window, now; elsewhere values stay as they were, and all of what is made of a metric that lacks one of its own."""
    if metric in definitions.metrics:
        return level in definitions.metrics[metric][4] and window in definitions.metrics[metric][5]
    children, _, levels, windows = definitions.derived[metric]
    parts = [definitions.metrics[child] for child, _ in children.values()]
    return level in levels and window in windows and all(set(levels) <= set(part[4]) and set(windows) <= set(part[5]) for part in parts)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_values_are_what_the_definition_says_of_the_rows(engine, calendar, definitions, seed):
    chance = Chance(seed)
    metrics, formulas = chance.definitions(24)
    derived, more = chance.of_others(metrics, 8)
    definitions.formulas.update(formulas | more)
    world = populated(engine, seed)
    assert definitions.define(world, chance, metrics, derived) > 15
    for _ in range(4):
        world.now += incremental.timedelta(minutes=1)
        engine.calculate(world.now)
        incremental.check(world, calendar, lambda key: is_calculated(definitions, key[1], key[2], key[4]))
        for _ in range(world.random.randrange(1, 4)):
            world.happen()


@pytest.mark.parametrize("seed", [1, 2])
def test_values_follow_the_definition_as_it_changes(engine, calendar, definitions, seed):
    chance = Chance(seed)
    world = populated(engine, seed)
    changed = 0
    for step in range(5):
        metrics, formulas = chance.definitions(12)
        derived, more = chance.of_others(metrics, 6)
        definitions.formulas.update(formulas | more)
        if step:
            metrics = {name: metrics[name] for name in chance.sample(sorted(metrics), 4)}
            derived = {name: of for name, of in derived.items() if chance.random() < 0.4}
        changed += definitions.define(world, chance, metrics, derived) * (step > 0)
        world.now += incremental.timedelta(minutes=1)
        engine.calculate(world.now)
        incremental.check(world, calendar, lambda key: is_calculated(definitions, key[1], key[2], key[4]))
        for _ in range(world.random.randrange(1, 4)):
            world.happen()
        # Now and then what has changed waits while the definition changes.
        if chance.random() < 0.5:
            engine.calculate(world.now)
    assert changed > 5
