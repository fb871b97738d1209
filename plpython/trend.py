"""Monotone trends: Mann-Kendall, Theil-Sen, and the word for it on a snapshot.

A missing value (None, NaN, infinite) is left out but keeps its place on the time axis.
"""

import sys
from array import array
from bisect import bisect_left, bisect_right
from itertools import pairwise
from math import erfc, isfinite, sqrt

# By number of values and level of significance.
LEAST_SCORES = {}
VALUE_ZERO, VALUE_BITS = 1 << 51, (1 << 52) - 1
BETTER = {"higher_better": 1, "lower_better": -1, "target_range": -1}


def present(values):
    """Return the positions and the values that are there."""
    places = [i for i, v in enumerate(values or ()) if v is not None and isfinite(v)]
    return places, [float(values[i]) for i in places]


def kendall_score(x):
    """Return S, the number of rising pairs less the number of falling ones."""
    seen = []
    score = 0
    for v in x:
        below = bisect_left(seen, v)
        upto = bisect_right(seen, v)
        score += below + upto - len(seen)
        seen.insert(upto, v)
    return score, seen


def tie_sizes(ordered):
    """Return the sizes of the groups of equal values in an ordered list."""
    sizes = []
    size = 1
    for left, right in pairwise(ordered):
        if left == right:
            size += 1
        else:
            if size > 1:
                sizes.append(size)
            size = 1
    if size > 1:
        sizes.append(size)
    return sizes


def exact_p(score, n):
    """Return the two-sided p of S among n values without ties, all orders equally likely."""
    pairs = n * (n - 1) // 2
    falling = (pairs - abs(score)) // 2
    ways = [1] + [0] * falling
    orders = 1
    for k in range(2, n + 1):
        orders *= k
        ways = [sum(ways[max(0, j - k + 1) : j + 1]) for j in range(falling + 1)]
    return min(1.0, 2.0 * sum(ways) / orders)


def median(ordered):
    """Return the median of an ordered list."""
    half = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[half]
    return (ordered[half - 1] + ordered[half]) / 2.0


def sen_slope(places, x):
    """Return the median change per step over all pairs, at their real distances."""
    slopes = [(x[j] - x[i]) / (places[j] - places[i]) for j in range(1, len(x)) for i in range(j)]
    slopes.sort()
    return median(slopes) if slopes else None


def inflation(places, x, slope):
    """Return how much autocorrelation widens the variance of S; never below 1.

    Only the leading run of clearly positive lags counts: the published correction takes every
    lag, and then finds trends in pure noise twice as often as it promises. Taking the slope out
    makes the rest look less correlated than it is, by about (1 + 4 r) / n, which is put back.
    """
    n = len(x)
    rest = [v - slope * t for t, v in zip(places, x, strict=True)]
    ordered = sorted(rest)
    centred = {
        t: (bisect_left(ordered, v) + bisect_right(ordered, v) - n) / 2.0 for t, v in zip(places, rest, strict=True)
    }
    power = sum(r * r for r in centred.values()) / n
    if power == 0:
        return 1.0
    added = 0.0
    k = 1
    while 3 * k < n:
        products = [r * centred[t + k] for t, r in centred.items() if t + k in centred]
        if not products:
            break
        r_k = sum(products) / len(products) / power * (n - k) / n
        r_k += (1.0 + 4.0 * r_k) / n
        if r_k < 1.645 / sqrt(n):
            break
        added += (n - k) * (n - k - 1) * (n - k - 2) * r_k
        k += 1
    return 1.0 + 2.0 * added / (n * (n - 1) * (n - 2)) if added else 1.0


def significance(score, n, ties, factor=1.0):
    """Return the variance of S, z with continuity correction, and the two-sided p."""
    var_s = (n * (n - 1) * (2 * n + 5) - sum(t * (t - 1) * (2 * t + 5) for t in ties)) / 18.0 * factor
    if var_s <= 0 or score == 0:
        return max(var_s, 0.0), 0.0, 1.0
    z = (score - 1 if score > 0 else score + 1) / sqrt(var_s)
    if n <= 10 and not ties and factor == 1.0:
        return var_s, z, exact_p(score, n)
    return var_s, z, erfc(abs(z) / sqrt(2.0))


