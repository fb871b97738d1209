"""What tests of calculation share: a database worked through its doors, and values by hand to hold it against."""

import json
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from psycopg.types.range import Range
from scipy import stats

WINDOWS = ("daily", "weekly", "monthly", "quarterly", "annual")

STORED = """
    select
        c.organization_id, d.metric_name, c.aggregation_level, c.aggregation_id, c.time_window,
        (c.period_start at time zone o.timezone)::date,
        c.period_start, c.period_end, c.metric_value, c.previous_value, c.change_percentage, c.sample_size,
        c.calculation_status, c.metadata, c.target_value, c.variance_from_target, c.error_code, c.calculation_notes,
        c.metric_version, c.percentile_rank, c.confidence_interval, c.data_quality_score
    from yardstick.metric_calculations as c
    inner join yardstick.metric_definitions as d on c.metric_id = d.id
    inner join yardstick.organizations as o on c.organization_id = o.id
"""


@cache
def midnight(day, zone):
    """The first moment from which the clocks of a zone show that day or a later one for good."""
    first, second = (
        datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1)
    )
    if first >= second:
        return first
    # It comes twice: what lies between is the end of the day before only if the clocks went back into it.
    went_back = (second - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date() < day
    return second if went_back else first


@cache
def plus_months(day, months):
    place = day.year * 12 + day.month - 1 + months
    return date(place // 12, place % 12 + 1, min(day.day, monthrange(place // 12, place % 12 + 1)[1]))


@cache
def period_of(day, window, week_start=1, fiscal_month=1):
    """First day of the period that holds a day, and of the next one."""
    if window == "daily":
        return day, day + timedelta(1)
    if window == "weekly":
        first = day - timedelta((day.isoweekday() - week_start) % 7)
        return first, first + timedelta(7)
    months = {"monthly": 1, "quarterly": 3, "annual": 12}[window]
    first = plus_months(day.replace(day=1), -((day.month - fiscal_month) % months))
    return first, plus_months(first, months)


def rounded(value, places):
    """Half away from zero, as a column of that many places rounds."""
    scaled = abs(value) * 10**places
    whole = (scaled + Fraction(1, 2)).__floor__()
    return Decimal(whole if value >= 0 else -whole).scaleb(-places)


def rank(value, peers):
    """Percent of the other peers that lie below, half away from zero; None below two peers."""
    if value is None or len(peers) < 2:
        return None
    return int(rounded(Fraction(100 * sum(other < value for other in peers), len(peers) - 1), 0))


@cache
def quantile(distribution, *arguments):
    return float(getattr(stats, distribution).ppf(*arguments))


def interval(low, high):
    return Range(rounded(Fraction(low), 4), rounded(Fraction(high), 4), "[]")


@cache
def interval_of_count(count):
    low = quantile("chi2", 0.025, 2 * count) / 2 if count else 0
    return interval(low, quantile("chi2", 0.975, 2 * count + 2) / 2)


def interval_of_mean(values):
    if len(values) < 2:
        return None
    mean = Fraction(sum(values), len(values))
    error = (sum((v - mean) ** 2 for v in values) / (len(values) - 1) / len(values)) ** 0.5
    half = Fraction(quantile("t", 0.975, len(values) - 1) * error)
    return interval(mean - half, mean + half)


@cache
def interval_of_share(hits, trials):
    found = stats.binomtest(hits, trials).proportion_ci(0.95, method="wilson")
    return interval(100 * found.low, 100 * found.high)


class Engine:
    """A database worked through its doors by a DBA."""

    def __init__(self, database):
        self.database = database
        self.connection = database.connect()
        self.execute("set statement_timeout = '60s'")
        # The zone of the session is no one's calendar.
        self.execute("set timezone = 'America/Caracas'")

    def execute(self, query, parameters=None):
        return self.connection.execute(query, parameters)

    def one(self, query, parameters=None):
        return self.execute(query, parameters).fetchone()[0]

    def door(self, name, argument, organization=None):
        with self.connection.transaction():
            if organization:
                self.execute("select yardstick_api.use_organization(%s)", [organization])
            return self.one(f"select yardstick_api.{name}(%s)", [json.dumps(argument, default=str)])

    def organization(self, name, **keys):
        return self.door("sync_organization", {"external_id": name, "organization_name": name, **keys})

    def record(self, organization, values):
        return self.door("record_values", values, organization)

    def observe(self, organization, metric_name, measured_at, value=1, **keys):
        return self.record(
            organization, [{"metric_name": metric_name, "measured_at": measured_at, "value": value, **keys}]
        )

    def metric(self, name, organization=None, source="analytics_metrics", measures=None, key=None, where=None, **keys):
        sources = {"source": source, "measures": measures or {"n": {"agg": "sum"}}}
        if key or (source == "analytics_metrics" and "key" not in keys and measures is None):
            sources["key"] = key or name
        if where:
            sources["where"] = where
        return self.door(
            "define_metric",
            {
                "metric_name": name, "display_name": name, "calculation_method": "aggregation", "data_sources": sources,
                "time_windows": ["daily"], "refresh_frequency": "real_time", **keys,
            },
            organization,
        )  # fmt: skip

    def derived(self, name, children, organization=None, **keys):
        return self.door(
            "define_metric",
            {
                "metric_name": name, "display_name": name, "calculation_method": "aggregation",
                "data_sources": {"metrics": children}, "time_windows": ["daily"], **keys,
            },
            organization,
        )  # fmt: skip

    def refresh(self, organization, name, from_time, to_time):
        with self.connection.transaction():
            self.execute("select yardstick_api.use_organization(%s)", [organization])
            return self.one("select yardstick_api.refresh_metric(%s, %s, %s)", [name, from_time, to_time])

    def calculate(self, as_of):
        self.execute("call yardstick_engine.calculate_due(%s)", [as_of])

    def stored(self):
        """(organization, metric, level, scope, window, first day) -> the stored value and what stands beside it."""
        names = (
            "starts_at", "ends_at", "value", "previous", "change", "sample", "status", "metadata", "target", "variance",
            "error", "notes", "version", "rank", "interval", "quality",
        )  # fmt: skip
        return {row[:6]: dict(zip(names, row[6:], strict=True)) for row in self.execute(STORED).fetchall()}

    def values(self, metric_name, window="daily", level="org"):
        """First day -> value, for the metric of the only organization or scope that has any."""
        return {
            key[5]: row["value"]
            for key, row in self.stored().items()
            if key[1] == metric_name and key[4] == window and key[2] == level
        }

    def compared(self):
        """What is stored, but for what depends on how it came about."""
        return {
            key: {
                name: value
                for name, value in row.items()
                if name not in ("version", "target", "variance", "error", "notes")
            }
            for key, row in self.stored().items()
        }

    def partials(self):
        return {
            row[:6]: row[6:]
            for row in self.execute("""
                select
                    s.organization_id, s.measure_id, s.aggregation_level, s.aggregation_id, p.period_type, p.period_start,
                    p.row_count, p.value_sum, p.value_min, p.value_max
                from yardstick.metric_partials as p
                inner join yardstick.metric_series as s on p.series_id = s.series_id and p.organization_id = s.organization_id
            """).fetchall()
        }

    @staticmethod
    def differing(left, right):
        """The first few keys whose values differ, with what differs, and how many there are."""
        keys = sorted((key for key in {**left, **right} if left.get(key) != right.get(key)), key=str)
        shown = []
        for key in keys[:6]:
            one, other = left.get(key), right.get(key)
            if isinstance(one, dict) and isinstance(other, dict):
                one, other = ({n: v for n, v in a.items() if v != b[n]} for a, b in ((one, other), (other, one)))
            shown.append((" ".join(map(str, key)), one, other))
        return shown, len(keys)

    def exact(self, organization, cells):
        """Of (metric, level, scope, window, time at which the period has ended), in a transaction that can write nothing."""
        with self.connection.transaction():
            self.execute("set transaction read only")
            self.execute("select yardstick_api.use_organization(%s)", [organization])
            return [
                row[0]
                for row in self.execute(
                    "select yardstick_api.metric_value(u.metric, u.level, u.scope, u.time_window, u.at, true)"
                    " from unnest(%s::text[], %s::text[], %s::uuid[], %s::text[], %s::timestamptz[]) with ordinality"
                    " as u (metric, level, scope, time_window, at, place) order by u.place",
                    [list(column) for column in zip(*cells, strict=True)],
                ).fetchall()
            ]

    def traces(self):
        """Where every stored row stands: the same again means that nothing was written."""
        return {
            table: self.execute(f"select tableoid, ctid, xmin from yardstick.{table} order by 1, 2").fetchall()
            for table in ("metric_calculations", "metric_partials", "metric_series")
        }

    def left(self):
        """Work that is left; what has drifted waits."""
        return self.execute(
            "select (select count(*) from yardstick.calculation_slices), (select count(*) from yardstick.metric_dirty)"
            " + (select count(*) from yardstick.metric_pending as p where not exists ("
            "  select from yardstick.metric_definitions as d where d.id = p.metric_id and d.drifted_at is not null"
            " )) + (select count(*) from yardstick.source_changes)"
        ).fetchone()

    def forget(self):
        """Back to before the first calculation, with every metric queued."""
        for table in (
            "metric_calculations", "metric_partials", "metric_series", "metric_dirty", "metric_refreshes",
            "calculation_slices", "metric_details", "metric_pending", "source_changes",
        ):  # fmt: skip
            self.execute(f"delete from yardstick.{table}")
        self.execute("select yardstick_engine.queue_history(d.id) from yardstick.metric_definitions as d")

    def settle(self, as_of):
        """Calculates until nothing is left."""
        for minute in range(1, 7):
            self.calculate(as_of + timedelta(minutes=minute))
            if self.left() == (0, 0):
                return as_of + timedelta(minutes=minute)
        raise AssertionError(f"work is left: {self.left()}")

    def check_against_nothing(self, as_of):
        """What is stored is, digit for digit, what a calculation from nothing gives; emptied values, which it cannot know, are null."""
        as_of = self.settle(as_of)
        incremental, states = self.compared(), self.partials()
        self.forget()
        self.calculate(as_of)
        fresh, fresh_states = self.compared(), self.partials()
        assert self.differing(states, fresh_states) == ([], 0)
        gone = set(incremental) - set(fresh)
        assert all(incremental[key]["status"] == "warning" and incremental[key]["value"] is None for key in gone)
        assert self.differing({key: row for key, row in incremental.items() if key not in gone}, fresh) == ([], 0)


@pytest.fixture
def engine(database):
    made = Engine(database)
    yield made
    made.connection.close()


@pytest.fixture(scope="session")
def engine_of():
    """Makes one over a database that a module keeps for all its tests."""
    return Engine


@pytest.fixture(scope="session")
def calendar():
    """Periods, midnights and rounding, reckoned in Python."""

    class Calendar:
        pass

    for helper in (midnight, plus_months, period_of, rounded, rank, interval_of_count, interval_of_mean, interval_of_share):
        setattr(Calendar, helper.__name__, staticmethod(helper))
    Calendar.zone = ZoneInfo
    return Calendar
