-- 95 % confidence intervals by what a value is (interval_of), of v.value, v.sample_size and v.spread:
--   mean     value -+ t * spread, its standard error: Student's t with one degree of freedom less than there are rows
--   share    Wilson's score interval (1927) of spread rows among all, which neither leaves 0 to 100 nor collapses at its ends
--   count    the exact Poisson interval (Garwood 1936), from gamma quantiles of the shapes k and k + 1
-- Quantiles that depend on a number of rows alone stand in interval_quantiles up to 100. Beyond, Cornish-Fisher expansions at 97.5 %
-- are right to ten digits, and to more the more rows there are: of t, Abramowitz and Stegun 26.7.5; of chi-square, Goldberg and Levine
-- (1946), in w = sqrt(2 shape), negative for the lower bound.
create or replace function yardstick_engine.confidence_text(interval_kinds text[])
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
set extra_float_digits = 1
as $confidence_text$
    select coalesce('case v.interval_kind' || string_agg(format(' when %L then %s', k.interval_kind, k.bounds_text), '') || ' end', 'null::numrange')
    from (
        select
            'mean' as interval_kind,
            format(
                'case when v.sample_size > 1 then numrange(round(v.value - (%1$s)::numeric, 4), round(v.value + (%1$s)::numeric, 4), ''[]'') end',
                format(
                    $text$v.spread * case when v.sample_size <= 101 then (%L::float8[])[(v.sample_size - 1)::integer]
                else 1.9599639845400543 + (2.372271230298563 + (2.8224986157396117 + (2.5558496795077232 + 1.5895340533938236
                / (v.sample_size - 1)) / (v.sample_size - 1)) / (v.sample_size - 1)) / (v.sample_size - 1) end$text$,
                    yardstick_engine.interval_quantiles('t')
                )
            ) as bounds_text
        union all
        select
            'share',
            format(
                $text$case when v.spread <= v.sample_size then numrange(
                round(greatest(100 * (v.spread + 1.920729410347063 - %1$s) / (v.sample_size + 3.841458820694126), 0)::numeric, 4),
                round(least(100 * (v.spread + 1.920729410347063 + %1$s) / (v.sample_size + 3.841458820694126), 100)::numeric, 4), '[]'
            ) end$text$,
                '1.9599639845400543 * sqrt(v.spread * (v.sample_size - v.spread) / v.sample_size + 0.9603647051735315)'
            )
        union all
        select
            'count',
            format(
                'case when v.value = v.sample_size then numrange(%s, ''[]'') end',
                string_agg(
                    format(
                        'round((case when v.sample_size <= 100 then (%L::float8[])[(v.sample_size + 1)::integer] else %s end)::numeric, 4)',
                        yardstick_engine.interval_quantiles(b.quantile),
                        replace(
                            '(w * w + 2.771807648699356 * w + 1.8943058804627506 + (-0.48638158886288363 + (-0.27239816966975305'
                            ' + (0.19483204522190883 + (-0.19515259154340814 + 0.16972613777440532 / w) / w) / w) / w) / w) / 2',
                            'w', b.root_text
                        )
                    ), E',\n            ' order by b.number
                )
            )
        from (
            values (1, 'poisson_low', '(-sqrt(2.0::float8 * v.sample_size))'), (2, 'poisson_high', 'sqrt(2.0::float8 * (v.sample_size + 1))')
        ) as b (number, quantile, root_text)
    ) as k
    where k.interval_kind = any(confidence_text.interval_kinds)
$confidence_text$;

comment on function yardstick_engine.confidence_text(text[]) is
'Text of the expression that gives the 95 % confidence interval of a value v, for values of the given kinds.';
