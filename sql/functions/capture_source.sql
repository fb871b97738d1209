-- as: deployer
-- Definer, with the engine's rights: whoever writes to the host's table need not know that anybody counts its rows.
-- The rows are grouped before anything is joined, by day of UTC with the first and last instant of each: these are local days that
-- have rows, whatever the zone. Texts of hosts are told apart byte by byte, whatever their collation holds for equal.
-- The block that may fail writes nothing, for what writes in it would take a transaction id for each statement of the host.
create or replace function yardstick.capture_source()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
-- What is joined are arrays whose size the planner does not know, ten thousands long after a COPY.
set enable_nestloop = off
set enable_mergejoin = off
set enable_sort = off
set plan_cache_mode = force_generic_plan
set jit = off
as $capture_source$
declare
    host_relation     constant text := format('%I.%I', tg_table_schema, tg_table_name);
    last_date         constant date := make_date(extract(year from now())::integer + 5, 12, 31);
    source            record;
    rows_text         text;
    time_type         oid;
    organization_keys text[];
    measure_keys      text[];
    lows              timestamptz[];
    highs             timestamptz[];
    known_keys        text[];
    known_ids         uuid[];
    known_zones       text[];
    is_instant        boolean;
    source_ids        uuid[];
    cells             record;
    cell_source_ids   uuid[];
    cell_tenant_ids   uuid[];
    cell_keys         text[];
    cell_dates        date[];
    error_state       text;
    error_text        text;
