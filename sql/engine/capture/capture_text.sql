-- Static SQL, so that a session plans it once: what is written here is paid by the host at every statement.
-- Rows are grouped by day of UTC, with the first and last instant of each: these are local days that have rows, whatever the zone.
-- Texts of hosts are told apart byte by byte, whatever their collation holds for equal. The block that may fail writes nothing, for what
-- writes in it would take a transaction id for each statement of the host.
create or replace function yardstick_engine.capture_text(source_id uuid)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
set quote_all_identifiers = off
set jit = off
as $capture_text$
    with

    columns as (

        select
            c.column_name, c.type_name,
            case when c.type_name in ('uuid', 'bigint', 'integer', 'smallint') then format('r.%I', c.column_name)
                else format('r.%I::text collate "C"', c.column_name) end as key_text
        from yardstick.metric_sources as s
        cross join lateral yardstick_engine.relation_columns(s.relation) as c
        where s.id = capture_text.source_id

    ),

    parts as (

        select
            s.id,
            case when s.organization_column is null then format('%L::text', s.organization_id) else o.key_text end as organization_text,
            case when s.key_column is null then 'null::text' else k.key_text end as key_text,
            t.type_name = 'timestamp with time zone' as is_instant,
            case t.type_name
                when 'timestamp with time zone' then format('r.%I', s.time_column)
                when 'timestamp without time zone' then format('r.%I::date', s.time_column)
                when 'date' then format('r.%I', s.time_column)
            end as time_text
        from yardstick.metric_sources as s
        left join columns as o on o.column_name = s.organization_column
        left join columns as k on k.column_name = s.key_column
        left join columns as t on t.column_name = s.time_column
        where s.id = capture_text.source_id

    ),

    statements as (

        select
            e.event,
            format(
                $text$select array_agg(g.o::text), array_agg(g.k::text), array_agg(%1$s), array_agg(%2$s)
            into organizations, keys, firsts, lasts
            from (
                select c.o, c.k, %3$s
                from (%4$s) as c
                group by c.o, c.k, %5$s
            ) as g
            where g.low >= '1989-12-31' and g.low < '2200-01-01';$text$,
                case when p.is_instant then 'g.low' else 'g.low::timestamp at time zone ''UTC''' end,
                case when p.is_instant then 'g.high' else 'g.low::timestamp at time zone ''UTC''' end,
                case when p.is_instant then 'min(c.t) as low, max(c.t) as high' else 'c.t as low' end,
                (
                    select string_agg(
                        format('select %s as o, %s as k, %s as t from %s as r', p.organization_text, p.key_text, p.time_text, u.rows_name), ' union all '
                    )
                    from unnest(e.row_names) as u (rows_name)
                ),
                case when p.is_instant then 'date_bin(''1 day'', c.t, ''1970-01-01 00:00Z'')' else 'c.t' end
            ) as text
        from parts as p
        cross join (
            values
            ('INSERT', array['new_rows']), ('UPDATE', array['old_rows', 'new_rows']), ('DELETE', array['old_rows'])
        ) as e (event, row_names)

    )

    select format(
        $text$
declare
    organizations text[];
    keys          text[];
    firsts        timestamptz[];
    lasts         timestamptz[];
    error_state   text;
    error_text    text;
begin
    begin
        if not (has_table_privilege('yardstick.source_changes', 'insert') and has_table_privilege('yardstick.capture_gaps', 'insert')) then
            raise exception using errcode = '42501', message = 'changes cannot be written to yardstick.source_changes and capture_gaps';
        end if;
        if tg_op = 'INSERT' then
            %2$s
        elsif tg_op = 'UPDATE' then
            %3$s
        elsif tg_op = 'DELETE' then
            %4$s
        end if;
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
            values ('%1$s', 'failure', error_state, left(error_text, 500));
        exception
            when serialization_failure or deadlock_detected or lock_not_available then
                raise;
            when others then
                raise warning 'yardstick: a change of %%.%% was not noted: %% %%', tg_table_schema, tg_table_name, error_state, error_text;
        end;
    elsif tg_op = 'TRUNCATE' then
        insert into yardstick.capture_gaps (source_id, cause)
        values ('%1$s', 'truncate');
    elsif firsts is not null then
        insert into yardstick.source_changes (source_id, is_instant, organization_keys, measure_keys, first_at, last_at)
        values ('%1$s', %5$L, organizations, keys, firsts, lasts);
    end if;
    return null;
end
$text$,
        p.id,
        (select s.text from statements as s where s.event = 'INSERT'),
        (select s.text from statements as s where s.event = 'UPDATE'),
        (select s.text from statements as s where s.event = 'DELETE'),
        p.is_instant::text
    )
    from parts as p
    where p.organization_text is not null and p.key_text is not null and p.time_text is not null
$capture_text$;

comment on function yardstick_engine.capture_text(uuid) is
'Body of the function that notes the changes of a source: the days whose rows a statement changed, or that all has to be read again, after a TRUNCATE or where that fails. It never fails the statement. Null: the source''s columns are not there.';
