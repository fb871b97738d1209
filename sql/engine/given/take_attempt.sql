-- Where nothing but the caller's own limit stops a query, the attempt is committed before it is made: one call leaves the mark,
-- the next call of the same session runs. A mark that another session left tells of a query that never came back.
create or replace function yardstick_engine.take_attempt(organization_id uuid, as_of timestamptz)
returns jsonb
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $take_attempt$
declare
    waiting record;
    mark    text;
begin
    select d.id as metric_id, d.version into waiting
    from yardstick.metric_pending as p
    inner join yardstick.metric_definitions as d on d.id = p.metric_id and not d.compiled ? 'children' and d.drifted_at is null
    where p.organization_id = take_attempt.organization_id
        and not exists (
            select from yardstick_engine.held_metrics(take_attempt.as_of) as h
            where h.metric_id = p.metric_id and coalesce(h.organization_id = p.organization_id, true)
        )
    order by p.period_type, p.metric_id
    limit 1;
    if not found then
        return null;
    end if;

    mark := format('%s %s %s', take_attempt.organization_id, waiting.metric_id, waiting.version);
    if current_setting('yardstick.attempt', true) is not distinct from mark then
        perform set_config('yardstick.attempt', '', false);
        return yardstick_engine.take_cells(take_attempt.organization_id, waiting.metric_id, 1, take_attempt.as_of);
    end if;
    if yardstick_engine.start_attempt(take_attempt.organization_id, waiting.metric_id, waiting.version) then
        perform set_config('yardstick.attempt', mark, false);
    else
        perform yardstick_engine.drop_endless(
            take_attempt.organization_id, array[waiting.metric_id], '57014',
            'an earlier run did not come back; it is tried again after a day, or when the definition changes'
        );
        perform yardstick_engine.note_failures(
            take_attempt.organization_id, array[waiting.metric_id], '57014', 'an earlier run did not come back', take_attempt.as_of
        );
    end if;
    return null;
end
$take_attempt$;

comment on function yardstick_engine.take_attempt(uuid, timestamptz) is
'In a session without limits of its own: the next period of a query of an organization, once its attempt has been remembered by a committed call before; null when this call only remembered it, or nothing waits.';