begin
    begin
        if not (has_table_privilege('yardstick.metric_dirty', 'insert') and has_table_privilege('yardstick.capture_gaps', 'insert')) then
            raise exception using errcode = '42501', message = 'changes cannot be written to yardstick.metric_dirty and capture_gaps';
        end if;
        for source in
            select
                s.id, s.organization_id, s.time_column, s.organization_column, s.key_column,
                (select a.atttypid from pg_attribute as a where a.attrelid = tg_relid and a.attname = s.time_column) as time_type,
                (select a.atttypid from pg_attribute as a where a.attrelid = tg_relid and a.attname = s.organization_column) as organization_type,
                (select a.atttypid from pg_attribute as a where a.attrelid = tg_relid and a.attname = s.key_column) as key_type
            from yardstick.metric_sources as s
            where s.relation = host_relation and s.capture and s.is_active
        loop
            source_ids := source_ids || source.id;
            continue when tg_op = 'TRUNCATE';

            time_type := source.time_type;
            while time_type is not null and time_type not in ('timestamptz'::regtype, 'timestamp'::regtype, 'date'::regtype) loop
                select nullif(t.typbasetype, 0) into time_type from pg_type as t where t.oid = time_type;
            end loop;
            if time_type is null then
                raise exception using
                    errcode = '42703', message = format('%s has no column %I that holds a time', host_relation, source.time_column);
            end if;

            rows_text := format(
                'select %s as o, %s as k, %s as t from ',
                case
                    when source.organization_column is null then format('%L::text', source.organization_id)
                    when source.organization_type in ('uuid'::regtype, 'int8'::regtype, 'int4'::regtype, 'int2'::regtype)
                        then format('r.%I', source.organization_column)
                    else format('r.%I::text collate "C"', source.organization_column)
                end,
                case
                    when source.key_column is null then 'null::text'
                    when source.key_type in ('uuid'::regtype, 'int8'::regtype, 'int4'::regtype, 'int2'::regtype)
                        then format('r.%I', source.key_column)
                    else format('r.%I::text collate "C"', source.key_column)
                end,
                case time_type
                    when source.time_type then format('r.%I', source.time_column)
                    else format('r.%I::%s', source.time_column, time_type::regtype)
                end
            );
            is_instant := time_type = 'timestamptz'::regtype;
            execute format(
                'select array_agg(g.o::text), array_agg(g.k::text), array_agg(%1$s), array_agg(%2$s)'
                ' from (select c.o, c.k, min(c.t) as low, max(c.t) as high from (%3$s) as c'
                ' where c.t >= %4$L::%6$s and c.t < %5$L::%6$s group by c.o, c.k, %7$s) as g',
                case when is_instant then 'g.low' else 'g.low::timestamp at time zone ''UTC''' end,
                case when is_instant then 'g.high' else 'g.high::timestamp at time zone ''UTC''' end,
                case tg_op
                    when 'INSERT' then rows_text || 'new_rows as r'
                    when 'DELETE' then rows_text || 'old_rows as r'
                    else rows_text || 'old_rows as r union all ' || rows_text || 'new_rows as r'
                end,
                '1989-12-31', last_date + 2, time_type::regtype,
                case time_type
                    when 'timestamptz'::regtype then 'date_bin(''1 day'', c.t, timestamptz ''1970-01-01 00:00Z'')'
                    when 'timestamp'::regtype then 'c.t::date'
                    else 'c.t'
                end
            )
            into organization_keys, measure_keys, lows, highs;
            continue when organization_keys is null;

            select array_agg(k.organization_key), array_agg(o.id), array_agg(case when is_instant then o.timezone else 'UTC' end)
            into known_keys, known_ids, known_zones
            from (select distinct u.organization_key from unnest(organization_keys) as u (organization_key)) as k
            cross join lateral (
                select n.id, n.timezone
                from yardstick.organizations as n
                where n.external_id in (k.organization_key, upper(k.organization_key))
                union all
                select n.id, n.timezone
                from yardstick.organizations as n
                where n.id = case
                    when k.organization_key ~* '^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then k.organization_key::uuid
                end
            ) as o
            where source.organization_id is null or o.id = source.organization_id;

            with

            groups as materialized (
                select
                    o.organization_id, g.measure_key,
                    (g.low at time zone o.timezone)::date as low_date,
                    case when g.high > g.low then (g.high at time zone o.timezone)::date end as high_date
                from unnest(organization_keys, measure_keys, lows, highs) as g (organization_key, measure_key, low, high)
                inner join unnest(known_keys, known_ids, known_zones) as o (organization_key, organization_id, timezone)
                    on o.organization_key = g.organization_key
            )

            select
                array_agg(source.id) as source_ids, array_agg(c.organization_id) as organization_ids,
                array_agg(c.measure_key) as measure_keys, array_agg(c.local_date) as local_dates
            into cells
            from (
                select g.organization_id, g.measure_key, g.low_date as local_date from groups as g
                union
                select g.organization_id, g.measure_key, g.high_date from groups as g where g.high_date <> g.low_date
            ) as c
            where c.local_date between date '1990-01-01' and last_date;
            cell_source_ids := cell_source_ids || cells.source_ids;
            cell_tenant_ids := cell_tenant_ids || cells.organization_ids;
            cell_keys := cell_keys || cells.measure_keys;
            cell_dates := cell_dates || cells.local_dates;
        end loop;
    exception
        -- That the host's transaction has to be tried again, or has waited as long as it wants to, is for the host to know.
        when serialization_failure or deadlock_detected or lock_not_available then
            raise;
        when others then
            get stacked diagnostics error_state = returned_sqlstate, error_text = message_text;
    end;

    if error_state is not null then
        begin
            insert into yardstick.capture_gaps (source_id, cause, error_code, error_message)
            select s.id, 'failure', error_state, left(error_text, 500)
            from yardstick.metric_sources as s
            where s.relation = host_relation and s.capture and s.is_active;
        exception
            when serialization_failure or deadlock_detected or lock_not_available then
                raise;
            when others then
                raise warning 'yardstick: a change of % was not noted: % %', host_relation, error_state, error_text;
        end;
    elsif tg_op = 'TRUNCATE' then
        insert into yardstick.capture_gaps (source_id, cause)
        select u.source_id, 'truncate'
        from unnest(source_ids) as u (source_id);
    elsif cell_dates is not null then
        insert into yardstick.metric_dirty (organization_id, source_id, stage, measure_key, period_start)
        select u.organization_id, u.source_id, 'source', u.measure_key, u.local_date
        from unnest(cell_tenant_ids, cell_source_ids, cell_keys, cell_dates) as u (organization_id, source_id, measure_key, local_date);
    end if;
    return null;
end
$capture_source$;

alter function yardstick.capture_source() owner to yardstick_engine_role;
revoke execute on function yardstick.capture_source() from public;
grant execute on function yardstick.capture_source() to yardstick_owner, yardstick_dba;

comment on function yardstick.capture_source() is
'Trigger on a table of the host that is a captured source: the days whose rows a statement changed wait to be calculated again. Where that fails, and after a TRUNCATE, all of the source is read again. Never fails the statement.';
