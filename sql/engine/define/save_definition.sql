-- Definer, with the engine's rights: it writes for the organization it is told, which the caller has checked, and with null for
-- the platform. Nothing changes when the same definition comes again, so that metrics kept as code can be applied at any time.
-- What serves goes on serving: a change is a draft beside it until its gates are given.
create or replace function yardstick_engine.save_definition(definition jsonb, organization_id uuid, user_id uuid)
returns uuid
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $save_definition$
declare
    given    jsonb := jsonb_strip_nulls(definition);
    result   jsonb;
    current  yardstick.metric_definitions;
    proposed yardstick.metric_definitions;
    newest   yardstick.metric_definition_versions;
    content  jsonb;
    number   integer;
begin
    perform yardstick_engine.require_definition(definition, save_definition.organization_id);

    perform pg_advisory_xact_lock(hashtextextended(
        format('yardstick_engine.save_definition %s %s', save_definition.organization_id, given ->> 'metric_name'), 0
    ));
    result := yardstick_engine.compile(given, save_definition.organization_id);
    perform yardstick_engine.require_no_cycle(given ->> 'metric_name', save_definition.organization_id, result -> 'compiled');

    select d.* into current
    from yardstick.metric_definitions as d
    where
        d.metric_name = given ->> 'metric_name'
        and d.organization_id is not distinct from save_definition.organization_id
    for update;
    proposed := yardstick_engine.proposed_definition(given, result);
    content := yardstick.definition_content(to_jsonb(proposed));

    if current.id is null then
        current := yardstick_engine.insert_definition(proposed, save_definition.organization_id, user_id);
    else
        select v.* into newest
        from yardstick.metric_definition_versions as v
        where v.metric_id = current.id
        order by v.version desc
        limit 1;
        if newest.content_hash = yardstick.content_hash(content) and newest.status in ('draft', 'in_review') then
            return current.id;
        elsif newest.content_hash = yardstick.content_hash(content) and newest.status = 'approved' and current.deleted_at is null then
            -- The same words may mean another source, or read it in another way, since it was registered anew or its columns changed.
            if (current.source_id, current.compiled) is distinct from (proposed.source_id, proposed.compiled)
                or current.drifted_at is not null
            then
                perform yardstick_engine.publish_version(newest, result);
            end if;
            return current.id;
        end if;
    end if;

    number := greatest(coalesce(newest.version, 0), case when newest.id is null then current.version - 1 else current.version end) + 1;
    insert into yardstick.metric_definition_versions (organization_id, metric_id, version, content, content_hash, created_by)
    values (save_definition.organization_id, current.id, number, content, yardstick.content_hash(content), user_id)
    returning * into newest;
    update yardstick.metric_definition_versions as v
    set status = 'superseded'
    where v.metric_id = current.id and v.version < number and v.status in ('draft', 'in_review');

    if cardinality(yardstick.required_gates(save_definition.organization_id)) = 0 then
        perform yardstick_engine.approve_version(newest, user_id, 'no approval is required', result);
    elsif current.approval_status in ('draft', 'in_review') then
        -- Nothing serves yet: the row shows what is written so far.
        perform yardstick_engine.write_definition(current.id, proposed, number, 'draft', user_id);
    end if;
    return current.id;
end
$save_definition$;

comment on function yardstick_engine.save_definition(jsonb, uuid, uuid) is
'Makes or changes the metric of this name of an organization, or with null of the platform, and returns its id. What is new is a draft, unless no approval is required.';

grant execute on function yardstick_engine.save_definition(jsonb, uuid, uuid) to yardstick_owner;
