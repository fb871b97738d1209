-- Definer, with the engine's rights, which are also those that will read the relation.
create or replace function yardstick_engine.save_source(source jsonb, organization_id uuid, user_id uuid)
returns uuid
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set quote_all_identifiers = off
as $save_source$
declare
    relation_id   oid;
    relation_text text;
    row_filter    text;
    lookback      interval;
    known         record;
    new_id        uuid;
    is_changed    boolean;
    metric        record;
begin
    perform yardstick_engine.check_source(source, save_source.organization_id);
    lookback := coalesce((source ->> 'lookback')::interval, '7 days');
    relation_id := yardstick_engine.require_relation('relation', source ->> 'relation');
    select format('%I.%I', n.nspname, c.relname) into relation_text
    from pg_class as c
    inner join pg_namespace as n on c.relnamespace = n.oid
    where c.oid = relation_id;
    perform yardstick_engine.check_source_columns(source, relation_text, relation_id);
    if source ->> 'row_filter' is not null then
        select yardstick_engine.probe_expression(
            'row_filter', 'filter', source ->> 'row_filter', array_agg(c.column_name), array_agg(c.type_name)
        ) into row_filter
        from yardstick_engine.relation_columns(relation_text) as c;
    end if;

    perform pg_advisory_xact_lock(hashtextextended(
        format('yardstick_engine.save_source %s %s', save_source.organization_id, source ->> 'name'), 0
    ));
    select s.id, to_jsonb(s) - array['updated_at', 'watermark_at', 'capture', 'capture_mark'] as content into known
    from yardstick.metric_sources as s
    where s.source_name = source ->> 'name' and s.organization_id is not distinct from save_source.organization_id;

    insert into yardstick.metric_sources as s (
        organization_id, source_name, relation, time_column, organization_column, department_column, team_column, user_column,
        key_column, row_filter, value_column, capture, watermark_column, lookback, created_by
    )
    values (
        save_source.organization_id, source ->> 'name', relation_text, source ->> 'time_column', source ->> 'organization_column',
        source #>> '{levels,dept}', source #>> '{levels,team}', source #>> '{levels,user}', source ->> 'key_column', row_filter,
        source ->> 'value_column', coalesce((source ->> 'capture')::boolean, false), source ->> 'watermark_column', lookback, user_id
    )
    on conflict on constraint sources_are_named_once do update
    set
        relation = excluded.relation,
        time_column = excluded.time_column,
        organization_column = excluded.organization_column,
        department_column = excluded.department_column,
        team_column = excluded.team_column,
        user_column = excluded.user_column,
        key_column = excluded.key_column,
        row_filter = excluded.row_filter,
        value_column = excluded.value_column,
        capture = excluded.capture,
        capture_mark = case when s.relation = excluded.relation and excluded.capture then s.capture_mark end,
        watermark_column = excluded.watermark_column,
        watermark_at = case when s.watermark_column is not distinct from excluded.watermark_column then s.watermark_at end,
        lookback = excluded.lookback,
        is_active = true
    returning s.id, known.id is not null and to_jsonb(s) - array['updated_at', 'watermark_at', 'capture', 'capture_mark'] is distinct from known.content
    into new_id, is_changed;

    -- Marks of another column say nothing about this one.
    delete from yardstick.metric_refreshes as r
    where r.source_id = new_id and r.refresh_frequency = 'watermark' and is_changed
        and exists (select from yardstick.metric_sources as s where s.id = new_id and s.watermark_at is null);

    -- What was defined over it has to make sense over what it has become; what had drifted gets the chance to.
    for metric in
        select d.id, d.metric_name, d.organization_id, d.drifted_at is not null as has_drifted, to_jsonb(d) as definition
        from yardstick.metric_definitions as d
        where d.source_id = new_id and d.deleted_at is null and (is_changed or d.drifted_at is not null)
        order by d.metric_name
    loop
        begin
            update yardstick.metric_definitions as d
            set compiled = yardstick_engine.compile(metric.definition, metric.organization_id) -> 'compiled'
            where d.id = metric.id;
            perform yardstick_engine.queue_when_free(metric.id);
        exception when sqlstate 'YS001' or sqlstate 'YS002' then
            if metric.has_drifted then
                raise notice 'the metric % has drifted and still does not work: %', metric.metric_name, sqlerrm;
                continue;
            end if;
            raise exception using
                errcode = sqlstate, message = format('the metric %s would no longer work: %s', metric.metric_name, sqlerrm);
        end;
    end loop;
    if is_changed then
        perform yardstick_engine.remember_columns(array(
            select d.id
            from yardstick.metric_definitions as d
            where d.compiled -> 'sources' ? new_id::text and d.deleted_at is null
        ));
    end if;
    return new_id;
end
$save_source$;

comment on function yardstick_engine.save_source(jsonb, uuid, uuid) is
'Makes or changes the source of this name of an organization, or with null of the platform, and returns its id.';

grant execute on function yardstick_engine.save_source(jsonb, uuid, uuid) to yardstick_owner;
