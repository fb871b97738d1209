"""The quantiles behind confidence intervals, against scipy: each number of rows up to 3,000, and far beyond."""

import random

import pytest
from scipy import stats

COUNTS = [*range(3001), *(round(10 ** (e / 7)) for e in range(25, 71))]
FAR = 10**6


def bounds(database, kind, rows):
    """Of rows (value, sample size, spread), the bounds that the engine's expression gives."""
    with database.connect() as connection:
        text = connection.execute("select yardstick_engine.confidence_text(array[%s])", [kind]).fetchone()[0]
        found = connection.execute(
            f"select lower(c.bounds), upper(c.bounds) from unnest(%s::numeric[], %s::bigint[], %s::float8[]) with ordinality"
            " as r (value, sample_size, spread, number) cross join lateral ("
            f"    select {text} as bounds from (select r.*, '{kind}' as interval_kind) as v) as c order by r.number",
            [list(column) for column in zip(*rows, strict=True)],
        ).fetchall()
    return found


def assert_near(found, wanted, relative=1e-9, places=0.500001e-4):
    """Right to nine digits, and rounded to four places."""
    wrong = [
        (place, got, want)
        for place, (got, want) in enumerate(zip(found, wanted, strict=True))
        if any(abs(float(g) - w) > places + relative * abs(w) for g, w in zip(got, want, strict=True))
    ]
    assert wrong[:5] == []


def test_the_bounds_of_a_count_are_the_exact_ones_of_poisson(database):
    wanted = [
        (stats.chi2.ppf(0.025, 2 * k) / 2 if k else 0, stats.chi2.ppf(0.975, 2 * k + 2) / 2) for k in COUNTS
    ]
    assert_near(bounds(database, "count", [(k, k, None) for k in COUNTS]), wanted)


def test_the_bounds_of_a_mean_are_those_of_t(database):
    # A wide error brings the digits of the quantile before the point.
    sizes = [n for n in COUNTS if n > 1]
    wanted = [(-FAR * q, FAR * q) for q in stats.t.ppf(0.975, [n - 1 for n in sizes])]
    assert_near(bounds(database, "mean", [(0, n, float(FAR)) for n in sizes]), wanted)
    assert bounds(database, "mean", [(5, 1, None), (5, 3, 0.0)]) == [(None, None), (5, 5)]


def test_the_bounds_of_a_share_are_those_of_wilson(database):
    rng = random.Random(7)
    pairs = [(hits, trials) for trials in (1, 2, 7, 30) for hits in range(trials + 1)]
    pairs += [(rng.randint(0, trials), trials) for trials in (rng.randint(1, 10 ** rng.randint(1, 9)) for _ in range(500))]
    wanted = []
    for hits, trials in pairs:
        found = stats.binomtest(hits, trials).proportion_ci(0.95, method="wilson")
        wanted.append((100 * found.low, 100 * found.high))
    found = bounds(database, "share", [(None, trials, float(hits)) for hits, trials in pairs])
    assert_near(found, wanted)
    assert all(0 <= low <= high <= 100 for low, high in found)


@pytest.mark.parametrize(
    ("quantile", "known"),
    [
        ("t", lambda k: stats.t.ppf(0.975, k + 1)),
        ("poisson_low", lambda k: stats.gamma.ppf(0.025, k) if k else 0),
        ("poisson_high", lambda k: stats.gamma.ppf(0.975, k + 1)),
    ],
)
def test_every_quantile_that_is_kept_is_solved_to_the_end(database, quantile, known):
    with database.connect() as connection:
        found = connection.execute("select yardstick_engine.interval_quantiles(%s)", [quantile]).fetchone()[0]
    assert found == pytest.approx([known(k) for k in range(len(found))], rel=1e-13)
    assert len(found) == (100 if quantile == "t" else 101)
