-- as: deployer
-- Asked for the series of a slice of snapshots, many at a time: one by one, the calls and what Python does with each value cost three times
-- as much. The module is read once a session, and a SET, which nothing in it looks at, would cost as much as a small call.
create or replace function yardstick_stats.trend_letters(
    places      integer[],
    series      bigint[],
    direction   text,
    target_low  double precision default null,
    target_high double precision default null
)
returns bytea
language plpython3u
immutable
parallel safe
as $trend_letters$
if "trend_letters" in SD:
    return SD["trend_letters"](places, series, direction, target_low, target_high)
# include: plpython/trend.py
SD["trend_letters"] = trend_letters
return trend_letters(places, series, direction, target_low, target_high)
$trend_letters$;

revoke all on function yardstick_stats.trend_letters(integer[], bigint[], text, double precision, double precision) from public;
grant execute on function yardstick_stats.trend_letters(integer[], bigint[], text, double precision, double precision)
to yardstick_engine_role, yardstick_owner;

comment on function yardstick_stats.trend_letters(integer[], bigint[], text, double precision, double precision) is
'First letters of improving, stable or declining, as trend() tells it, for series of equally many numeric(15, 4) values, one a row: their '
'values in any order, each in one number with its place on the axis: place * 2^52 + 2^51 + value * 10000. Each letter is the byte at the '
'place given for its series; 0: it cannot be told.';
