-- From statistics the server has already: asking costs nothing however large the source is.
create or replace function yardstick_engine.describe_cost(definition jsonb, source_ids uuid[], organization_id uuid)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $describe_cost$
    with

    source as (

        select
            s.relation,
            s.time_column,
            c.oid as relation_id,
            c.relkind,
            (
                select sum(p.reltuples) filter (where p.reltuples >= 0)
                from (
                    select c.oid as relid
                    union
                    select t.relid from yardstick_engine.partition_tree(c.oid) as t
                ) as t
                inner join pg_class as p on p.oid = t.relid and p.relkind in ('r', 'm', 'f')
            ) as row_count,
            exists (
                select from pg_index as i
                inner join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
                where i.indrelid = c.oid and i.indisvalid and a.attname = s.time_column
            ) as has_index
        from yardstick.metric_sources as s
        left join pg_class as c on c.oid = to_regclass(s.relation)
        where s.id = any (describe_cost.source_ids)

    ),

    cells as (

        select format(
            '%s x %s x %s',
            case o.organizations when 1 then '1 organization' else o.organizations || ' organizations' end,
            case l.levels when 1 then '1 level' else l.levels || ' levels' end,
            case w.windows when 1 then '1 window' else w.windows || ' windows' end
        ) as cells_text
        from (
            select count(*) as organizations
            from yardstick.organizations as org
            where org.is_active and (describe_cost.organization_id is null or org.id = describe_cost.organization_id)
        ) as o
        cross join (select coalesce(jsonb_array_length(nullif(describe_cost.definition -> 'aggregation_levels', 'null')), 1) as levels) as l
        cross join (select coalesce(jsonb_array_length(nullif(describe_cost.definition -> 'time_windows', 'null')), 1) as windows) as w

    )

    select concat_ws('; ', cells.cells_text, coalesce(
        (
            select string_agg(
                case
                    when source.relkind = 'v' then format('%s is a view: how many rows it has is not known', source.relation)
                    when source.row_count is null then format('how many rows %s has is not known until it is analyzed', source.relation)
                    else format('about %s rows of %s', trim(to_char(source.row_count::numeric, '999,999,999,999,999,990')), source.relation)
                end || case
                    when source.relkind = 'v' or source.relation like 'yardstick.%' then ''
                    when source.has_index then format(', found by an index that begins with %I', source.time_column)
                    else format(', all read each time: no index begins with %I, create one', source.time_column)
                end, '; ' order by source.relation
            )
            from source
        ), 'no rows of a source are read'
    ))
    from cells
$describe_cost$;

comment on function yardstick_engine.describe_cost(jsonb, uuid[], uuid) is
'What calculating a definition takes, in words: organizations, levels and windows, the rows of its sources, and whether an index finds them by time.';
