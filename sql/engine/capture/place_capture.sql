-- With the rights of whoever registers the source: no role of ours may make triggers on tables of the host.
create or replace function yardstick_engine.place_capture(source_id uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set lock_timeout = '5s'
as $place_capture$
declare
    step  record;
    kind  record;
    drops text;
begin
    for step in
        select
            c.is_wanted,
            format('%I.%I', n.nspname, r.relname) as relation,
            concat_ws(
                ' ',
                -- Whoever makes a trigger has to reach its function; no right on a table comes with it.
                case when not has_schema_privilege('yardstick', 'usage') then format('grant usage on schema yardstick to %I;', current_user) end,
                case when not has_schema_privilege(n.oid, 'usage') then format('grant usage on schema %I to %I;', n.nspname, current_user) end,
                format('grant trigger on %I.%I to %I;', n.nspname, r.relname, current_user)
            ) as grants
        from yardstick_engine.capture_steps(place_capture.source_id) as c
        inner join pg_class as r on r.oid = c.relation_id
        inner join pg_namespace as n on n.oid = r.relnamespace
    loop
        begin
            drops := null;
            for kind in
                select
                    k.event,
                    format(
                        'create or replace trigger yardstick_capture_%s %s %s on %s %sfor each statement execute function yardstick.capture_source()',
                        k.event, k.moment, k.event, step.relation, k.rows_text
                    ) as create_text,
                    format('alter table %s enable always trigger yardstick_capture_%s', step.relation, k.event) as enable_text,
                    format('drop trigger if exists yardstick_capture_%s on %s', k.event, step.relation) as drop_text
                from (
                    values
                    ('insert', 'after', 'referencing new table as new_rows '),
                    ('update', 'after', 'referencing old table as old_rows new table as new_rows '),
                    ('delete', 'after', 'referencing old table as old_rows '),
                    -- Before the rows go, as a statement that is refused leaves nothing behind either.
                    ('truncate', 'before', '')
                ) as k (event, moment, rows_text)
            loop
                drops := concat_ws(' ', drops, kind.drop_text || ';');
                if not step.is_wanted then
                    execute kind.drop_text;
                    continue;
                end if;
                execute kind.create_text;
                -- So that they fire under session_replication_role = replica too; it takes the owner of the table.
                begin
                    execute kind.enable_text;
                exception when insufficient_privilege then
                    null;
                end;
            end loop;
        exception
            when insufficient_privilege then
                if step.is_wanted then
                    raise exception using errcode = 'YS008', message = format(
                        'capture: %I may not make triggers on %s; have a superuser type: %s', current_user, step.relation, step.grants
                    );
                end if;
                raise notice 'the triggers on % are idle now; have its owner type: %', step.relation, drops;
            when lock_not_available then
                raise exception using errcode = '55P03', message = format(
                    'capture: %s is being written to for more than 5 seconds; wait for its transactions, then register again', step.relation
                );
        end;
    end loop;
end
$place_capture$;

comment on function yardstick_engine.place_capture(uuid) is
'Makes the triggers that note the changes of a source where they are missing or switched off, and drops those that no source needs. YS008: the caller may not make triggers on the table.';
grant execute on function yardstick_engine.place_capture(uuid) to yardstick_dba;
