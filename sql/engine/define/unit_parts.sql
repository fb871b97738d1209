-- Shares and scores are plain numbers; days and day are one unit.
create or replace function yardstick_engine.unit_parts(unit text)
returns jsonb
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $unit_parts$
    select case
        when unit_parts.unit is null then null
        when lower(btrim(unit_parts.unit)) in ('%', 'percent', 'pct', 'ratio', 'share', '1') then jsonb '{}'
        else jsonb_build_object(
            coalesce(
                substring(lower(btrim(unit_parts.unit)) from '^(second|minute|hour|day|week|month|year)s?$') || 's', btrim(unit_parts.unit)
            ), 1
        )
    end
$unit_parts$;

comment on function yardstick_engine.unit_parts(text) is
'A unit as {unit: power}: {} for a plain number such as % or ratio; null: not known.';
