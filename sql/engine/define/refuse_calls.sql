-- What both checks have in common, for a fragment and for a whole query: functions, operators, types, and what depends on the
-- session's time zone. The text holds everything that is to be looked at; the nodes say what stands inside what.
create or replace function yardstick_engine.refuse_calls(
    tree_text text,
    nodes     jsonb,
    allowed   text[]
)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $refuse_calls$
declare
    function_field constant text :=
        ':(?:funcid|opfuncid|aggfnoid|winfnoid|elemfuncid|hashfuncid|negfuncid|startInRangeFunc|endInRangeFunc) (\d+)';
    type_field     constant text :=
        ':(?:consttype|vartype|funcresulttype|opresulttype|resulttype|casetype|typeId|coalescetype|minmaxtype|paramtype|aggtype|wintype|array_typeid|element_typeid) (\d+)';
    cast_type      constant text :=
        ':(?:consttype|vartype|funcresulttype|opresulttype|resulttype|casetype|typeId|coalescetype|minmaxtype|paramtype|aggtype|wintype|array_typeid) (\d+)';
    -- Nothing stops the server inside one expression, or while it ends its aggregates: these take up to a second each when
    -- they are given numbers or texts as large as they can be, and what they give is kept until the row is done.
    heavy          constant text[] := array[
        'numeric_mul', 'numeric_mod', 'numeric_power', 'mod', 'div', 'divide', 'power', 'pow', 'sqrt', 'exp', 'ln', 'log', 'log10',
        'textcat', 'textlike', 'textnlike', 'texticlike', 'texticnlike', 'position', 'strpos', 'jsonb_contains', 'jsonb_contained'
    ];
    refused        text;
begin
    -- Which functions it calls; an operator counts as the function behind it. Operators that others made are refused even so:
    -- the text would find another function once they make another operator of that name.
    select used.function_id::regprocedure::text into refused
    from (
        select m.found[1]::oid as function_id
        from regexp_matches(refuse_calls.tree_text, function_field, 'g') as m (found)
        union
        select o.oprcode::oid
        from regexp_matches(refuse_calls.tree_text, ':(?:opno (\d+)|(?:eqop|sortop) ([1-9]\d*))', 'g') as m (found)
        left join pg_operator as o
            on coalesce(m.found[1], m.found[2])::oid = o.oid
            and (
                o.oprnamespace = 'pg_catalog'::regnamespace
                or o.oid = to_regoperator('yardstick_engine./(numeric,numeric)')
            )
    ) as used
    left join pg_proc as p on used.function_id = p.oid
    left join pg_namespace as n on p.pronamespace = n.oid
    where
        used.function_id is null
        or (
            used.function_id <> 0
            -- As the lists write it: types in full, the schema only of our own.
            and concat(
                case when n.nspname <> 'pg_catalog' then n.nspname || '.' end, p.proname,
                '(', replace(replace(oidvectortypes(p.proargtypes), ', ', ','), '"', ''), ')'
            ) <> all (array(select replace(a.signature, '"', '') from unnest(refuse_calls.allowed) as a (signature)))
        )
    order by used.function_id
    limit 1;
    if found then
        return yardstick_engine.function_refusal(refused);
    end if;

    if (
        select count(*)
        from regexp_matches(refuse_calls.tree_text, function_field, 'g') as m (found)
        inner join pg_proc as p on m.found[1]::oid = p.oid
        where p.proname = any (heavy) or p.prokind <> 'f'
    ) > 60 then
        return 'is too large: it may hold 60 multiplications, divisions, powers, concatenations, comparisons with like, and aggregates; '
            'make several metrics of it';
    end if;

    select format_type(m.found[1]::oid, null) into refused
    from regexp_matches(refuse_calls.tree_text, type_field, 'g') as m (found)
    where m.found[1]::oid <> 0 and format_type(m.found[1]::oid, null) <> all (yardstick_engine.allowed_types())
    limit 1;
    if refused is not null then
        return format('may not use the type %s', refused);
    end if;

    -- Casts through text say nothing of functions: both ends have to be types whose text does not depend on settings.
    select format('%s to %s', format_type(c.from_type, null), format_type(c.to_type, null)) into refused
    from (
        select
            substring(arguments.node ->> 3 from cast_type)::oid as from_type,
            substring(casts.node ->> 3 from cast_type)::oid as to_type
        from jsonb_array_elements(refuse_calls.nodes) as casts (node)
        left join jsonb_array_elements(refuse_calls.nodes) as arguments (node) on (arguments.node ->> 1) = (casts.node ->> 0)
        where casts.node ->> 2 = 'COERCEVIAIO'
    ) as c
    where
        coalesce(c.from_type, 0) <> all (array['int2', 'int4', 'int8', 'numeric', 'uuid', 'text', 'varchar', 'bool']::regtype[]::oid[])
        or coalesce(c.to_type, 0) <> all (array['int2', 'int4', 'int8', 'numeric', 'uuid', 'text', 'varchar', 'bool']::regtype[]::oid[])
    limit 1;
    if found then
        return format('may not cast %s: the result depends on settings of the session', refused);
    end if;

    -- A day of the session's time zone has 23 to 25 hours; hours, minutes and seconds are the same everywhere.
    if exists (
        select 1
        from jsonb_array_elements(refuse_calls.nodes) as additions (node)
        where
            substring(additions.node ->> 3 from ':opfuncid (\d+)')::oid = any (array[
                'pg_catalog.timestamptz_pl_interval(timestamp with time zone,interval)'::regprocedure,
                'pg_catalog.timestamptz_mi_interval(timestamp with time zone,interval)'::regprocedure,
                'pg_catalog.interval_pl_timestamptz(interval,timestamp with time zone)'::regprocedure
            ]::oid[])
            and not exists (
                select 1
                from jsonb_array_elements(refuse_calls.nodes) as arguments (node)
                where
                    (arguments.node ->> 1) = (additions.node ->> 0)
                    and arguments.node ->> 2 = 'CONST'
                    and arguments.node ->> 3 ~ format(':consttype %s .*:constvalue 16 \[( -?\d+){8}( 0){8} \]', 'interval'::regtype::oid)
            )
    ) then
        return 'adds days to a moment, which depends on the session''s time zone: write hours (interval ''72 hours''), or name the zone: '
            '(opened_at at time zone ''Europe/Paris'' + interval ''3 days'') at time zone ''Europe/Paris''';
    end if;
    return null;
end
$refuse_calls$;

comment on function yardstick_engine.refuse_calls(text, jsonb, text[]) is
'Why a parse tree is refused for a function, operator or type it uses or for depending on the session''s time zone; null: it is not.';

grant execute on function yardstick_engine.refuse_calls(text, jsonb, text[]) to yardstick_formula;
