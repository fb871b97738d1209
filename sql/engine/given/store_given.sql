-- The same statement as for measures writes previous values, changes, targets and completeness, whoever worked out the values.
create or replace function yardstick_engine.store_given(
    period_type      integer,
    organization_ids uuid[],
    period_starts    date[],
    metric_ids       uuid[],
    as_of            timestamptz,
    given            jsonb
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
-- Row counts of a statement's own CTEs are guessed badly; past a few periods a nested loop chosen on such a guess never ends.
set enable_nestloop = off
set enable_sort = off
set jit = off
set work_mem = '64MB'
as $store_given$
declare
    low         constant date := (select min(s) from unnest(store_given.period_starts) as s);
    high        constant date := (select max(s) from unnest(store_given.period_starts) as s);
    last_end    constant timestamptz
        := (yardstick_engine.period_next(high, store_given.period_type) + 1)::timestamp at time zone 'UTC';
    batch       record;
    part        record;
    arrays      record;
    has_targets boolean;
    written     bigint;
    total       bigint := 0;
    valued_at   constant timestamptz := yardstick_engine.clock_of_values(store_given.as_of, store_given.organization_ids);
    is_small    constant boolean := cardinality(store_given.period_starts) <= 200 and jsonb_array_length(store_given.given) <= 500;
begin
    if low is null then
        return 0;
    end if;
    perform yardstick.ensure_year_partitions('yardstick.metric_calculations', low, (last_end at time zone 'UTC')::date);
    perform
        set_config('enable_nestloop', case when is_small then 'on' else 'off' end, true),
        set_config('enable_sort', case when is_small then 'on' else 'off' end, true);

    select
        array_agg(g.metric_id) as metric_ids, array_agg(g.organization_id) as organization_ids, array_agg(g.period_start) as period_starts,
        array_agg(g.aggregation_level) as levels, array_agg(g.aggregation_id) as scope_ids, array_agg(g.value) as given_values,
        array_agg(g.sample_size) as sample_sizes, array_agg(g.note) as notes
    into arrays
    from jsonb_to_recordset(store_given.given) as g (
        metric_id uuid, organization_id uuid, period_start date, aggregation_level text, aggregation_id uuid, value numeric, sample_size bigint, note text
    );

    for batch in
        select array_agg(n.metric_id) as metric_ids
        from (
            select m.metric_id, row_number() over (order by m.metric_id) as number
            from (select distinct u.metric_id from unnest(store_given.metric_ids) as u (metric_id)) as m
        ) as n
        group by (n.number - 1) / 50
    loop
        has_targets := exists (select from yardstick.metric_targets as t where t.metric_id = any(batch.metric_ids));

        for part in
            select array_agg(u.organization_id) as organization_ids, array_agg(u.period_start) as period_starts, array_agg(u.metric_id) as metric_ids
            from (
                select c.*, (dense_rank() over (order by c.organization_id) - 1) / yardstick_engine.organization_bound() as part_no
                from unnest(store_given.organization_ids, store_given.period_starts, store_given.metric_ids)
                    as c (organization_id, period_start, metric_id)
                where c.metric_id = any(batch.metric_ids)
            ) as u
            group by u.part_no
        loop
            execute yardstick_engine.calculate_statement(batch.metric_ids, store_given.period_type, true, has_targets, is_given => true)
            into written
            using part.organization_ids, part.period_starts, batch.metric_ids, valued_at, null::uuid, low, high, last_end, part.metric_ids,
                arrays.metric_ids, arrays.organization_ids, arrays.period_starts, arrays.levels, arrays.scope_ids, arrays.given_values,
                arrays.sample_sizes, arrays.notes;
            if written > 0 then
                perform yardstick_engine.note_values(part.organization_ids);
            end if;
            total := total + written;
        end loop;
    end loop;
    return total;
end
$store_given$;

comment on function yardstick_engine.store_given(integer, uuid[], date[], uuid[], timestamptz, jsonb) is
'Writes the values of touched periods of one type (parallel arrays organization, period start, metric) of metrics without measures: given is an array of {metric_id, organization_id, period_start, aggregation_level, aggregation_id, value, sample_size, note}, and a scope that is not among them has no value any more. Returns the number of rows written.';
