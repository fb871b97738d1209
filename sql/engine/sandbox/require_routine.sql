-- Looks in the catalog by name: the functions that turn names into routines raise errors of their own where rights are missing.
create or replace function yardstick_engine.require_routine(path text, routine_name text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set quote_all_identifiers = off
as $require_routine$
declare
    arguments constant text := 'uuid, timestamp with time zone, timestamp with time zone, jsonb';
    signature constant text :=
        '(organization_id uuid, period_start timestamptz, period_end timestamptz, parameters jsonb) '
        'returns table (aggregation_level text, aggregation_id text, value numeric, sample_size bigint)';
    parts     text[];
    routine   record;
    wrong     text;
    grants    text;
begin
    begin
        parts := parse_ident(routine_name);
    exception when invalid_parameter_value then
        parts := '{}';
    end;
    if cardinality(parts) <> 2 then
        raise exception using
            errcode = 'YS001',
            message = format('%s: must name a function with its schema, such as quality.capa_values; got "%s"', path, left(routine_name, 100));
    end if;
    if parts[1] ~ '^(pg_|yardstick(_|$)|information_schema$)' then
        raise exception using
            errcode = 'YS001', message = format('%s: functions of the schema %I cannot be registered', path, parts[1]);
    end if;
    select
        p.oid,
        n.oid as schema_id,
        p.prokind,
        p.proretset,
        p.prorettype,
        p.proallargtypes,
        p.proargmodes,
        p.proargnames,
        pg_get_function_identity_arguments(p.oid) as shown,
        oidvectortypes(p.proargtypes) = arguments as has_arguments
    into routine
    from pg_proc as p
    inner join pg_namespace as n on p.pronamespace = n.oid
    where n.nspname = parts[1] and p.proname = parts[2]
    order by has_arguments desc
    limit 1;
    if not found then
        raise exception using errcode = 'YS003', message = format('%s: there is no function %I.%I', path, parts[1], parts[2]);
    end if;
    if routine.prokind <> 'f' or not routine.has_arguments then
        raise exception using
            errcode = 'YS001', message = format('%s: %I.%I(%s) has to be a function %s', path, parts[1], parts[2], routine.shown, signature);
    end if;

    select n.column_name into wrong
    from (
        values
        ('aggregation_level', array['text', 'character varying']),
        ('aggregation_id', array['text', 'character varying', 'uuid', 'smallint', 'integer', 'bigint']),
        ('value', array['numeric', 'smallint', 'integer', 'bigint']),
        ('sample_size', array['bigint', 'integer', 'smallint'])
    ) as n (column_name, allowed)
    where not routine.proretset or not exists (
        select
        from unnest(routine.proallargtypes, routine.proargmodes, routine.proargnames) as a (type_id, mode, name)
        where a.mode in ('t', 'o') and a.name = n.column_name and format_type(a.type_id, null) = any (n.allowed)
        union all
        select
        from pg_type as t
        inner join pg_attribute as a on t.typrelid = a.attrelid and a.attnum > 0 and not a.attisdropped
        where t.oid = routine.prorettype and a.attname = n.column_name and format_type(a.atttypid, null) = any (n.allowed)
    )
    limit 1;
    if found then
        raise exception using
            errcode = 'YS001',
            message = format('%s: %I.%I does not give rows with a fitting column %s; it has to be a function %s', path, parts[1], parts[2], wrong, signature);
    end if;

    grants := concat_ws(
        ' ',
        case when not has_schema_privilege('yardstick_reader', routine.schema_id, 'usage') then
            format('grant usage on schema %I to yardstick_reader;', parts[1]) end,
        case when not has_function_privilege('yardstick_reader', routine.oid, 'execute') then
            format('grant execute on function %I.%I(%s) to yardstick_reader;', parts[1], parts[2], arguments) end
    );
    if grants <> '' then
        raise exception using
            errcode = 'YS008', message = format('%s: yardstick_reader cannot call %I.%I; type: %s', path, parts[1], parts[2], grants);
    end if;
    return format('%I.%I', parts[1], parts[2]);
end
$require_routine$;

comment on function yardstick_engine.require_routine(text, text) is
'Quoted name of a function of the host that metrics can be calculated by; refused when there is none, it has another signature, '
'or (YS008, with the GRANT to type) yardstick_reader cannot call it.';
