create or replace function yardstick_engine.take_pending(
    metric_id   uuid,
    period_type integer,
    as_of       timestamptz,
    has_failing boolean
)
returns jsonb
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $take_pending$
declare
    taken   record;
    written bigint := 0;
begin
    with

    gone as (
        delete from yardstick.metric_pending as p
        where p.ctid = any(array(
            select w.ctid
            from yardstick.metric_pending as w
            where w.metric_id = take_pending.metric_id and w.period_type = take_pending.period_type
                and not (take_pending.has_failing and w.ctid in (
                    select n.place from yardstick_engine.pending_waits(take_pending.metric_id) as n
                ))
                and not exists (
                    select from yardstick_engine.held_metrics(take_pending.as_of) as h
                    where h.metric_id = w.metric_id and coalesce(h.organization_id = w.organization_id, true)
                )
            limit 20000
        ))
        returning p.organization_id, p.period_start
    )

    select array_agg(c.organization_id) as organization_ids, array_agg(c.period_start) as period_starts
    into taken
    from (select distinct gone.organization_id, gone.period_start from gone) as c
    -- What was left before an organization changed its calendar may be no period any more.
    inner join yardstick.organizations as o on o.id = c.organization_id
    where c.period_start = yardstick_engine.period_floor(
        c.period_start, take_pending.period_type, o.week_start, o.fiscal_year_start_month
    );

    if taken.organization_ids is not null then
        written := yardstick_engine.calculate_derived(
            take_pending.metric_id, take_pending.period_type, taken.organization_ids, taken.period_starts, take_pending.as_of
        );
    end if;
    return jsonb_build_object(
        'outcome', 'done', 'metric_id', take_pending.metric_id, 'period_type', take_pending.period_type,
        'cells', coalesce(cardinality(taken.period_starts), 0), 'rows', written
    );
end
$take_pending$;

comment on function yardstick_engine.take_pending(uuid, integer, timestamptz, boolean) is
'Takes up to 20,000 periods that wait of a metric made of other metrics and values them; says what it did. has_failing: something fails, and what waits for it is left.';
