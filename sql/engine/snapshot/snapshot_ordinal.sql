-- Last days of one window all leave the same remainder, so dividing is counting. Days count from a Monday before any date kept here.
create or replace function yardstick_engine.snapshot_ordinal(snapshot_type text, snapshot_date date)
returns integer
language sql
immutable
parallel safe
return case snapshot_ordinal.snapshot_type
    when 'daily' then snapshot_ordinal.snapshot_date - date '1900-01-01'
    when 'weekly' then (snapshot_ordinal.snapshot_date - date '1900-01-01') / 7
    else
        (
            date_part('year', snapshot_ordinal.snapshot_date)::integer * 12
            + date_part('month', snapshot_ordinal.snapshot_date)::integer
        )
        / case snapshot_ordinal.snapshot_type when 'monthly' then 1 when 'quarterly' then 3 else 12 end
end;

comment on function yardstick_engine.snapshot_ordinal(text, date) is
'Place of a window on the axis of windows of its type, by its last day: the next window is one further.';
