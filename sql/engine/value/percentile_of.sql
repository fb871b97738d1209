-- percentile_cont of the server gives floating point; here the interpolation is exact.
create or replace function yardstick_engine.percentile_of(
    sorted_values numeric[],
    percent       numeric
)
returns numeric
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $percentile_of$
    select
        percentile_of.sorted_values[place.below + 1]
        + coalesce(
            (place.exact - place.below)
            * (percentile_of.sorted_values[place.below + 2] - percentile_of.sorted_values[place.below + 1]),
            0
        )
    from (
        select
            h.exact,
            floor(h.exact)::integer as below
        from (select (cardinality(percentile_of.sorted_values) - 1) * percentile_of.percent / 100 as exact) as h
    ) as place
    where cardinality(percentile_of.sorted_values) > 0
$percentile_of$;

comment on function yardstick_engine.percentile_of(numeric[], numeric) is
'Percentile (percent from 0 to 100) of values sorted ascending, interpolated between the two nearest (type 7 of Hyndman and Fan 1996, as percentile_cont). Null for an empty array.';