def mann_kendall(values, autocorrelation="none"):
    """Return (n, s, var_s, z, p_two_sided, tau_b, theil_sen_slope)."""
    if autocorrelation not in ("none", "adjust"):
        raise ValueError("autocorrelation is none or adjust")
    places, x = present(values)
    n = len(x)
    if n < 2:
        return n, 0, 0.0, 0.0, 1.0, None, None
    score, ordered = kendall_score(x)
    ties = tie_sizes(ordered)
    slope = sen_slope(places, x)
    factor = 1.0
    if autocorrelation == "adjust" and n >= 4:
        factor = inflation(places, x, slope)
    var_s, z, p = significance(score, n, ties, factor)
    pairs = n * (n - 1) // 2
    untied = pairs - sum(t * (t - 1) // 2 for t in ties)
    tau_b = score / sqrt(pairs * untied) if untied else None
    return n, score, var_s, z, p, tau_b, slope


def least_score(n, alpha, ties=()):
    """Return the smallest |S| that is significant among n values."""
    known = LEAST_SCORES.get((n, alpha, ties))
    if known is None:
        known = n * (n - 1) // 2 + 1
        while known > 0 and significance(known - 1, n, ties)[2] < alpha:
            known -= 1
        # Of years of values there are endless kinds of ties.
        if len(LEAST_SCORES) < 10000:
            LEAST_SCORES[n, alpha, ties] = known
    return known


def significant(x, alpha):
    """Return S and the sizes of the ties of values; no S where it is not significant."""
    n = len(x)
    seen = []
    insert = seen.insert
    below = 0
    for v in x:
        place = bisect_left(seen, v)
        below += place
        insert(place, v)
    score = 2 * below - n * (n - 1) // 2
    ties = ()
    if len(set(seen)) < n:
        ties = tuple(tie_sizes(seen))
        score += sum(t * (t - 1) // 2 for t in ties)
    least = LEAST_SCORES.get((n, alpha, ties)) or least_score(n, alpha, ties)
    return (None if -least < score < least else score), ties


def judge(
    places, x, direction, target_low, target_high, min_points=8, alpha=0.01, min_change_pct=5.0, autocorrelation="adjust"
):
    """Return the trend of values at their places; None when it cannot be told."""
    if len(x) < max(min_points, 2) or direction not in BETTER:
        return None
    given = x
    if direction == "target_range":
        if target_low is None and target_high is None:
            return None
        low = float("-inf") if target_low is None else target_low
        high = float("inf") if target_high is None else target_high
        x = [max(low - v, v - high, 0.0) for v in x]
    score, ties = significant(x, alpha)
    if score is None:
        return "stable"
    return confirm(places, given, x, score, ties, direction, alpha, min_change_pct, autocorrelation)


def confirm(places, given, x, score, ties, direction, alpha=0.01, min_change_pct=5.0, autocorrelation="adjust"):
    """Return the trend where S is significant: most series show none, and need no slope."""
    slope = sen_slope(places, x)
    level = abs(median(sorted(given)))
    if slope == 0 or abs(slope) * (places[-1] - places[0]) < level * min_change_pct / 100.0:
        return "stable"
    if autocorrelation == "adjust":
        factor = inflation(places, x, slope)
        if factor > 1.0 and significance(score, len(x), ties, factor)[2] >= alpha:
            return "stable"
    return "improving" if score * BETTER[direction] > 0 else "declining"


def trend(
    values,
    direction,
    target_low=None,
    target_high=None,
    points=30,
    min_points=8,
    alpha=0.01,
    min_change_pct=5.0,
    autocorrelation="adjust",
):
    """Return improving, stable or declining; None when it cannot be told."""
    places, x = present((values or [])[-points:])
    return judge(places, x, direction, target_low, target_high, min_points, alpha, min_change_pct, autocorrelation)


def trend_packed(points, direction, target_low=None, target_high=None):
    """Return the trend of points in any order, None for a missing one: the place, from bit 52 on, and below it 2^51 and the value
    in ten-thousandths.

    The score is had from them as they are; numbers are made only of those that may have a trend.
    """
    if not points or len(points) < 8:
        return None
    try:
        points.sort()
    except TypeError:
        points = sorted(point for point in points if point is not None)
        if len(points) < 8:
            return None
    if direction == "target_range":
        return judge(*unpacked(points), direction, target_low, target_high)
    if direction not in BETTER:
        return None
    score, ties = significant([point & VALUE_BITS for point in points], 0.01)
    if score is None:
        return "stable"
    places, values = unpacked(points)
    return confirm(places, values, values, score, ties, direction)


def trend_letters(places, series, direction, target_low=None, target_high=None):
    """Return bytes that have at the place given for each series the first letter of its trend; 0 where it cannot be told."""
    letters = bytearray(max(places) + 1)
    for place, word in zip(places, trends_packed(series, direction, target_low, target_high), strict=True):
        if word:
            letters[place] = ord(word[0])
    return letters


def trends_packed(series, direction, target_low=None, target_high=None):
    """Return the trends of series of equally many points, as trend_packed() tells them; it puts points in order.

    Most have none, and are told apart all at once, which is cheaper as soon as there are more of them than points.
    """
    size = len(series[0])
    if size < 8 or direction == "target_range" or direction not in BETTER or len(series) < size:
        return [trend_packed(points, direction, target_low, target_high) for points in series]
    pairs = size * (size - 1) // 2
    # Where pairs of equal values count as rising, or as falling, S is further from 0 by more than they make a smaller one significant.
    least = (pairs + least_score(size, 0.01) + 1) // 2
    words = []
    for points, not_falling, not_rising in zip(series, *side_by_side(series, size), strict=True):
        if not_falling < least and not_rising < least:
            words.append("stable")
        elif not_falling + not_rising > pairs:
            words.append(trend_packed(points, direction))
        else:
            places, values = unpacked(points)
            words.append(confirm(places, values, values, not_falling - not_rising, (), direction))
    return words


def side_by_side(series, size):
    """Return for each series how many of its pairs do not fall, and how many do not rise; it puts points in order.

    A number of 64 bits a series holds the values of one place: subtracted from another it compares all series at once, and the bit above
    each value, set before, is left where the later value is not the smaller. These bits are counted in the bits above them.
    """
    flat = array("Q")
    for points in series:
        flat.extend(points)
    one = whole(array("Q", [1]) * len(series))
    columns = [whole(flat[place::size]) for place in range(size)]
    mark = one << 63
    if any((after | mark) - before & mark != mark for before, after in pairwise(columns)):
        for points in series:
            points.sort()
        return side_by_side(series, size)
    bits, mark = one * VALUE_BITS, one << 54
    not_falling = rising = 0
    columns = [column & bits for column in columns]
    for place, column in enumerate(columns):
        marked = column | mark
        less = marked - one
        for before in columns[:place]:
            not_falling += marked - before & mark
            rising += less - before & mark
    return counts(not_falling, len(series)), counts(one * (size * (size - 1) // 2 << 54) - rising, len(series))


def whole(numbers):
    """Return an array of numbers of 64 bits as one number."""
    return int.from_bytes(numbers.tobytes(), sys.byteorder)


def counts(number, size):
    """Return what is counted above bit 54 of each 64."""
    return [count >> 54 for count in array("Q", number.to_bytes(8 * size, sys.byteorder))]


def unpacked(points):
    """Return places and values; as floating point, no two values of fifteen digits become equal."""
    return [point >> 52 for point in points], [((point & VALUE_BITS) - VALUE_ZERO) / 10000.0 for point in points]
