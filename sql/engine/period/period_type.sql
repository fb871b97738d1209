create or replace function yardstick_engine.period_type(time_window text)
returns integer
language sql
immutable
parallel safe
return case period_type.time_window
    when 'daily' then 1
    when 'weekly' then 2
    when 'monthly' then 3
    when 'quarterly' then 4
    when 'annual' then 5
end;

comment on function yardstick_engine.period_type(text) is
'Number under which partials keep a time window: daily 1, weekly 2, monthly 3, quarterly 4, annual 5. Null for any other word.';
