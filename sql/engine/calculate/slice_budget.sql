create or replace function yardstick_engine.slice_budget(
    source_id   uuid,
    slice_type  integer
)
returns integer
language sql
stable
set search_path = pg_catalog, pg_temp
as $slice_budget$
    -- About half a million source rows, or two million values, in one transaction: memory stays bounded, what a killed run loses is little,
    -- and a short history is not cut into slices that each read the whole table.
    select greatest(1, least(520, case
        when slice_budget.slice_type = 2 then
            500000 * s.slices / greatest(yardstick_engine.source_rows(slice_budget.source_id), 1)
        else (
            select 2000000 * s.slices / greatest(
                -- If all scopes had rows, and where these are too many, those that have.
                v.values_expected * case when v.values_expected <= 2000000 then 1 else coalesce(yardstick_engine.share_of_periods(
                    array(select m.id from yardstick.metric_measures as m where m.source_id = slice_budget.source_id),
                    case slice_budget.slice_type when 3 then 1 else 3 end, s.low, least(s.high + 30, s.low + 400)
                ), 1) end, 1
            )
            from (
                -- Each measure of a touched period is a value in its organization and in each of its scopes.
                select
                    (sum(cardinality(d.measure_ids)) + count(*) filter (where d.measure_ids is null) * coalesce(max(cardinality(d.measure_ids)), 1))
                    * (1 + yardstick_engine.scopes_of_measure()) as values_expected
                from yardstick.metric_dirty as d
                where d.source_id = slice_budget.source_id
                    and d.stage = case slice_budget.slice_type when 3 then 'day' else 'month' end
            ) as v
        )
    end))::integer
    from (
        select count(*) as slices, min(s.period_start) as low, max(s.period_start) as high
        from yardstick.calculation_slices as s
        where s.source_id = slice_budget.source_id and s.period_type = slice_budget.slice_type
    ) as s
$slice_budget$;

comment on function yardstick_engine.slice_budget(uuid, integer) is
'How many adjacent slices of a source one transaction takes, 1 to 520, from the estimated rows behind each.';
