-- With the rights of whoever registers the source: no role of ours may make triggers on tables of the host.
-- Making a trigger waits for every open transaction that has written to the table. So they are made again with a function that is new:
-- what such a transaction did was noted as the source was before, or not at all, and what is queued now would not see it.
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
            c.function_name,
            format('%I.%I', n.nspname, r.relname) as relation,
            concat_ws(
                ' ',
                -- Whoever makes a trigger has to reach its function; no right on a table comes with it.
                case when not has_schema_privilege('yardstick', 'usage') then format('grant usage on schema yardstick to %I;', current_user) end,
                case when not has_schema_privilege(n.oid, 'usage') then format('grant usage on schema %I to %I;', n.nspname, current_user) end,
                format('grant trigger on %I.%I to %I;', n.nspname, r.relname, current_user)
            ) as grants
        from yardstick_engine.capture_steps(
            place_capture.source_id, yardstick_engine.make_capture(place_capture.source_id)
        ) as c
        inner join pg_class as r on r.oid = c.relation_id
        inner join pg_namespace as n on n.oid = r.relnamespace
    loop
        begin
            drops := null;
            for kind in
                select
                    t.create_text,
                    format('alter table %s enable always trigger %I', step.relation, t.trigger_name) as enable_text,
                    format('drop trigger if exists %I on %s', t.trigger_name, step.relation) as drop_text
                from (
                    select
                        n.trigger_name,
                        format(
                            'create or replace trigger %I %s %s on %s%s for each statement execute function yardstick.%I()',
                            n.trigger_name, k.moment, k.event, step.relation,
                            coalesce(
                                ' referencing'
                                || nullif(concat(' old table as ' || k.old_name, ' new table as ' || k.new_name), ''),
                                ''
                            ),
                            step.function_name
                        ) as create_text
                    from yardstick_engine.capture_kinds() as k
                    cross join lateral (
                        select replace(step.function_name, 'capture_', format('yardstick_capture_%s_', k.event)) as trigger_name
                    ) as n
                ) as t
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
    perform yardstick_engine.drop_captures();
end
$place_capture$;

comment on function yardstick_engine.place_capture(uuid) is
'Makes the triggers that note the changes of a source, with their function, and drops those that no source needs. YS008: the caller may not make triggers on the table.';
grant execute on function yardstick_engine.place_capture(uuid) to yardstick_dba;
