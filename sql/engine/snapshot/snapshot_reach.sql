create or replace function yardstick_engine.snapshot_reach(snapshot_type text)
returns interval
language sql
immutable
parallel safe
return case snapshot_reach.snapshot_type
    when 'daily' then interval '12 months'
    when 'weekly' then interval '53 weeks'
    when 'monthly' then interval '31 months'
    when 'quarterly' then interval '93 months'
    else interval '31 years'
end;

comment on function yardstick_engine.snapshot_reach(text) is
'How far a snapshot of a type looks back: over the 30 windows of its trend, and to the same window a year before.';
