-- as: deployer
-- Asked for each series of each slice of snapshots: the module is read once a session.
create or replace function yardstick_stats.trend_at(
    places      integer[],
    "values"    double precision[],
    direction   text,
    target_low  double precision default null,
    target_high double precision default null
)
returns text
language plpython3u
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $trend_at$
if "trend_at" in SD:
    return SD["trend_at"](places, values, direction, target_low, target_high)
# include: plpython/trend.py
SD["trend_at"] = trend_at
return trend_at(places, values, direction, target_low, target_high)
$trend_at$;

revoke all on function yardstick_stats.trend_at(
    integer[], double precision[], text, double precision, double precision
) from public;
grant execute on function yardstick_stats.trend_at(
    integer[], double precision[], text, double precision, double precision
) to yardstick_engine_role, yardstick_owner;

comment on function yardstick_stats.trend_at(
    integer[], double precision[], text, double precision, double precision
) is
'improving, stable or declining, as trend() tells it, of values given in any order, each with its place on the axis; a place that is not '
'named has no value.';
