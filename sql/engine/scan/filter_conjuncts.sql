-- The server writes a condition out with every "and" in parentheses of its own, strings and names in quotes that are doubled inside.
-- What stands beside an "and" otherwise is not of that kind, and is left whole.
create or replace function yardstick_engine.filter_conjuncts(condition text)
returns text[]
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $filter_conjuncts$
declare
    piece      text;
    depth      integer := 0;
    part       text := '';
    parts      text[] := '{}';
    is_wrapped boolean := condition like '(%)';
begin
    -- Most are one comparison.
    if condition ~ '^\([^()]*\)$' and strpos(condition, ' AND ') = 0 then
        return array[substr(condition, 2, length(condition) - 2)];
    end if;
    for piece in
        select m.found[1]
        from regexp_matches(condition, $re$'(?:[^']|'')*'|"(?:[^"]|"")*"| AND |\w+|.$re$, 'g') with ordinality as m (found, position)
        order by m.position
    loop
        -- Closed before its end: the first parenthesis is not the one around everything.
        is_wrapped := is_wrapped and (depth > 0 or part = '');
        depth := depth + case piece when '(' then 1 when ')' then -1 else 0 end;
        if depth = 0 and piece in ('CASE', 'OR', 'NOT', 'BETWEEN') then
            return array[condition];
        elsif depth = 0 and piece = ' AND ' then
            parts := parts || part;
            part := '';
        else
            part := part || piece;
        end if;
    end loop;
    if depth <> 0 then
        return array[condition];
    elsif is_wrapped then
        return yardstick_engine.filter_conjuncts(substr(condition, 2, length(condition) - 2));
    elsif parts = '{}' then
        return array[condition];
    end if;
    return array(
        select c.conjunct
        from unnest(parts || part) with ordinality as p (part, position)
        cross join lateral unnest(yardstick_engine.filter_conjuncts(p.part)) with ordinality as c (conjunct, place)
        order by p.position, c.place
    );
end
$filter_conjuncts$;

comment on function yardstick_engine.filter_conjuncts(text) is
'The conditions that "and" joins in one that the server wrote out, in their order; the condition itself where it is of one piece. It holds exactly where all of them hold.';
