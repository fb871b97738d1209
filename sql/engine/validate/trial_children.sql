-- One value at a time, and not by the engine's own text: what both give is worth something because they share nothing.
create or replace function yardstick_engine.trial_children(
    compiled          jsonb,
    organization_id   uuid,
    aggregation_level text,
    aggregation_id    uuid,
    time_window       text,
    first_date        date,
    timezone          text,
    out value         numeric,
    out sample_size   bigint
)
returns record
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $trial_children$
declare
    kind    constant integer := yardstick_engine.period_type(trial_children.time_window);
    child   record;
    part    record;
    columns text := '';
    present boolean := false;
    has_now boolean := false;
    weights numeric := 0;
    total   numeric := 0;
    reached numeric;
begin
    for child in
        select e.key as alias, e.value ->> 'metric_name' as metric_name, (e.value ->> 'lag')::integer as lag, (e.value ->> 'weight')::numeric as weight
        from jsonb_each(trial_children.compiled -> 'children') as e
        order by e.key
    loop
        select c.metric_value, c.target_value, c.variance_from_target, c.sample_size, d.direction
        into part
        from (
            select d.id, d.direction
            from yardstick.metric_definitions as d
            where d.metric_name = child.metric_name and d.deleted_at is null
                and (d.organization_id = trial_children.organization_id or d.organization_id is null)
            order by d.organization_id nulls last
            limit 1
        ) as d
        inner join yardstick.metric_calculations as c
            on c.organization_id = trial_children.organization_id and c.metric_id = d.id
            and c.aggregation_level = trial_children.aggregation_level and c.aggregation_id = trial_children.aggregation_id
            and c.time_window = trial_children.time_window
            and c.period_start
            = yardstick_engine.local_midnight(yardstick_engine.period_shift(trial_children.first_date, kind, -child.lag), trial_children.timezone)
            -- A date that the zone skipped begins as the next one does.
            and c.period_end
            = yardstick_engine.local_midnight(yardstick_engine.period_shift(trial_children.first_date, kind, 1 - child.lag), trial_children.timezone)
        where c.metric_value is not null or c.sample_size is distinct from 0;
        sample_size := greatest(sample_size, part.sample_size);
        has_now := has_now or child.lag = 0;
        present := present or (found and child.lag = 0);
        columns := columns || format('%s%s::numeric as %I', case when columns = '' then '' else ', ' end, coalesce(part.metric_value::text, 'null'), child.alias);
        reached := case
            when part.metric_value is null then null
            when part.direction = 'target_range' and part.variance_from_target is null then null
            when part.direction = 'target_range' then case when part.variance_from_target = 0 then 100 else 0 end
            when part.target_value is null then null
            when part.direction = 'higher_better' and part.metric_value >= part.target_value then 100
            when part.direction = 'lower_better' and part.metric_value <= part.target_value then 100
            when part.target_value <= 0 then 0
            when part.direction = 'higher_better' then greatest(100 * part.metric_value / part.target_value, 0)
            when part.direction = 'lower_better' then 100 * part.target_value / part.metric_value
        end;
        if reached is not null then
            total := total + child.weight * reached;
            weights := weights + child.weight;
        end if;
    end loop;

    -- Of parts that are looked back at alone there is no value.
    if has_now and not present then
        sample_size := null;
        return;
    elsif trial_children.compiled ? 'score' then
        value := (total / nullif(weights, 0))::numeric(15, 4);
        return;
    end if;
    execute format('select (%s)::numeric(15, 4) from (select %s) as measures', trial_children.compiled ->> 'formula', columns) into value;
end
$trial_children$;

comment on function yardstick_engine.trial_children(jsonb, uuid, text, uuid, text, date, text) is
'Value and sample size of a metric made of others for one scope and period, from the stored values of its parts; without sample size: it has none there.';
