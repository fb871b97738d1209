create or replace function yardstick_engine.unit_text(parts jsonb)
returns text
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $unit_text$
    select case
        when unit_text.parts is null then 'an unknown unit'
        when unit_text.parts = '{}' then 'a plain number'
        else concat_ws(
            ' per ',
            coalesce(string_agg(p.key || case when p.power > 1 then '^' || p.power else '' end, ' ' order by p.key) filter (where p.power > 0), '1'),
            string_agg(p.key || case when p.power < -1 then '^' || -p.power else '' end, ' ' order by p.key) filter (where p.power < 0)
        )
    end
    from (select e.key, e.value::integer as power from jsonb_each_text(unit_text.parts) as e) as p
$unit_text$;

comment on function yardstick_engine.unit_text(jsonb) is
'A unit {unit: power} in words: EUR, EUR per count, a plain number.';
