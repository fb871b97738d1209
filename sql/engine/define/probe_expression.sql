-- as: deployer
-- The server itself says what a fragment means: it parses it into a temporary view over typed nulls that stand for the
-- source's columns, and the stored parse tree is compared with lists of what is allowed. Names, operators, casts and escapes
-- are resolved by then, so nothing can hide behind a spelling, and words in literals and comments do not matter.
-- Runs as yardstick_formula, which has no rights but that of making temporary views: parsing runs no user's code, and what
-- it could reach would be refused. Every setting of the session that changes how text is read or written out is pinned.
create or replace function yardstick_engine.probe_expression(
    key_path        text,
    expression_kind text,
    fragment        text,
    column_names    text[],
    column_types    text[]
)
returns text
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
as $probe_expression$
#variable_conflict use_variable
declare
    frame_from     text;
    frame_tree     text;
    frame_view     text;
    frame_relation oid;
    probe_tree     text;
    probe_view     text;
    probe_relation oid;
    result_type    text;
    refusal        text;
begin
    if column_types && array(select t.name from unnest(column_types) as t (name) where t.name <> all (yardstick_engine.allowed_types()))
        or 'yardstick_expression' = any (column_names)
    then
        raise exception using errcode = 'YS002', message = format('%s: the source offers a column that cannot be used', key_path);
    end if;
    refusal := yardstick_engine.refuse_fragment(fragment);
    if refusal is not null then
        raise exception using errcode = 'YS002', message = format('%s: %s', key_path, refusal);
    end if;

    -- The second, empty sub-select makes every server version write column names with their table in front.
    frame_from := format(
        ') as yardstick_expression from (select %s) as %I, (select) as alone',
        (
            select string_agg(format('null::%s as %I', c.type_name, c.column_name), ', ' order by c.position)
            from unnest(column_names, column_types) with ordinality as c (column_name, type_name, position)
        ),
        case when expression_kind = 'formula' then 'measures' else 'source' end
    );
    begin
        perform set_config('search_path', 'yardstick_engine, pg_catalog, pg_temp', true);
        execute 'create temp view yardstick_frame as select (lower(null::text) = ''a'' and 1.0 / 2.0 > 0.0' || frame_from;
        execute 'create temp view yardstick_probe as select (' || E'\n' || fragment || E'\n' || frame_from;
        perform set_config('search_path', 'pg_catalog, pg_temp', true);
        frame_relation := to_regclass('pg_temp.yardstick_frame');
        probe_relation := to_regclass('pg_temp.yardstick_probe');
        -- A long tree is kept outside its row: joined to nothing it is read here, before it is undone and vacuumed away.
        select r.ev_action::text || '', pg_get_viewdef(r.ev_class) into frame_tree, frame_view
        from pg_rewrite as r
        where r.ev_class = frame_relation;
        select r.ev_action::text || '', pg_get_viewdef(r.ev_class) into probe_tree, probe_view
        from pg_rewrite as r
        where r.ev_class = probe_relation;
        select format_type(a.atttypid, null) into result_type
        from pg_attribute as a
        where a.attrelid = probe_relation and a.attname = 'yardstick_expression';
        -- Whatever was made is undone; the variables keep what was read.
        raise exception using errcode = 'YSEND', message = 'the probe is done';
    exception
        when sqlstate 'YSEND' then
            null;
        when others then
            raise exception using
                errcode = 'YS002',
                message = format('%s: %s', key_path, yardstick_engine.fragment_error(sqlstate, sqlerrm, column_names));
    end;

    refusal := yardstick_engine.refuse_parse_tree(frame_tree, probe_tree, probe_relation);
    if refusal is null and result_type <> all (
        case expression_kind
            when 'filter' then array['boolean']
            when 'number' then array['smallint', 'integer', 'bigint', 'numeric']
            when 'formula' then array['smallint', 'integer', 'bigint', 'numeric']
            else yardstick_engine.allowed_types()
        end
    ) then
        refusal := case
            when expression_kind = 'filter' then format('gives %s, but a condition (true or false) is needed', result_type)
            when result_type = 'interval' then
                'gives an interval, but a number is needed: write extract(epoch from ...) / 3600.0 for hours'
            else format('gives %s, but a number is needed', result_type)
        end;
    end if;
    if refusal is not null then
        raise exception using errcode = 'YS002', message = format('%s: %s', key_path, refusal);
    end if;

    return yardstick_engine.cut_expression(key_path, frame_view, probe_view);
end
$probe_expression$;

comment on function yardstick_engine.probe_expression(text, text, text, text[], text[]) is
'Canonical text of a filter, number or value over columns (source.<name>) or a formula over measures (measures.<name>); else YS002.';

alter function yardstick_engine.probe_expression(text, text, text, text[], text[]) owner to yardstick_formula;
revoke execute on function yardstick_engine.probe_expression(text, text, text, text[], text[]) from public;
grant execute on function yardstick_engine.probe_expression(text, text, text, text[], text[]) to yardstick_engine_role;
grant usage on schema yardstick_engine to yardstick_formula;
