-- as: deployer
-- Asked for each series of each slice of snapshots: the module is read once a session, and a SET, which nothing in it looks at, would cost
-- as much as a call.
create or replace function yardstick_stats.trend_packed(
    points      bigint[],
    direction   text,
    target_low  double precision default null,
    target_high double precision default null
)
returns text
language plpython3u
immutable
parallel safe
as $trend_packed$
if "trend_packed" in SD:
    return SD["trend_packed"](points, direction, target_low, target_high)
# include: plpython/trend.py
SD["trend_packed"] = trend_packed
return trend_packed(points, direction, target_low, target_high)
$trend_packed$;

revoke all on function yardstick_stats.trend_packed(bigint[], text, double precision, double precision) from public;
grant execute on function yardstick_stats.trend_packed(bigint[], text, double precision, double precision)
to yardstick_engine_role, yardstick_owner;

comment on function yardstick_stats.trend_packed(bigint[], text, double precision, double precision) is
'improving, stable or declining, as trend() tells it, of numeric(15, 4) values given in any order, each in one number with its place on the '
'axis: place * 2^52 + 2^51 + value * 10000; null, or a place that is not named: no value.';
