"""Definitions that chance puts together, of what a source offers, with what they mean."""

import random
from dataclasses import dataclass
from fractions import Fraction

from tests.python.oracle import WINDOWS, Derived, Metric


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


@dataclass
class Offer:
    """What measures may be made of; keys are of kinds of rows, without a value only where the source has one."""

    conditions: list
    numbers: list
    keys: tuple = (None,)
    levels: tuple = ("org",)
    things: tuple = ()
    has_value: bool = True
    # How often a condition is made; none: any of them, or none at all, is as likely.
    restraint: float | None = None


class Chance(random.Random):
    def some(self, everything):
        return [one for one in everything if self.random() < 0.5] or [self.choice(everything)]

    def condition(self, offer):
        if offer.restraint is None:
            return self.choice((None, None, *offer.conditions))
        return self.choice(offer.conditions) if self.random() < offer.restraint else None

    def measure(self, offer):
        agg = self.choice(("count", "sum", "avg", "min", "max", "stddev", "count_distinct", "percentile", "first", "last"))
        keys = {}
        if agg == "count_distinct" or self.random() < 0.4 or not (agg == "count" or offer.has_value):
            keys["value"] = self.choice(offer.numbers)
        if agg in ("count", "count_distinct") and "value" in keys and offer.things and self.random() < 0.5:
            keys["value"] = self.choice(offer.things)
        if agg == "percentile":
            keys["p"] = self.choice((0, 10, 37.5, 50, 95, 100))
        if agg in ("count", "sum", "avg", "min", "max") and self.random() < 0.25:
            keys["over_time"] = self.choice(("first", "last", "avg", "min", "max"))
        return agg, self.condition(offer), keys

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

    def definitions(self, offer, count, prefix="m", source=None, owners=(None,)):
        """Metrics, and their formulas by text."""
        metrics, formulas = {}, {}
        for number in range(count):
            measures = {name: self.measure(offer) for name in ["a", "b", "c"][: self.choice((1, 2, 3))]}
            if len(measures) == 1:
                measures, text = {"n": measures["a"]}, None
            else:
                text, formula = self.combined(LAST, list(measures), 2)
                formulas[text] = formula
            metrics[f"{prefix}{number}"] = Metric(
                self.choice(offer.keys), self.condition(offer), measures, text,
                self.some(offer.levels), self.some(WINDOWS), source, self.choice(owners) if len(owners) > 1 else owners[0],
            )  # fmt: skip
        return metrics, formulas

    def fills(self, metrics):
        fills = {}
        for name, metric in metrics.items():
            adds_up = all(agg in ("count", "sum") and "over_time" not in keys for agg, _, keys in metric.measures.values())
            if self.random() < (0.7 if adds_up else 0.2):
                fills[name] = self.choice(("zero", "zero", "carry_forward")) if adds_up else "carry_forward"
        return fills

    def of_others(self, metrics, count):
        derived, formulas = {}, {}
        for number in range(count):
            children = {"x": (self.choice(list(metrics)), 0), "y": (self.choice(list(metrics)), self.choice((0, 0, 1, 3)))}
            owners = {metrics[child].owner for child, _ in children.values()} - {None}
            both = [set(metrics[child][place]) for child, _ in children.values() for place in (4, 5)]
            levels, windows = sorted(both[0] & both[2]), sorted(both[1] & both[3], key=WINDOWS.index)
            if not levels or not windows or len(owners) > 1:
                continue
            text, formula = self.combined(LAST, ["x", "y"], 1)
            formulas[text] = formula
            derived[f"d{number}"] = Derived(children, text, self.some(levels), self.some(windows), *owners)
        return derived, formulas


def document(name, metric, fill=None, **keys):
    """What define_metric takes."""
    sources = {
        "source": metric.source or "analytics_metrics", "key": metric.key, "where": metric.where, "fill": fill,
        "measures": {
            alias: {"agg": agg, **({"where": condition} if condition else {}), **of} for alias, (agg, condition, of) in metric.measures.items()
        },
    }  # fmt: skip
    return shaped(name, metric, {key: value for key, value in sources.items() if value is not None}, **keys)


def document_of_others(name, metric, **keys):
    return shaped(name, metric, {"metrics": {alias: {"metric": child, "lag": lag} for alias, (child, lag) in metric.children.items()}}, **keys)


def shaped(name, metric, sources, **keys):
    return {
        "metric_name": name, "display_name": name, "calculation_method": "aggregation", "data_sources": sources,
        "calculation_formula": metric.formula, "aggregation_levels": metric.levels, "time_windows": metric.windows, **keys,
    }  # fmt: skip


def interval_of(measures, formula):
    """Of one count or mean; shares are told by metric_type, which none has here."""
    agg, _, keys = measures.get("n", (None, None, {}))
    if formula or "over_time" in keys or agg not in ("count", "avg"):
        return None
    if agg == "count":
        return lambda calendar, states: calendar.interval_of_count(len(states.get("n", [])))
    return lambda calendar, states: calendar.interval_of_mean([value for value, _, _ in states.get("n", [])])


def is_calculated(definitions, metric, level, window):
    """At this level and in this window, now; elsewhere values stay as they were, and all of what is made of a metric that lacks one of its own."""
    if metric in definitions.metrics:
        return level in definitions.metrics[metric].levels and window in definitions.metrics[metric].windows
    children, _, levels, windows, _ = definitions.derived[metric]
    parts = [definitions.metrics[child] for child, _ in children.values()]
    return level in levels and window in windows and all(set(levels) <= set(part.levels) and set(windows) <= set(part.windows) for part in parts)
