-- as: deployer
create or replace function yardstick_stats.mann_kendall(
    "values"            double precision[],
    autocorrelation     text default 'none',
    out n               integer,
    out s               integer,
    out var_s           double precision,
    out z               double precision,
    out p_two_sided     double precision,
    out tau_b           double precision,
    out theil_sen_slope double precision
)
language plpython3u
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $mann_kendall$
# include: plpython/trend.py
return mann_kendall(values, autocorrelation)
$mann_kendall$;

revoke all on function yardstick_stats.mann_kendall(double precision[], text) from public;
grant execute on function yardstick_stats.mann_kendall(double precision[], text)
to yardstick_engine_role, yardstick_owner;

comment on function yardstick_stats.mann_kendall(double precision[], text) is
'Mann-Kendall test and Theil-Sen slope of an evenly spaced series: missing values keep their place, p is exact up to '
'ten values without ties, autocorrelation ''adjust'' only ever widens the variance.';
