"""The arithmetic of trends against published figures, without a database and through SQL."""

import itertools
import json
import math
import random
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "plpython"))

import trend as module  # noqa: E402

NAMES = ("n", "s", "var_s", "z", "p_two_sided", "tau_b", "theil_sen_slope")
CASES = sorted((ROOT / "tests" / "reference").glob("trend_*.json"))


def load(path):
    case = json.loads(path.read_text())
    return case["data"]["x"], case["expected"], case["tolerance_relative"]


def agree(result, expected, tolerance):
    got = dict(zip(NAMES, result, strict=True))
    pairs = got["n"] * (got["n"] - 1) / 2
    renamed = {
        "n": got["n"],
        "S": got["s"],
        "var_S": got["var_s"],
        "z": got["z"],
        "p_two_sided": got["p_two_sided"],
        "exact_p_one_sided": got["p_two_sided"] / 2,
        "tau_b": got["tau_b"],
        "tau_a": got["s"] / pairs,
        "theil_sen_slope": got["theil_sen_slope"],
    }
    judged = [key for key in expected if key in renamed]
    assert len(judged) >= 3
    for key in judged:
        assert math.isclose(renamed[key], expected[key], rel_tol=tolerance), key


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.stem)
def test_reference(path):
    values, expected, tolerance = load(path)
    agree(module.mann_kendall(values), expected, tolerance)


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.stem)
def test_reference_through_sql(database, path):
    values, expected, tolerance = load(path)
    with database.connect() as connection:
        row = connection.execute(
            "select m.n, m.s, m.var_s, m.z, m.p_two_sided, m.tau_b, m.theil_sen_slope"
            " from yardstick_stats.mann_kendall(%s::float8[]) as m",
            [values],
        ).fetchone()
    agree(row, expected, tolerance)


@pytest.mark.parametrize("n", [2, 3, 5, 6])
def test_exact_p_counts_every_order(n):
    scores = [module.kendall_score(p)[0] for p in itertools.permutations(range(n))]
    for score in set(scores):
        share = sum(abs(s) >= abs(score) for s in scores) / len(scores)
        assert math.isclose(module.exact_p(score, n), share), score


def test_missing_values_keep_their_place():
    assert module.mann_kendall([0, None, 2, float("nan"), 4])[6] == 1.0
    assert module.mann_kendall([0, None, 2])[0] == 2


def test_equal_values_have_no_trend():
    assert module.mann_kendall([5.0] * 12)[3:5] == (0.0, 1.0)
    assert module.trend([5.0] * 12, "higher_better") == "stable"


def test_adjusting_only_ever_widens_the_variance():
    rng = random.Random(7)
    for _ in range(50):
        x, series = 0.0, []
        for _ in range(40):
            x = 0.6 * x + rng.gauss(0, 1)
            series.append(x)
        assert module.mann_kendall(series, "adjust")[2] >= module.mann_kendall(series)[2]


@pytest.mark.parametrize(("correlation", "at_most"), [(0.0, 0.03), (0.5, 0.055)])
def test_false_alarms_stay_rare(correlation, at_most):
    rng = random.Random(11)
    found = 0
    for _ in range(400):
        x, series = 0.0, []
        for _ in range(60):
            x = correlation * x + rng.gauss(0, 1)
            series.append(x)
        found += module.mann_kendall(series, "adjust")[4] < 0.01
    assert found / 400 <= at_most


RISING = [100.0 + i + (i % 3) / 10 for i in range(30)]


@pytest.mark.parametrize(
    ("values", "direction", "bounds", "word"),
    [
        (RISING, "higher_better", (None, None), "improving"),
        (RISING, "lower_better", (None, None), "declining"),
        (RISING[::-1], "higher_better", (None, None), "declining"),
        (RISING[::-1], "lower_better", (None, None), "improving"),
        (RISING, "target_range", (150.0, 200.0), "improving"),
        (RISING, "target_range", (10.0, 50.0), "declining"),
        (RISING, "target_range", (50.0, 500.0), "stable"),
        (RISING, "target_range", (None, 50.0), "declining"),
        (RISING, "target_range", (None, None), None),
        (RISING, None, (None, None), None),
        (RISING[:7], "higher_better", (None, None), None),
        ([1e6 + i for i in range(30)], "higher_better", (None, None), "stable"),
        ([0.0] * 25 + RISING[:5], "higher_better", (None, None), "stable"),
        ([None] * 20 + RISING[:10], "higher_better", (None, None), "improving"),
        (RISING[::-1] + RISING, "higher_better", (None, None), "improving"),
        (None, "higher_better", (None, None), None),
    ],
)
def test_trend_word(values, direction, bounds, word):
    assert module.trend(values, direction, *bounds) == word


# --- Series side by side


def tie_structures(most, least=2):
    yield ()
    for size in range(least, most + 1):
        for rest in tie_structures(most - size, size):
            yield (size, *rest)


def test_equal_values_counted_as_rising_are_never_overlooked():
    """For every way in which values can be equal: an S that would be significant is so as well when their pairs count as rising."""
    judged = 0
    for n in range(8, 31):
        least = module.least_score(n, 0.01)
        for ties in tie_structures(n):
            # The largest S that is passed over; significance grows with S.
            score = least - 1 - sum(t * (t - 1) // 2 for t in ties)
            if score > 0:
                assert module.significance(score, n, ties)[2] >= 0.01, (n, ties)
                judged += 1
    assert judged > 1000


def packed(places, values):
    return [(place << 52) + module.VALUE_ZERO + value for place, value in zip(places, values, strict=True)]


@pytest.mark.parametrize("n", [8, 9, 10, 11, 13, 20, 30])
def test_many_series_are_told_as_one_by_one(n):
    rng = random.Random(n)
    series = []
    for _ in range(400):
        places = sorted(rng.sample(range(1, 31), n))
        slope, spread = rng.choice((0, 0, 3, -1)), rng.choice((1, 4, 30, 10**6))
        values = [rng.choice((-1, 1)) * rng.randrange(spread) * 10 + slope * place for place in places]
        series.append(packed(places, values))
    words = set()
    for direction in ("higher_better", "lower_better", "target_range", None):
        one_by_one = [module.trend_packed(list(points), direction, 0.0, 0.01) for points in series]
        assert module.trends_packed([list(points) for points in series], direction, 0.0, 0.01) == one_by_one
        mixed = [rng.sample(points, n) for points in series]
        assert module.trends_packed(mixed, direction, 0.0, 0.01) == one_by_one
        words.update(one_by_one)
    assert words == {"improving", "stable", "declining", None}


def test_pairs_of_the_largest_values_are_counted():
    most = 10**15 - 1
    series = [packed(range(30), [most] * 30), packed(range(30), [-most, most] * 15), packed(range(30), range(most, most - 30, -1))]
    not_falling, not_rising = module.side_by_side(series, 30)
    assert (not_falling, not_rising) == ([435, 435 - 105, 0], [435, 435 - 120, 435])
