-- as: deployer
create or replace function yardstick_stats.trend(
    "values"        double precision[],
    direction       text,
    target_low      double precision default null,
    target_high     double precision default null,
    points          integer default 30,
    min_points      integer default 8,
    alpha           double precision default 0.01,
    min_change_pct  double precision default 5,
    autocorrelation text default 'adjust'
)
returns text
language plpython3u
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $trend$
# include: plpython/trend.py
return trend(
    values, direction, target_low, target_high, points, min_points, alpha, min_change_pct, autocorrelation
)
$trend$;

revoke all on function yardstick_stats.trend(
    double precision[], text, double precision, double precision, integer, integer,
    double precision, double precision, text
) from public;
grant execute on function yardstick_stats.trend(
    double precision[], text, double precision, double precision, integer, integer,
    double precision, double precision, text
) to yardstick_engine_role, yardstick_owner;

comment on function yardstick_stats.trend(
    double precision[], text, double precision, double precision, integer, integer,
    double precision, double precision, text
) is
'improving, stable or declining: Mann-Kendall over the last points with the direction of the metric (target_range: '
'towards or away from its bounds); null below min_points or without a direction.';
