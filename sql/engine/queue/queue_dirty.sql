-- The dirty cells themselves are the truth; a slice is only the row to lock while working on them. Whoever has left, or is about to delete,
-- the row of a slice and has not committed is waited for once. After that what can be had without waiting is taken: of what is left out the
-- cells stay, and the next call finds them.
create or replace function yardstick_engine.queue_dirty(source_ids uuid[], organization_ids uuid[])
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set jit = off
set lock_timeout = '2s'
as $queue_dirty$
declare
    wanted record;
    slice  record;
    queued integer := 0;
    tried  timestamptz;
begin
    select
        array_agg(s.source_id order by s.source_id, s.period_type, s.period_start) as source_ids,
        array_agg(s.period_type order by s.source_id, s.period_type, s.period_start) as period_types,
        array_agg(s.period_start order by s.source_id, s.period_type, s.period_start) as period_starts
    into wanted
    from (
        select distinct d.source_id, 2 as period_type, date_trunc('week', d.period_start::timestamp)::date as period_start
        from yardstick.metric_dirty as d
        where d.stage = 'source'
            and exists (
                select from unnest(queue_dirty.source_ids, queue_dirty.organization_ids) as u (source_id, organization_id)
                where u.source_id = d.source_id and u.organization_id = d.organization_id
            )
        union
        select distinct d.source_id, k.period_type, d.slice_start
        from yardstick.metric_dirty as d
        inner join (values ('day', 3), ('month', 5)) as k (stage, period_type) on k.stage = d.stage
    ) as s;
    if wanted.source_ids is null then
        return 0;
    end if;

    begin
        insert into yardstick.calculation_slices as s (source_id, period_type, period_start)
        select w.source_id, w.period_type, w.period_start
        from unnest(wanted.source_ids, wanted.period_types, wanted.period_starts) as w (source_id, period_type, period_start)
        on conflict on constraint calculation_slices_pkey do nothing;
        get diagnostics queued = row_count;
        return queued;
    exception when lock_not_available then
        null;
    end;

    perform set_config('lock_timeout', '5ms', true);
    tried := clock_timestamp();
    for slice in
        select w.source_id, w.period_type, w.period_start
        from unnest(wanted.source_ids, wanted.period_types, wanted.period_starts) as w (source_id, period_type, period_start)
        where not exists (
            select from yardstick.calculation_slices as s
            where s.source_id = w.source_id and s.period_type = w.period_type and s.period_start = w.period_start
        )
    loop
        exit when clock_timestamp() > tried + interval '5 seconds';
        begin
            insert into yardstick.calculation_slices as s (source_id, period_type, period_start)
            values (slice.source_id, slice.period_type, slice.period_start)
            on conflict on constraint calculation_slices_pkey do nothing;
            queued := queued + 1;
        exception when lock_not_available then
            null;
        end;
    end loop;
    return queued;
end
$queue_dirty$;

comment on function yardstick_engine.queue_dirty(uuid[], uuid[]) is
'Queues the weeks that hold dirty cells of the given pairs of source and organization, and the months and years above that wait, and returns how many are new. Those that another session has queued or is finishing, and does not commit within two seconds, are left to the next call.';
