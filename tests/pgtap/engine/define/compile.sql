begin;
select plan(31);
\ir ../../two_organizations.psql

-- What a roll-up cannot give is refused when it is defined, with the reason.
create schema compile_host;
create table compile_host.stock (organization text, department text, counted_at timestamptz, pieces numeric);
grant usage on schema compile_host to yardstick_reader;
grant select on all tables in schema compile_host to yardstick_reader;
select yardstick_api.register_source('{"name": "stock", "relation": "compile_host.stock", "time_column": "counted_at",
    "organization_column": "organization", "levels": {"dept": "department"}}') \g /dev/null

create function pg_temp.defined(definition jsonb) returns text language plpgsql as $defined$
begin
    perform yardstick_api.define_metric(jsonb '{"metric_name": "m", "display_name": "M", "calculation_method": "aggregation"}' || definition);
    return 'defined';
exception when others then
    return sqlstate || ' ' || sqlerrm;
end
$defined$;
create function pg_temp.over_stock(measure jsonb, more jsonb default '{}') returns text language sql as $over_stock$
    select pg_temp.defined(jsonb_build_object(
        'data_sources', jsonb_build_object('source', 'stock', 'measures', jsonb_build_object('n', measure)) || coalesce(more -> 'sources', '{}')
    ) || (more - 'sources'))
$over_stock$;
select pg_temp.defined('{"metric_name": "daily_mean", "data_sources": {"source": "stock", "measures": {"n": {"agg": "avg", "value": "pieces"}}},
    "time_windows": ["daily"], "aggregation_levels": ["org"]}') \g /dev/null

-- Over time.
select is(pg_temp.over_stock('{"agg": "sum", "value": "pieces", "over_time": "last"}'), 'defined', 'takes a stock: added up over departments, the last over time');
select is(
    pg_temp.over_stock('{"agg": "percentile", "p": 95, "value": "pieces", "over_time": "avg"}'),
    'YS001 data_sources.measures.n.over_time: is only for count, sum, avg, min and max; percentile takes all rows of a period as they are',
    'refuses a mean of percentiles'
);
select is(
    pg_temp.over_stock('{"agg": "count_distinct", "value": "pieces", "over_time": "max"}'),
    'YS001 data_sources.measures.n.over_time: is only for count, sum, avg, min and max; count_distinct takes all rows of a period as they are',
    'refuses a largest of distinct counts'
);
select is(
    pg_temp.over_stock('{"agg": "stddev", "value": "pieces", "over_time": "last"}'),
    'YS001 data_sources.measures.n.over_time: is only for count, sum, avg, min and max; stddev takes all rows of a period as they are',
    'refuses a last of deviations'
);
select is(
    pg_temp.over_stock('{"agg": "sum", "value": "pieces", "over_time": "sum"}'),
    'YS001 data_sources.measures.n.over_time: must be one of last, first, avg, min, max; got "sum"', 'refuses a stock added up over time'
);

-- Where there are no rows.
select is(
    pg_temp.over_stock('{"agg": "avg", "value": "pieces"}', '{"sources": {"fill": "zero"}}'),
    'YS001 data_sources.measures.n.agg: with fill zero only count and sum without over_time, for nothing else is zero where there are no rows; use carry_forward',
    'refuses a mean of zero where there is nothing'
);
select is(
    pg_temp.over_stock('{"agg": "sum", "value": "pieces", "over_time": "last"}', '{"sources": {"fill": "zero"}}'),
    'YS001 data_sources.measures.n.agg: with fill zero only count and sum without over_time, for nothing else is zero where there are no rows; use carry_forward',
    'refuses a stock of zero where nobody counted'
);

-- Over levels.
select is(
    pg_temp.over_stock('{"agg": "count"}', '{"aggregation_levels": ["org", "team"]}'),
    'YS001 aggregation_levels: the source stock has no column for the level team; leave it out or register the source with it',
    'refuses a level that the source does not know'
);
select is(
    pg_temp.over_stock('{"agg": "percentile", "p": 0.95, "value": "pieces"}'),
    'YS001 data_sources.measures.n.p: is in percent; write 95', 'refuses a percentile that was meant as a share'
);

-- Units.
select is(
    pg_temp.defined('{"data_sources": {"source": "stock", "measures": {"a": {"agg": "sum", "value": "pieces", "unit": "EUR"}, "b": {"agg": "count"}}},
        "calculation_formula": "a + b"}'),
    'YS001 calculation_formula: adds EUR to count; give both the same unit, or convert one of them in the value of its measure', 'refuses a sum of unlike things'
);

-- Of metrics: a longer window or a higher level is made of states, never of values.
select is(
    pg_temp.defined('{"data_sources": {"metrics": {"d": "daily_mean"}}, "time_windows": ["monthly"]}'),
    'YS001 data_sources.metrics.d: daily_mean is calculated for daily; leave the other windows out of time_windows', 'refuses a month made of values of days'
);
select is(
    pg_temp.defined('{"data_sources": {"metrics": {"d": "daily_mean"}}, "time_windows": ["daily"], "aggregation_levels": ["org", "dept"]}'),
    'YS001 data_sources.metrics.d: daily_mean is calculated for org; leave the other levels out of aggregation_levels', 'refuses a department made of the value of the organization'
);
select is(
    pg_temp.defined('{"metric_name": "daily_mean", "data_sources": {"metrics": {"d": {"metric": "daily_mean", "lag": 1}}}, "time_windows": ["daily"]}'),
    'YS001 data_sources.metrics.d: daily_mean cannot be made of itself, not even of an earlier period; leave it out', 'refuses a metric made of itself'
);
select is(
    pg_temp.defined('{"data_sources": {"metrics": {"d": "daily_mean"}}, "time_windows": ["daily"], "metric_type": "score"}'),
    'YS001 data_sources.metrics.d: daily_mean has no direction, so it cannot attain a target; give it one', 'refuses a score of what has no direction'
);

