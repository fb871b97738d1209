create or replace function yardstick_engine.check_source_columns(source jsonb, relation text, relation_id oid)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $check_source_columns$
declare
    keys constant text[] := array['text', 'uuid', 'smallint', 'integer', 'bigint'];
    named         record;
    problem       text;
begin
    for named in
        select
            n.path,
            n.column_name,
            n.allowed,
            c.type_name,
            a.attnum
        from (
            values
            ('time_column', source ->> 'time_column', array['timestamp with time zone', 'timestamp without time zone', 'date']),
            ('organization_column', source ->> 'organization_column', keys),
            ('levels.dept', source #>> '{levels,dept}', keys),
            ('levels.team', source #>> '{levels,team}', keys),
            ('levels.user', source #>> '{levels,user}', keys),
            ('key_column', source ->> 'key_column', keys),
            ('value_column', source ->> 'value_column', array['smallint', 'integer', 'bigint', 'numeric']),
            ('watermark_column', source ->> 'watermark_column', array['timestamp with time zone'])
        ) as n (path, column_name, allowed)
        left join pg_attribute as a
            on a.attrelid = relation_id and n.column_name = a.attname and a.attnum > 0 and not a.attisdropped
        left join yardstick_engine.relation_columns(relation) as c on n.column_name = c.column_name
        where n.column_name is not null
    loop
        if named.attnum is null then
            raise exception using
                errcode = 'YS003', message = format('%s: %s has no column "%s"', named.path, relation, named.column_name);
        end if;
        if named.type_name is null or named.type_name <> all (named.allowed) then
            raise exception using
                errcode = 'YS001',
                message = format(
                    '%s: the column "%s" is of type %s, but one of %s is needed', named.path, named.column_name,
                    (select format_type(a.atttypid, null) from pg_attribute as a where a.attrelid = relation_id and a.attnum = named.attnum),
                    array_to_string(named.allowed, ', ')
                );
        end if;
    end loop;

    if (source ->> 'capture')::boolean then
        problem := (
            select case
                when c.relkind = 'v' then 'is a view: capture the tables below it as sources of their own, or leave capture out'
                when c.relkind = 'm' then 'is a materialized view, whose refresh fires no trigger; leave capture out'
                when c.relkind = 'f' then 'is a foreign table, which others write to unseen; leave capture out'
                when c.relispartition then 'is a partition: register the partitioned table'
                when exists (
                    select from pg_inherits as i
                    where i.inhrelid = c.oid or (i.inhparent = c.oid and c.relkind = 'r')
                ) then 'inherits or is inherited from, and is written to under other names; leave capture out'
                when exists (
                    select from yardstick_engine.partition_tree(c.oid) as t inner join pg_class as k on k.oid = t.relid and k.relkind = 'f'
                ) then 'has a foreign table for a partition, which others write to unseen; leave capture out'
            end
            from pg_class as c
            where c.oid = relation_id
        );
        if problem is not null then
            raise exception using
                errcode = 'YS001',
                message = format('capture: %s %s and let watermark_column or lookback find what changed', relation, problem);
        end if;
    end if;

    if exists (select 1 from pg_class as c where c.oid = relation_id and c.relkind in ('r', 'p', 'm')) and not exists (
        select 1
        from pg_index as i
        inner join pg_attribute as a on i.indrelid = a.attrelid and i.indkey[0] = a.attnum
        where i.indrelid = relation_id and i.indisvalid and i.indpred is null and a.attname = source ->> 'time_column'
    ) then
        raise notice '%: no index of % leads with %; every calculation reads the whole table',
            source ->> 'name', relation, source ->> 'time_column';
    end if;
    if exists (select 1 from pg_class as c where c.oid = relation_id and c.relrowsecurity) then
        raise notice '%: row-level security of % hides rows from yardstick_reader unless a policy shows them',
            source ->> 'name', relation;
    end if;
end
$check_source_columns$;

comment on function yardstick_engine.check_source_columns(jsonb, text, oid) is
'Refuses a source whose named columns do not exist or are of a type that cannot serve; notes a missing index on the time column.';
