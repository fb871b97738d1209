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
return case
    when snapshot_before.snapshot_type = 'daily' then (
        -- A day that the earlier month does not have is compared with nothing.
        select b.day
        from (values ((snapshot_before.snapshot_date - make_interval(months => snapshot_before.month_count))::date)) as b (day)
        where date_part('day', b.day) = date_part('day', snapshot_before.snapshot_date)
    )
    when snapshot_before.snapshot_type = 'weekly' then
        snapshot_before.snapshot_date - 7 * case snapshot_before.month_count when 1 then 4 when 3 then 13 else 52 end
    when
        snapshot_before.snapshot_type = 'monthly'
        or (snapshot_before.snapshot_type = 'quarterly' and snapshot_before.month_count >= 3)
        or (snapshot_before.snapshot_type = 'annual' and snapshot_before.month_count = 12)
        then (snapshot_before.snapshot_date + 1 - make_interval(months => snapshot_before.month_count))::date - 1
end;

comment on function yardstick_engine.snapshot_before(text, date, integer) is
'Last day of the window 1, 3 or 12 months before (weeks: 4, 13, 52 before; days: the same day of that month); null when there is no such window.';
