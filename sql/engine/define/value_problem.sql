create or replace function yardstick_engine.value_problem(value jsonb, rule jsonb)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $value_problem$
declare
    kind    text := jsonb_typeof(value_problem.value);
    as_text text := value_problem.value #>> '{}';
    choices text := (select string_agg(c.choice, ', ') from jsonb_array_elements_text(rule -> 'one_of') as c (choice));
begin
    case rule ->> 'type'
        when 'text' then
            if choices is not null then
                return case when kind <> 'string' or not rule -> 'one_of' ? as_text then 'must be one of ' || choices end;
            end if;
            return case
                when kind <> 'string' then 'must be text'
                when btrim(as_text, E' \t\r\n') = '' then 'must not be empty'
                when length(as_text) > coalesce((rule ->> 'max')::integer, 20000)
                    then format('must not be longer than %s characters', coalesce(rule ->> 'max', '20000'))
            end;
        when 'name' then
            return case
                when kind <> 'string' or as_text !~ '^[a-z][a-z0-9_]{0,62}$'
                    then 'must be a name of small letters, digits and underscores, at most 63, a letter first'
            end;
        when 'number' then
            return case
                when kind <> 'number' then 'must be a number'
                when abs(as_text::numeric) >= 1e11 then 'must be smaller than 100000000000'
                when as_text::numeric <> round(as_text::numeric, 4) then 'must have at most 4 decimal places'
            end;
        when 'integer' then
            return case
                when kind <> 'number' or scale(as_text::numeric) > 0
                    or as_text::numeric not between coalesce((rule ->> 'min')::numeric, 1) and (rule ->> 'max')::numeric
                    then format('must be a whole number from %s to %s', coalesce(rule ->> 'min', '1'), rule ->> 'max')
            end;
        when 'boolean' then
            return case when kind <> 'boolean' then 'must be true or false' end;
        when 'uuid' then
            return case
                when kind <> 'string' or as_text !~* '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
                    then 'must be a uuid'
            end;
        when 'object' then
            return case when kind <> 'object' then 'must be an object' end;
        when 'list' then
            if kind <> 'array' then
                return 'must be a list' || coalesce(' of ' || choices, ' of texts');
            end if;
            if jsonb_array_length(value_problem.value) = 0 and choices is not null then
                return 'must not be empty; choose from ' || choices;
            end if;
            if exists (
                select 1
                from jsonb_array_elements(value_problem.value) as e (element)
                where jsonb_typeof(e.element) <> 'string' or (choices is not null and not rule -> 'one_of' ? (e.element #>> '{}'))
                    or length(e.element #>> '{}') not between 1 and 200
            ) then
                return 'must be a list' || coalesce(' of ' || choices, ' of texts');
            end if;
            if (select count(distinct e.element) < count(*) from jsonb_array_elements(value_problem.value) as e (element)) then
                return 'must not name anything twice';
            end if;
    end case;
    return null;
end
$value_problem$;

comment on function yardstick_engine.value_problem(jsonb, jsonb) is
'What is wrong with a value under a rule of check_keys_of, as the rest of a sentence; null: nothing.';
