"""Definitions that chance puts together, on rows that it records and changes: each is refused with what to do, or its values are what plain
arithmetic over the rows gives."""

from fractions import Fraction

import psycopg
import pytest

from tests.python import test_incremental as incremental
from tests.python.chance import Chance, Offer, document, document_of_others, interval_of, is_calculated
from tests.python.oracle import Definitions, check

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
OFFER = Offer(
    list(CONDITIONS), [value for value in VALUES if value], (None, "cost", "cost", "delay", "absent"), tuple(incremental.ALL_LEVELS)
)


def define(world, metrics, fills, derived):
    """Those that are not refused; whoever refuses says what to do."""
    kept = ({}, {})
    documents = {name: (0, metric, document(name, metric, fills.get(name), refresh_frequency="real_time")) for name, metric in metrics.items()}
    documents |= {name: (1, metric, document_of_others(name, metric)) for name, metric in derived.items()}
    for name, (place, metric, definition) in documents.items():
        try:
            world.engine.door("define_metric", definition)
        except psycopg.Error as error:
            assert error.sqlstate.startswith("YS"), (metric, str(error))
        else:
            kept[place][name] = metric
    return kept


class Standing(Definitions):
    """What stands."""

    def __init__(self):
        super().__init__({}, {}, CONDITIONS, VALUES, {})

    def define(self, world, chance, metrics, derived):
        """How many are not refused."""
        fills = chance.fills(metrics)
        kept, kept_derived = define(world, metrics, fills, derived)
        for name in kept:
            self.fills.pop(name, None)
        self.fills.update({name: fill for name, fill in fills.items() if name in kept})
        self.metrics.update(kept)
        self.derived.update(kept_derived)
        self.intervals = {
            name: interval for name, metric in self.metrics.items() if (interval := interval_of(metric.measures, metric.formula))
        }
        return len(kept) + len(kept_derived)


@pytest.fixture
def definitions():
    return Standing()


def populated(engine, seed, definitions):
    world = incremental.World(engine, seed, definitions)
    for organization in world.members:
        engine.record(organization, [world.observation(organization) for _ in range(30)])
    return world


@pytest.mark.parametrize("seed", [3])
def test_values_are_what_the_definition_says_of_the_rows(engine, calendar, definitions, seed):
    chance = Chance(seed)
    metrics, formulas = chance.definitions(OFFER, 24)
    derived, more = chance.of_others(metrics, 8)
    definitions.formulas.update(formulas | more)
    world = populated(engine, seed, definitions)
    assert definitions.define(world, chance, metrics, derived) > 15
    for _ in range(4):
        world.now += incremental.timedelta(minutes=1)
        engine.calculate(world.now)
        check(world, calendar, lambda key: is_calculated(definitions, key[1], key[2], key[4]))
        for _ in range(world.random.randrange(1, 4)):
            world.happen()


@pytest.mark.parametrize("seed", [2])
def test_values_follow_the_definition_as_it_changes(engine, calendar, definitions, seed):
    chance = Chance(seed)
    world = populated(engine, seed, definitions)
    changed = 0
    for step in range(5):
        metrics, formulas = chance.definitions(OFFER, 12)
        derived, more = chance.of_others(metrics, 6)
        definitions.formulas.update(formulas | more)
        if step:
            metrics = {name: metrics[name] for name in chance.sample(sorted(metrics), 4)}
            derived = {name: of for name, of in derived.items() if chance.random() < 0.4}
        changed += definitions.define(world, chance, metrics, derived) * (step > 0)
        world.now += incremental.timedelta(minutes=1)
        engine.calculate(world.now)
        check(world, calendar, lambda key: is_calculated(definitions, key[1], key[2], key[4]))
        for _ in range(world.random.randrange(1, 4)):
            world.happen()
        # Now and then what has changed waits while the definition changes.
        if chance.random() < 0.5:
            engine.calculate(world.now)
    assert changed > 5
