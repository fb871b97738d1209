-- The lock keeps the job retention from removing what a definition that is being written is about to read: it waits for nobody that way,
-- nor do other definitions.
create or replace function yardstick_engine.keep_measure(
    organization_id uuid,
    source_id       uuid,
    measure_key     text,
    filter          text,
    expression      text,
    state_kind      text
)
returns uuid
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $keep_measure$
declare
    kept_id constant uuid := yardstick_engine.measure_id(
        keep_measure.organization_id, keep_measure.source_id, keep_measure.measure_key, keep_measure.filter, keep_measure.expression,
        keep_measure.state_kind
    );
begin
    loop
        insert into yardstick.metric_measures as m (id, organization_id, source_id, measure_key, filter, expression, state_kind)
        values (
            kept_id, keep_measure.organization_id, keep_measure.source_id, keep_measure.measure_key, keep_measure.filter,
            keep_measure.expression, keep_measure.state_kind
        )
        on conflict do nothing;
        perform from yardstick.metric_measures as m where m.id = kept_id for key share;
        -- Where it was removed in between it is made anew.
        exit when found;
    end loop;

    -- A draft that reads it starts its time anew.
    update yardstick.metric_measures as m
    set unread_since = null
    where m.id in (
        select k.id from yardstick.metric_measures as k where k.id = kept_id and k.unread_since is not null for no key update skip locked
    );
    return kept_id;
end
$keep_measure$;

comment on function yardstick_engine.keep_measure(uuid, uuid, text, text, text, text) is
'Id of the stored measure with these parts, which is made when nobody had it before, and is not removed before the transaction ends.';
