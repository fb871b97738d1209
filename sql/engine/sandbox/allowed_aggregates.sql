-- Aggregates and window functions of exact types, whose state does not grow with the rows but in sorts, which spill to disk:
-- so no array_agg, string_agg or jsonb_agg. percentile_cont is missing because it reckons in floating point; percentile_disc
-- gives a value that stands in the data, and agg: percentile of an aggregation metric interpolates exactly.
create or replace function yardstick_engine.allowed_aggregates()
returns text[]
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $allowed_aggregates$
    select array(
        select format('%s(%s)', a.aggregate_name, t.type_name)
        from (
            values
            ('sum'), ('avg'), ('stddev'), ('stddev_pop'), ('stddev_samp'), ('variance'), ('var_pop'), ('var_samp'), ('min'), ('max')
        ) as a (aggregate_name)
        cross join (values ('smallint'), ('integer'), ('bigint'), ('numeric')) as t (type_name)
    ) || array(
        select format('%s(%s)', a.aggregate_name, t.type_name)
        from (values ('min'), ('max')) as a (aggregate_name)
        cross join (
            values
            ('text'), ('date'), ('time without time zone'), ('timestamp without time zone'), ('timestamp with time zone'), ('interval')
        ) as t (type_name)
    ) || array[
        'count()', 'count("any")', 'sum(interval)', 'avg(interval)', 'bool_and(boolean)', 'bool_or(boolean)', 'every(boolean)',
        'mode(anyelement)', 'percentile_disc(double precision,anyelement)',
        -- window functions
        'row_number()', 'rank()', 'dense_rank()', 'ntile(integer)', 'lag(anyelement)', 'lag(anyelement,integer)',
        'lag(anycompatible,integer,anycompatible)', 'lead(anyelement)', 'lead(anyelement,integer)',
        'lead(anycompatible,integer,anycompatible)', 'first_value(anyelement)', 'last_value(anyelement)',
        'nth_value(anyelement,integer)',
        -- what stands behind range between 3 preceding; that of moments would count days of the session's time zone
        'in_range(smallint,smallint,smallint,boolean,boolean)', 'in_range(integer,integer,integer,boolean,boolean)',
        'in_range(bigint,bigint,bigint,boolean,boolean)', 'in_range(numeric,numeric,numeric,boolean,boolean)',
        'in_range(integer,integer,bigint,boolean,boolean)', 'in_range(date,date,interval,boolean,boolean)',
        'in_range(timestamp without time zone,timestamp without time zone,interval,boolean,boolean)'
    ]
$allowed_aggregates$;

comment on function yardstick_engine.allowed_aggregates() is
'Signatures of the pg_catalog aggregates and window functions that queries may use besides allowed_functions().';

grant execute on function yardstick_engine.allowed_aggregates() to yardstick_formula;
