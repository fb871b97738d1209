create or replace function yardstick_engine.slice_budget(
    source_id   uuid,
    slice_type  integer
)
returns integer
language sql
stable
set search_path = pg_catalog, pg_temp
as $slice_budget$
    -- About half a million source rows, or a million values if all scopes had rows, in one transaction: memory stays bounded, what a
    -- killed run loses is little, and a short history is not cut into slices that each read the whole table.
    select greatest(1, least(520, case
        when slice_budget.slice_type = 2 then
            500000 * count(*) / greatest(yardstick_engine.source_rows(slice_budget.source_id), 1)
        else
            -- Each measure of a touched period is a value in its organization and in each of its scopes.
            1000000 * count(*) / greatest((
                select (sum(cardinality(d.measure_ids)) + count(*) filter (where d.measure_ids is null) * coalesce(max(cardinality(d.measure_ids)), 1))
                    * (1 + max(k.scopes))
                from yardstick.metric_dirty as d
                cross join (
                    select greatest(c.reltuples, 0) / greatest(
                        (select count(*) from yardstick.metric_measures) * (select count(*) from yardstick.organizations as o where o.is_active), 1
                    ) as scopes
                    from pg_class as c
                    where c.oid = 'yardstick.metric_series'::regclass
                ) as k
                where d.source_id = slice_budget.source_id
                    and d.stage = case slice_budget.slice_type when 3 then 'day' else 'month' end
            ), 1)
    end))::integer
    from yardstick.calculation_slices as s
    where s.source_id = slice_budget.source_id and s.period_type = slice_budget.slice_type
$slice_budget$;

comment on function yardstick_engine.slice_budget(uuid, integer) is
'How many adjacent slices of a source one transaction takes, 1 to 520, from the estimated rows behind each.';
