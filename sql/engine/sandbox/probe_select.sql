-- as: deployer
-- As probe_expression does for a fragment: the server parses the query into a temporary view over views of typed nulls that
-- bear the names of the sources, and what it stored is compared with lists of what is allowed. Everything is undone again.
-- Runs as yardstick_formula, which has no rights but that of making temporary views; parsing runs no user's code.
create or replace function yardstick_engine.probe_select(key_path text, query text, sources jsonb)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
set timezone = 'UTC'
set datestyle = 'ISO, YMD'
set intervalstyle = 'postgres'
set quote_all_identifiers = off
set transform_null_equals = off
as $probe_select$
#variable_conflict use_variable
declare
    source         record;
    frame_tree     text;
    probe_tree     text;
    probe_view     text;
    probe_relation oid;
    declared       oid[] := '{}';
    columns        jsonb;
    uses           jsonb;
    column_count   integer;
    wrong          record;
    refusal        text;
begin
    refusal := yardstick_engine.refuse_fragment(query);
    if refusal is not null then
        raise exception using
            errcode = 'YS002', message = format('%s: %s', key_path, replace(refusal, 'one expression, without a semicolon', 'one SELECT, without a semicolon'));
    end if;
    for source in
        select
            s.source ->> 'name' as name,
            string_agg(c.found ->> 0, ', ') as columns_text,
            bool_or((c.found ->> 1) <> all (yardstick_engine.allowed_types())) as is_odd
        from jsonb_array_elements(sources) as s (source)
        left join lateral jsonb_array_elements(s.source -> 'columns') with ordinality as c (found, position) on true
        group by s.source ->> 'name'
    loop
        refusal := case
            when to_regclass('pg_catalog.' || quote_ident(source.name)) is not null then
                'is called like a table of the server: register it under another name'
            when to_regclass('pg_temp.' || quote_ident(source.name)) is not null then
                'is called like a temporary table of this session: drop that first'
            when source.name in ('yardstick_probe', 'yardstick_frame') then 'has a name that is taken: register it under another one'
            when source.columns_text is null then 'has no columns that can be read, or is gone'
            when source.is_odd then 'offers a column that cannot be used'
        end;
        if refusal is not null then
            raise exception using errcode = 'YS002', message = format('%s: the source %s %s', key_path, source.name, refusal);
        end if;
    end loop;

    begin
        perform set_config('search_path', 'yardstick_engine, pg_catalog, pg_temp', true);
        for source in
            select
                s.source ->> 'name' as name,
                string_agg(format('null::%s as %I', c.found ->> 1, c.found ->> 0), ', ' order by c.position) as columns_text
            from jsonb_array_elements(sources) as s (source)
            cross join lateral jsonb_array_elements(s.source -> 'columns') with ordinality as c (found, position)
            group by s.source ->> 'name'
        loop
            execute format('create temp view %I as select %s', source.name, source.columns_text);
            declared := declared || to_regclass('pg_temp.' || quote_ident(source.name))::oid;
        end loop;
        execute 'create temp view yardstick_frame as with parts as (select lower(null::text) as part_name, 1.0 / 2.0 as part) '
            'select count(*) filter (where parts.part_name = ''a''), row_number() over (order by sum(parts.part)) '
            'from parts where exists (select from parts as others)';
        execute 'create temp view yardstick_probe as ' || E'\n' || query;
        perform set_config('search_path', 'pg_catalog, pg_temp', true);
        probe_relation := to_regclass('pg_temp.yardstick_probe');

        select
            coalesce(jsonb_agg(jsonb_build_object('name', a.attname, 'type', format_type(a.atttypid, null)) order by a.attnum), '[]'),
            count(*)
        into columns, column_count
        from pg_attribute as a
        where a.attrelid = probe_relation;
        -- A single column is the value, whatever it is called.
        if column_count = 1 and columns #>> '{0,name}' <> 'value' then
            execute format('alter view yardstick_probe rename column %I to value', columns #>> '{0,name}');
            columns := jsonb_set(columns, '{0,name}', '"value"');
        end if;

        -- A long tree is kept outside its row: joined to nothing it is read here, before it is undone and vacuumed away.
        select r.ev_action::text || '' into frame_tree
        from pg_rewrite as r
        where r.ev_class = to_regclass('pg_temp.yardstick_frame');
        select r.ev_action::text || '', pg_get_viewdef(r.ev_class) into probe_tree, probe_view
        from pg_rewrite as r
        where r.ev_class = probe_relation;
        select coalesce(jsonb_object_agg(u.source_name, u.column_names), '{}') into uses
        from (
            select
                c.relname as source_name,
                coalesce(jsonb_agg(a.attname order by a.attname) filter (where a.attname is not null), '[]') as column_names
            from pg_rewrite as r
            inner join pg_depend as d on d.classid = 'pg_rewrite'::regclass and r.oid = d.objid and d.refclassid = 'pg_class'::regclass
            inner join pg_class as c on d.refobjid = c.oid
            left join pg_attribute as a on c.oid = a.attrelid and d.refobjsubid = a.attnum and a.attnum > 0
            where r.ev_class = probe_relation and c.oid = any (declared)
            group by c.relname
        ) as u;
        refusal := yardstick_engine.refuse_query_tree(frame_tree, probe_tree, probe_relation, declared);
        -- Whatever was made is undone; the variables keep what was read.
        raise exception using errcode = 'YSEND', message = 'the probe is done';
    exception
        when sqlstate 'YSEND' then
            null;
        when others then
            raise exception using
                errcode = 'YS002',
                message = format('%s: %s', key_path, case
                    when sqlstate = '42P01' then format(
                        '%s; the declared sources are %s', sqlerrm,
                        coalesce((select string_agg(s.source ->> 'name', ', ') from jsonb_array_elements(sources) as s (source)), '(none)')
                    )
                    when sqlstate = '42703' then format(
                        '%s; the columns are %s', sqlerrm,
                        coalesce((
                            select string_agg(format('%s.%s', s.source ->> 'name', c.found ->> 0), ', ')
                            from jsonb_array_elements(sources) as s (source)
                            cross join lateral jsonb_array_elements(s.source -> 'columns') as c (found)
                        ), '(none)')
                    )
                    when sqlstate = '42501' then sqlerrm || '; only the declared sources can be read'
                    when sqlstate = '42601' then sqlerrm || '; write one SELECT in PostgreSQL''s syntax'
                    when sqlstate = '42701' then sqlerrm || '; name the columns value, aggregation_id and sample_size, each once'
                    else sqlerrm || '; write one SELECT of numbers over the declared sources'
                end);
    end;

    if refusal is null and column_count <> 1 then
        select c.shown ->> 'name' as name into wrong
        from jsonb_array_elements(columns) as c (shown)
        where c.shown ->> 'name' not in ('value', 'aggregation_id', 'sample_size')
        limit 1;
        if found then
            refusal := format(
                'gives a column "%s"; besides value it may give aggregation_id (of a department, team or user) and sample_size', wrong.name
            );
        elsif not columns @> '[{"name": "value"}]' then
            refusal := 'gives no column value: name the number so, as in select count(*) as value';
        end if;
    end if;
    if refusal is null then
        select
            c.shown ->> 'name' as name,
            c.shown ->> 'type' as type_name
        into wrong
        from jsonb_array_elements(columns) as c (shown)
        where (c.shown ->> 'type') <> all (case c.shown ->> 'name'
            when 'value' then array['smallint', 'integer', 'bigint', 'numeric']
            when 'aggregation_id' then array['uuid', 'text', 'character varying', 'smallint', 'integer', 'bigint']
            else array['smallint', 'integer', 'bigint']
        end)
        limit 1;
        if found then
            refusal := case
                when wrong.name = 'value' and wrong.type_name = 'interval' then
                    'gives an interval as value, but a number is needed: write extract(epoch from ...) / 3600.0 for hours'
                when wrong.name = 'value' then format('gives %s as value, but a number is needed', wrong.type_name)
                when wrong.name = 'aggregation_id' then format(
                    'gives %s as aggregation_id, but a uuid, text or integer is needed: the id or external id of a department, team or user', wrong.type_name
                )
                else format('gives %s as sample_size, but a whole number is needed: write count(*) or cast to bigint', wrong.type_name)
            end;
        end if;
    end if;
    if refusal is null and length(probe_view) > 40000 then
        refusal := 'is longer than 40000 characters once written out in full';
    end if;
    if refusal is not null then
        raise exception using errcode = 'YS002', message = format('%s: %s', key_path, refusal);
    end if;
    return jsonb_build_object('query', rtrim(btrim(probe_view, E' \n'), ';'), 'columns', columns, 'uses', uses);
end
$probe_select$;

comment on function yardstick_engine.probe_select(text, text, jsonb) is
'Canonical text of a SELECT over sources given as [{"name": ..., "columns": [[name, type], ...]}], its columns and what it reads; else YS002.';

alter function yardstick_engine.probe_select(text, text, jsonb) owner to yardstick_formula;
revoke execute on function yardstick_engine.probe_select(text, text, jsonb) from public;
grant execute on function yardstick_engine.probe_select(text, text, jsonb) to yardstick_engine_role;