-- Of metrics at several periods: their sum is not their value of these periods together.
select pg_temp.defined('{"metric_name": "kinds", "data_sources": {"source": "stock", "measures": {"n": {"agg": "count_distinct", "value": "pieces"}}}}') \g /dev/null
select pg_temp.defined('{"metric_name": "at_hand", "data_sources": {"source": "stock",
    "measures": {"n": {"agg": "sum", "value": "pieces", "over_time": "last"}}}}') \g /dev/null
select pg_temp.defined('{"metric_name": "p95", "data_sources": {"source": "stock", "measures": {"n": {"agg": "percentile", "p": 95, "value": "pieces"}}}}') \g /dev/null
select pg_temp.defined('{"metric_name": "mean", "data_sources": {"source": "stock", "measures": {"n": {"agg": "avg", "value": "pieces"}}}}') \g /dev/null
select pg_temp.defined('{"metric_name": "moved", "data_sources": {"source": "stock", "measures": {"n": {"agg": "sum", "value": "pieces"}}}}') \g /dev/null
create function pg_temp.over_periods(metric text, formula text) returns text language sql as $over_periods$
    select pg_temp.defined(jsonb_build_object('calculation_formula', formula, 'data_sources', jsonb_build_object('metrics', jsonb_build_object(
        'a', metric, 'b', jsonb_build_object('metric', metric, 'lag', 1), 'c', jsonb_build_object('metric', metric, 'lag', 2),
        'o', jsonb_build_object('metric', 'moved', 'lag', 1)
    ))))
$over_periods$;
create function pg_temp.adding(metric text) returns text language sql as $adding$
    select format('YS001 calculation_formula: adds up values of %s of several periods, which is not its value of them together; take a longer '
        'one of its time_windows, or divide by their number for the mean', metric)
$adding$;
select is(pg_temp.over_periods('kinds', 'a + b + c + o * 0'), pg_temp.adding('kinds'), 'refuses distinct counts added up over periods');
select is(pg_temp.over_periods('kinds', 'coalesce(a, 0) + round(b) + c / o'), pg_temp.adding('kinds'), 'refuses them behind coalesce and round');
select is(pg_temp.over_periods('at_hand', '100 * (a + b + c) / o'), pg_temp.adding('at_hand'), 'refuses a stock added up over periods, in a ratio too');
select is(pg_temp.over_periods('p95', 'a + (o + b) + c'), pg_temp.adding('p95'), 'refuses percentiles added up over periods');
select is(pg_temp.over_periods('mean', 'o + a + b - c'), pg_temp.adding('mean'), 'refuses means added up over periods');
select is(pg_temp.over_periods('moved', 'a + b + c + o'), 'defined', 'adds up over periods what is a sum');
select is(pg_temp.over_periods('kinds', '(a + b + c) / 3 + o * 0'), 'defined', 'takes a mean of distinct counts of periods for what it is');
select is(pg_temp.over_periods('at_hand', 'o / ((a + b) / 2) + 0 * c'), 'defined', 'divides by the mean of two stocks, as a turnover does');
select is(pg_temp.over_periods('kinds', '100 * (a - b) / b + c / o'), 'defined', 'compares distinct counts of two periods');
select is(pg_temp.over_periods('kinds', 'coalesce(a, b, c) + o'), 'defined', 'chooses between periods');
select is(pg_temp.over_periods('kinds', 'a * 0.7 + b * 0.2 + c * 0.1 + o'), 'defined', 'weighs periods');
select is(
    (select pg_temp.defined('{"data_sources": {"metrics": {"a": "kinds", "b": "at_hand"}}, "calculation_formula": "a + b"}')), 'defined',
    'adds up different metrics of one period'
);

-- Of queries: nothing merges what they give.
select is(
    pg_temp.defined('{"calculation_method": "sql", "data_sources": {"sources": ["stock"]}, "aggregation_levels": ["org", "dept"],
        "calculation_formula": "select sum(pieces) as value from stock"}'),
    'YS001 aggregation_levels: the query gives a value for the organization alone; add the column aggregation_id, or leave the other levels out',
    'refuses departments of a query that does not tell them apart'
);
select is(
    pg_temp.defined('{"calculation_method": "sql", "data_sources": {"sources": ["stock"]}, "aggregation_levels": ["org"],
        "calculation_formula": "select department as aggregation_id, sum(pieces) as value from stock group by department"}'),
    'YS001 aggregation_levels: the query gives aggregation_id; name the level it is of (dept, team or user), or leave the column out',
    'refuses an organization made of the values of a query by department'
);
select is(
    pg_temp.defined('{"calculation_method": "sql", "data_sources": {"sources": ["stock"]}, "aggregation_levels": ["dept", "team"],
        "calculation_formula": "select department as aggregation_id, sum(pieces) as value from stock group by department"}'),
    'YS001 aggregation_levels: aggregation_id can be of one level only besides org; define a metric for each of the others',
    'refuses one id that would be of two levels'
);

-- Of what was recorded.
select is(
    pg_temp.defined('{"calculation_method": "external", "data_sources": {"agg": "avg", "fill": "zero"}}'),
    'YS001 data_sources.fill: zero needs an agg of count or sum, without over_time; use carry_forward', 'refuses zeros for recorded means'
);
select is(
    pg_temp.defined('{"calculation_method": "external", "data_sources": {"agg": "last", "over_time": "last"}}'),
    'YS001 data_sources.over_time: needs an agg of count, sum, avg, min or max', 'refuses a last of lasts'
);

select * from finish();
rollback;
