-- What waits is taken before anything is read: what is added later stays for the next time, what is taken is always read.
-- One metric (or the queries of one organization) is worked on by one worker: neighbouring periods look at each other.
create or replace function yardstick_engine.calculate_pending(as_of timestamptz)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set jit = off
set lock_timeout = '30s'
as $calculate_pending$
declare
    -- Nearly always nothing does, and nobody asks for what.
    has_failing  constant boolean := exists (select from yardstick.metric_failures)
        or exists (select from yardstick.calculation_slices as s where s.attempt_count > 0)
        or exists (select from yardstick.metric_definitions as d where d.last_error_code is not null and d.deleted_at is null);
    candidate    record;
    locked_depth integer;
    failures     jsonb;
    error_state  text;
    error_text   text;
begin
    if yardstick_engine.deploy_is_running() then
        return jsonb_build_object('outcome', 'deploying');
    end if;

    delete from yardstick.metric_pending as p
    where not exists (
        select from yardstick.metric_definitions as d
        where d.id = p.metric_id and d.source_id is null and d.deleted_at is null and d.is_active and d.approval_status = 'approved'
    ) or exists (
        -- Released, it starts with its whole history.
        select from yardstick.metric_failures as f
        where f.metric_id = p.metric_id and f.quarantined_at is not null and coalesce(f.organization_id = p.organization_id, true)
    );

    -- Queries first, then metrics made of them, then metrics made of those; days before weeks before months.
    for candidate in
        select
            case when d.compiled ? 'children' then d.id end as metric_id,
            case when d.compiled ? 'children' then null else p.organization_id end as organization_id,
            coalesce((d.compiled ->> 'depth')::integer, 0) as depth,
            p.period_type
        from (
            select w.metric_id, w.organization_id, w.period_type
            from yardstick.metric_pending as w
            where not (has_failing and w.ctid in (select n.place from yardstick_engine.pending_waits() as n))
            group by w.metric_id, w.organization_id, w.period_type
        ) as p
        inner join yardstick.metric_definitions as d on d.id = p.metric_id and d.drifted_at is null
        where not exists (
            select from yardstick_engine.held_metrics(calculate_pending.as_of) as h
            where h.metric_id = p.metric_id and coalesce(h.organization_id = p.organization_id, true)
        )
        group by 1, 2, 3, 4
        order by 3, 4, 1, 2
    loop
        -- What others have yet to commit would be missed, and the value be restated for it.
        if candidate.depth > locked_depth
            or (candidate.metric_id is not null and yardstick_engine.others_at_work(array[7919005, 7919007]))
        then
            return jsonb_build_object('outcome', 'waiting');
        end if;
        if not pg_try_advisory_xact_lock(7919006, hashtext(coalesce(candidate.metric_id, candidate.organization_id)::text)) then
            locked_depth := coalesce(locked_depth, candidate.depth);
            continue;
        end if;

        begin
            if candidate.metric_id is null then
                return yardstick_engine.calculate_queries(candidate.organization_id, calculate_pending.as_of);
            end if;
            return yardstick_engine.take_pending(candidate.metric_id, candidate.period_type, calculate_pending.as_of, has_failing);
        exception
            when query_canceled or others then
                get stacked diagnostics error_state = returned_sqlstate, error_text = message_text;
        end;
        -- A conflict with another session is nobody's fault, and what waits still waits. Of queries nor is a cancel: each has a limit of its
        -- own, but for those that run in this session. A metric made of others may take too long itself, and is tried later each time.
        -- Anything else would happen again.
        if error_state = '57014' and candidate.metric_id is null and yardstick_engine.sandbox_mode() <> 'single' then
            null;
        elsif yardstick_engine.is_transient(error_state) or (error_state = '57014' and candidate.metric_id is not null) then
            perform yardstick_engine.note_failures(
                candidate.organization_id,
                array(
                    select p.metric_id
                    from yardstick.metric_pending as p
                    inner join yardstick.metric_definitions as d on d.id = p.metric_id
                    where p.metric_id = candidate.metric_id
                        or (p.organization_id = candidate.organization_id and not d.compiled ? 'children')
                    group by p.metric_id
                ),
                error_state, error_text, calculate_pending.as_of
            );
        else
            with

            gone as (
                delete from yardstick.metric_pending as p
                using yardstick.metric_definitions as d
                where d.id = p.metric_id and p.period_type = candidate.period_type
                    and (d.id = candidate.metric_id or (p.organization_id = candidate.organization_id and not d.compiled ? 'children'))
                returning p.metric_id, p.organization_id, p.period_start
            )

            select jsonb_agg(to_jsonb(c) || jsonb_build_object('error_code', error_state, 'message', left(error_text, 500)))
            into failures
            from (select distinct gone.metric_id, gone.organization_id, gone.period_start from gone) as c;
            perform yardstick_engine.record_given_errors(candidate.period_type, failures);
            perform yardstick_engine.note_failures(f.organization_id, array[f.metric_id], error_state, error_text, calculate_pending.as_of)
            from (
                select distinct e.organization_id, e.metric_id
                from jsonb_to_recordset(failures) as e (organization_id uuid, metric_id uuid)
                where candidate.metric_id is not null
            ) as f;
        end if;
        return jsonb_build_object(
            'outcome', case error_state when '57014' then 'canceled' else 'failed' end,
            'metric_id', candidate.metric_id, 'organization_id', candidate.organization_id, 'period_type', candidate.period_type,
            'error_code', error_state, 'message', left(error_text, 500)
        );
    end loop;
    return null;
end
$calculate_pending$;

comment on function yardstick_engine.calculate_pending(timestamptz) is
'Values the next periods that wait of a metric made of other metrics, or of the queries and functions of an organization, and says what it did; null when nothing waits or others work on all of it; outcome waiting when others have to commit first what the rest is made of.';
