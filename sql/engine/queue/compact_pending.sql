-- What waits for a part that fails, or has drifted, waits for days, and each change of another part would stay, minute by minute. Of the rows
-- that could be locked one is kept, and locked it stays until the transaction ends, so that whoever takes it then reads all that came before.
create or replace function yardstick_engine.compact_pending()
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set enable_nestloop = off
set jit = off
as $compact_pending$
declare
    most_rows constant integer := 10;
    places    tid[];
    removed   bigint;
begin
    select array_agg(u.place) into places
    from (
        select array_agg(p.ctid) as places
        from yardstick.metric_pending as p
        group by p.metric_id, p.organization_id, p.period_type, p.period_start
        having count(*) > most_rows
    ) as c
    cross join lateral unnest(c.places) as u (place);
    if places is null then
        return 0;
    end if;

    with

    locked as materialized (
        select p.ctid as place, p.metric_id, p.organization_id, p.period_type, p.period_start, p.added_at
        from yardstick.metric_pending as p
        where p.ctid = any(places)
        for update skip locked
    ),

    numbered as (
        select
            k.place,
            row_number() over (partition by k.metric_id, k.organization_id, k.period_type, k.period_start order by k.added_at) as number
        from locked as k
    )

    delete from yardstick.metric_pending as p
    where p.ctid = any(array(select n.place from numbered as n where n.number > 1));
    get diagnostics removed = row_count;
    return removed;
end
$compact_pending$;

comment on function yardstick_engine.compact_pending() is
'Leaves one row, the oldest, of each period that waits in metric_pending with more than ten; returns the number of rows removed. Waits for nobody.';
