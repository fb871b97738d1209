-- Definer, with the engine's rights: the login of the sandbox has none. Views of this session alone, so that nothing ever
-- leans on the host's tables. They belong to yardstick_reader, which can read sources and nothing else; recorded values have
-- row-level security and no policy for that role, so their view keeps the engine as its owner.
create or replace function yardstick_engine.open_sandbox(organization_id uuid, source_ids uuid[])
returns table (source_id uuid, error_code text, error_message text)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $open_sandbox$
declare
    source record;
begin
    for source in
        select
            n.id,
            s.source_name,
            s.relation
        from (select distinct u.id from unnest(open_sandbox.source_ids) as u (id)) as n
        left join yardstick.metric_sources as s on n.id = s.id
    loop
        begin
            execute format(
                'create temp view %I with (security_barrier) as %s',
                source.source_name, yardstick_engine.source_view_text(open_sandbox.organization_id, source.id)
            );
            if source.relation <> 'yardstick.analytics_metrics' then
                execute format('alter view pg_temp.%I owner to yardstick_reader', source.source_name);
            end if;
            execute format('grant select on pg_temp.%I to yardstick_formula', source.source_name);
        exception when others then
            source_id := source.id;
            error_code := sqlstate;
            error_message := yardstick_engine.error_words(sqlstate, sqlerrm);
            return next;
        end;
    end loop;
end
$open_sandbox$;

comment on function yardstick_engine.open_sandbox(uuid, uuid[]) is
'Makes temporary views, named like the sources, of one organization''s rows; gives a row for each source that cannot be read.';

grant execute on function yardstick_engine.open_sandbox(uuid, uuid[]) to yardstick_formula_login;
