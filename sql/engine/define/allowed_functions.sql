-- A list of what is allowed, since a list of what is dangerous is never complete. What stands here is a function of its
-- arguments alone, cannot be interrupted for longer than a moment, and cannot make a small row into a large one:
-- so no repeat, lpad, replace or regular expressions, nothing that reads settings, catalogs or the clock, and nothing that
-- asks the session for its time zone. Integer division is missing because it truncates, float because sums of it depend on order.
-- Texts and not regprocedure: pg_upgrade refuses columns and constants that hold object numbers.
create or replace function yardstick_engine.allowed_functions()
returns text[]
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $allowed_functions$
    select array(
        -- comparisons of every type with itself
        select format('%s%s(%s,%s)', t.prefix, c.suffix, t.type_name, t.type_name)
        from (
            values
            ('bool', 'boolean'), ('int2', 'smallint'), ('int4', 'integer'), ('int8', 'bigint'), ('numeric_', 'numeric'),
            ('date_', 'date'), ('time_', 'time without time zone'), ('timestamp_', 'timestamp without time zone'),
            ('timestamptz_', 'timestamp with time zone'), ('interval_', 'interval'), ('uuid_', 'uuid'), ('jsonb_', 'jsonb')
        ) as t (prefix, type_name)
        cross join (values ('eq'), ('ne'), ('lt'), ('le'), ('gt'), ('ge')) as c (suffix)
    ) || array(
        -- integers of different sizes: comparisons and the arithmetic that does not truncate
        select format('int%s%s(%s,%s)', t.digits, c.suffix, t.left_type, t.right_type)
        from (
            values
            ('24', 'smallint', 'integer'), ('42', 'integer', 'smallint'), ('28', 'smallint', 'bigint'),
            ('82', 'bigint', 'smallint'), ('48', 'integer', 'bigint'), ('84', 'bigint', 'integer')
        ) as t (digits, left_type, right_type)
        cross join (
            values ('eq'), ('ne'), ('lt'), ('le'), ('gt'), ('ge'), ('pl'), ('mi'), ('mul')
        ) as c (suffix)
    ) || array(
        select format('int%s%s(%s,%s)', t.digits, c.suffix, t.type_name, t.type_name)
        from (values ('2', 'smallint'), ('4', 'integer'), ('8', 'bigint')) as t (digits, type_name)
        cross join (values ('pl'), ('mi'), ('mul'), ('mod')) as c (suffix)
    ) || array[
        -- text
        'texteq(text,text)', 'textne(text,text)', 'text_lt(text,text)', 'text_le(text,text)', 'text_gt(text,text)',
        'text_ge(text,text)', 'textlike(text,text)', 'textnlike(text,text)', 'texticlike(text,text)',
        'texticnlike(text,text)', 'textcat(text,text)', 'starts_with(text,text)', 'lower(text)', 'upper(text)',
        'initcap(text)', 'btrim(text)', 'btrim(text,text)', 'ltrim(text)', 'ltrim(text,text)', 'rtrim(text)',
        'rtrim(text,text)', 'length(text)', 'char_length(text)', 'character_length(text)', 'octet_length(text)',
        'left(text,integer)', 'right(text,integer)', 'substr(text,integer)', 'substr(text,integer,integer)',
        'substring(text,integer)', 'substring(text,integer,integer)', '"position"(text,text)', 'strpos(text,text)',
        'split_part(text,text,integer)', 'reverse(text)', 'like_escape(text,text)',
        -- numbers
        'int2um(smallint)', 'int4um(integer)', 'int8um(bigint)', 'int2up(smallint)', 'int4up(integer)', 'int8up(bigint)',
        'abs(smallint)', 'abs(integer)', 'abs(bigint)', 'int2abs(smallint)', 'int4abs(integer)', 'int8abs(bigint)',
        'mod(smallint,smallint)', 'mod(integer,integer)', 'mod(bigint,bigint)',
        'numeric_add(numeric,numeric)', 'numeric_sub(numeric,numeric)', 'numeric_mul(numeric,numeric)',
        'numeric_mod(numeric,numeric)', 'numeric_power(numeric,numeric)', 'numeric_uminus(numeric)',
        'numeric_uplus(numeric)', 'numeric_abs(numeric)', 'abs(numeric)', 'mod(numeric,numeric)', 'div(numeric,numeric)',
        'power(numeric,numeric)', 'pow(numeric,numeric)', 'sqrt(numeric)', 'exp(numeric)', 'ln(numeric)', 'log(numeric)',
        'log10(numeric)', 'log(numeric,numeric)', 'sign(numeric)', 'round(numeric)', 'round(numeric,integer)',
        'trunc(numeric)', 'trunc(numeric,integer)', 'ceil(numeric)', 'ceiling(numeric)', 'floor(numeric)',
        'width_bucket(numeric,numeric,numeric,integer)',
        -- dates and times
        'date_mi(date,date)', 'date_pli(date,integer)', 'date_mii(date,integer)', 'integer_pl_date(integer,date)',
        'date_pl_interval(date,interval)', 'date_mi_interval(date,interval)', 'interval_pl_date(interval,date)',
        'datetime_pl(date,time without time zone)', 'timedate_pl(time without time zone,date)',
        'timestamp_mi(timestamp without time zone,timestamp without time zone)',
        'timestamp_pl_interval(timestamp without time zone,interval)',
        'timestamp_mi_interval(timestamp without time zone,interval)',
        'interval_pl_timestamp(interval,timestamp without time zone)',
        'timestamptz_mi(timestamp with time zone,timestamp with time zone)',
        -- only with a constant of hours, minutes and seconds: probe_expression looks at it
        'timestamptz_pl_interval(timestamp with time zone,interval)',
        'timestamptz_mi_interval(timestamp with time zone,interval)',
        'interval_pl_timestamptz(interval,timestamp with time zone)',
        'time_mi_time(time without time zone,time without time zone)', 'time_pl_interval(time without time zone,interval)',
        'time_mi_interval(time without time zone,interval)', 'interval_pl_time(interval,time without time zone)',
        'interval_pl(interval,interval)', 'interval_mi(interval,interval)', 'interval_um(interval)',
        'date_eq_timestamp(date,timestamp without time zone)', 'date_ne_timestamp(date,timestamp without time zone)',
        'date_lt_timestamp(date,timestamp without time zone)', 'date_le_timestamp(date,timestamp without time zone)',
        'date_gt_timestamp(date,timestamp without time zone)', 'date_ge_timestamp(date,timestamp without time zone)',
        'timestamp_eq_date(timestamp without time zone,date)', 'timestamp_ne_date(timestamp without time zone,date)',
        'timestamp_lt_date(timestamp without time zone,date)', 'timestamp_le_date(timestamp without time zone,date)',
        'timestamp_gt_date(timestamp without time zone,date)', 'timestamp_ge_date(timestamp without time zone,date)',
        'timezone(text,timestamp with time zone)', 'timezone(text,timestamp without time zone)',
        'date_trunc(text,timestamp without time zone)', 'date_trunc(text,timestamp with time zone,text)',
        'date_trunc(text,interval)', 'extract(text,date)', 'extract(text,timestamp without time zone)',
        'extract(text,interval)', 'extract(text,time without time zone)',
        'make_date(integer,integer,integer)', 'to_date(text,text)', 'isfinite(date)',
        'isfinite(timestamp without time zone)', 'isfinite(timestamp with time zone)', 'isfinite(interval)',
        'justify_hours(interval)', 'justify_days(interval)', 'justify_interval(interval)',
        -- json, read only
        'jsonb_object_field(jsonb,text)', 'jsonb_object_field_text(jsonb,text)', 'jsonb_array_element(jsonb,integer)',
        'jsonb_array_element_text(jsonb,integer)', 'jsonb_exists(jsonb,text)', 'jsonb_contains(jsonb,jsonb)',
        'jsonb_contained(jsonb,jsonb)', 'jsonb_typeof(jsonb)', 'jsonb_array_length(jsonb)',
        -- casts
        'int2(integer)', 'int2(bigint)', 'int2(numeric)', 'int4(smallint)', 'int4(bigint)', 'int4(numeric)',
        'int4(boolean)', 'int8(smallint)', 'int8(integer)', 'int8(numeric)', '"numeric"(smallint)', '"numeric"(integer)',
        '"numeric"(bigint)', '"numeric"(numeric,integer)', '"numeric"(jsonb)', 'int4(jsonb)', 'int8(jsonb)', 'bool(jsonb)',
        'bool(integer)', 'text(boolean)', 'text(character)', '"varchar"(character varying,integer,boolean)',
        'bpchar(character,integer,boolean)', 'date(timestamp without time zone)', '"timestamp"(date)',
        '"timestamp"(timestamp without time zone,integer)', 'timestamptz(timestamp with time zone,integer)',
        '"time"(timestamp without time zone)', '"interval"(time without time zone)', '"interval"(interval,integer)'
    ]
$allowed_functions$;

comment on function yardstick_engine.allowed_functions() is
'Signatures of the pg_catalog functions, with those behind operators and casts, that filters, values and formulas may use.';

grant execute on function yardstick_engine.allowed_functions() to yardstick_formula;
