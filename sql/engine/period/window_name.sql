create or replace function yardstick_engine.window_name(period_type integer)
returns text
language sql
immutable
parallel safe
return case window_name.period_type
    when 1 then 'daily'
    when 2 then 'weekly'
    when 3 then 'monthly'
    when 4 then 'quarterly'
    when 5 then 'annual'
end;

comment on function yardstick_engine.window_name(integer) is
'Time window that partials keep under a number (see period_type); null for any other number.';
