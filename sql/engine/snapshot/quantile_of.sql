-- No SET clause, so that it is inlined: percentiles are taken of hundreds of thousands of windows at a time.
create or replace function yardstick_engine.quantile_of(
    sorted_values numeric[],
    value_count   integer,
    share_no      integer,
    share_count   integer
)
returns numeric
language sql
immutable
parallel safe
return case
    when (quantile_of.value_count - 1) * quantile_of.share_no % quantile_of.share_count = 0
        then quantile_of.sorted_values[(quantile_of.value_count - 1) * quantile_of.share_no / quantile_of.share_count + 1]
    else
        quantile_of.sorted_values[(quantile_of.value_count - 1) * quantile_of.share_no / quantile_of.share_count + 1]
        + ((quantile_of.value_count - 1) * quantile_of.share_no % quantile_of.share_count) * (
            quantile_of.sorted_values[(quantile_of.value_count - 1) * quantile_of.share_no / quantile_of.share_count + 2]
            - quantile_of.sorted_values[(quantile_of.value_count - 1) * quantile_of.share_no / quantile_of.share_count + 1]
        ) / quantile_of.share_count
end;

comment on function yardstick_engine.quantile_of(numeric[], integer, integer, integer) is
'Quantile share_no / share_count of value_count values sorted ascending, exact, interpolated between the two nearest (type 7 of Hyndman and Fan 1996, as percentile_cont); null of no values.';
