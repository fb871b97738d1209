-- Ordinal, never by subtracting an interval from a last day: February's would become the 28th of January.
create or replace function yardstick_engine.snapshot_before(
    snapshot_type text,
    snapshot_date date,
    month_count   integer
)
returns date
language sql
immutable
parallel safe
return case snapshot_before.snapshot_type
    -- A day that the earlier month does not have is compared with nothing.
    when 'daily' then (
        select b.day
        from (values ((snapshot_before.snapshot_date - make_interval(months => snapshot_before.month_count))::date)) as b (day)
        where date_part('day', b.day) = date_part('day', snapshot_before.snapshot_date)
    )
    when 'weekly' then snapshot_before.snapshot_date - 7 * case snapshot_before.month_count when 1 then 4 when 3 then 13 else 52 end
    else (
        select (snapshot_before.snapshot_date + 1 - make_interval(months => snapshot_before.month_count))::date - 1
        where
            snapshot_before.month_count
            >= case snapshot_before.snapshot_type when 'monthly' then 1 when 'quarterly' then 3 else 12 end
    )
end;

comment on function yardstick_engine.snapshot_before(text, date, integer) is
'Last day of the window 1, 3 or 12 months before (weeks: 4, 13, 52 before; days: the same day of that month); null when'
' there is no such window.';
