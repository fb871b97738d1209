-- Reads what probe_expression wrote: the server itself has put "source." in front of every column, and quotes where a name
-- needs them. Literals and other quoted names are passed over whole, whatever they hold.
create or replace function yardstick_engine.expression_columns(expression text)
returns table (column_name text)
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $expression_columns$
    select distinct
        case
            when m.parts[1] like '"%' then replace(substr(m.parts[1], 2, length(m.parts[1]) - 2), '""', '"')
            else m.parts[1]
        end
    from regexp_matches(
        expression_columns.expression, $re$'(?:[^']|'')*'|\msource\.("(?:[^"]|"")+"|[a-z_][a-z0-9_]*)|"(?:[^"]|"")*"$re$, 'g'
    ) as m (parts)
    where m.parts[1] is not null
$expression_columns$;

comment on function yardstick_engine.expression_columns(text) is
'Names of the source columns that a compiled filter or value uses.';
