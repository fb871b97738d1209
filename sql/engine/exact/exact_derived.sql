create or replace function yardstick_engine.exact_derived(
    metric_id         uuid,
    organization_id   uuid,
    aggregation_level text,
    aggregation_id    uuid,
    time_window       text,
    first_date        date,
    out value         numeric,
    out sample_size   bigint,
    out is_row        boolean
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $exact_derived$
declare
    kind       constant integer := yardstick_engine.period_type(exact_derived.time_window);
    compiled   jsonb;
    child      record;
    part       record;
    start      date;
    columns    text;
    has_now    boolean := false;
    reached    numeric;
    weights    numeric := 0;
    total      numeric := 0;
    is_operand boolean;
    has_part   boolean := false;
begin
    select d.compiled into strict compiled from yardstick.metric_definitions as d where d.id = exact_derived.metric_id;
    has_now := exists (select from jsonb_each(compiled -> 'children') as c where c.value ->> 'lag' = '0');
    is_row := false;

    for child in
        select c.key as alias, (c.value ->> 'lag')::integer as lag, (c.value ->> 'weight')::numeric as weight, m.id as metric_id
        from jsonb_each(compiled -> 'children') as c
        -- An organization's own metric takes the place of the platform's of the same name.
        left join lateral (
            select d.id
            from yardstick.metric_definitions as d
            where d.metric_name = c.value ->> 'metric_name' and d.deleted_at is null
                and (d.organization_id = exact_derived.organization_id or d.organization_id is null)
            order by d.organization_id nulls last
            limit 1
        ) as m on true
        order by c.key
    loop
        start := yardstick_engine.period_shift(exact_derived.first_date, kind, -child.lag);
        select e.value, e.sample_size, e.is_row into part
        from yardstick_engine.exact_cell(
            child.metric_id, exact_derived.organization_id, exact_derived.aggregation_level, exact_derived.aggregation_id,
            exact_derived.time_window, start
        ) as e;
        -- What lost all its rows is not there any more.
        is_operand := coalesce(part.is_row and (part.value is not null or part.sample_size is distinct from 0), false);
        has_part := has_part or is_operand;
        -- What is looked back at alone makes no value: the periods after the last one would have one too.
        is_row := is_row or (is_operand and (child.lag = 0 or not has_now));
        sample_size := greatest(sample_size, case when is_operand then part.sample_size end);
        columns := concat_ws(', ', columns, format('%s::numeric as %I', coalesce(case when is_operand then part.value end::text, 'null'), child.alias));
        reached := case when compiled ? 'score' and is_operand then yardstick_engine.exact_attainment(
            child.metric_id, exact_derived.organization_id, exact_derived.aggregation_level, exact_derived.aggregation_id,
            yardstick_engine.period_next(start, kind), part.value
        ) end;
        if reached is not null then
            total := total + child.weight * reached;
            weights := weights + child.weight;
        end if;
    end loop;

    if not is_row then
        sample_size := null;
    elsif compiled ? 'score' then
        value := total / nullif(weights, 0);
    else
        execute format('select (%s)::numeric from (select %s) as measures', compiled ->> 'formula', columns) into value;
    end if;
end
$exact_derived$;

comment on function yardstick_engine.exact_derived(uuid, uuid, text, uuid, text, date) is
'Value now of a metric made of others for one scope and period, from the exact values of its parts.';
