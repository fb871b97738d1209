-- By the statements of the validation report and not by the engine's own: what both give is worth something because they share
-- nothing. Definer, with the engine's rights, which reads the source.
create or replace function yardstick_engine.verify(
    organization_id uuid,
    metric_name     text,
    sample          integer,
    seed            bigint
)
returns table (
    time_window       text,
    period_start      timestamptz,
    aggregation_level text,
    aggregation_id    uuid,
    stored_value      numeric,
    recomputed_value  numeric,
    is_equal          boolean,
    detail            text
)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
-- Different values are told apart by their text, which depends on these.
set timezone = 'UTC'
set datestyle = 'ISO, YMD'
set intervalstyle = 'postgres'
set jit = off
as $verify$
#variable_conflict use_column
declare
    metric   yardstick.metric_definitions;
    trial    jsonb;
    answers  jsonb := '[]';
    cells    jsonb;
    cell     record;
    seed     constant bigint := coalesce(verify.seed, (random() * 9e15)::bigint);
    rows     bigint;
    given_rows bigint;
    earlier_value numeric;
    earlier_rows  bigint;
    states   jsonb;
    problem  text;
    code     text;
    bounds   numeric[];
begin
    if coalesce(verify.sample not between 1 and 1000, true) then
        raise exception using errcode = 'YS006', message = 'sample: must be a whole number from 1 to 1000';
    end if;
    select d.* into strict metric
    from yardstick.metric_definitions as d
    where d.id = yardstick_engine.find_metric(verify.organization_id, verify.metric_name);
    -- Once, and not for each of a thousand values.
    perform yardstick_engine.reach_source(s.id)
    from yardstick.metric_sources as s
    where s.id = metric.source_id or metric.compiled -> 'sources' ? s.id::text;
    select coalesce(jsonb_agg(to_jsonb(s) order by s.no), '[]') into cells
    from yardstick_engine.sample_calculations(
        verify.organization_id, metric.id, verify.sample, seed
    ) as s;

    trial := jsonb_build_object('compiled', metric.compiled);
    if metric.compiled ? 'measures' then
        trial := trial || jsonb_build_object('measures', yardstick_engine.trial_bodies(metric.compiled));
    end if;
    select cells || coalesce(jsonb_agg(to_jsonb(m) || '{"is_missing": true}' || jsonb_build_object('no', jsonb_array_length(cells) + m.number)), '[]')
    into cells
    from (
        select c.*, row_number() over () as number
        from yardstick_engine.missing_cells(metric, trial, verify.organization_id, verify.sample, seed) as c
    ) as m;
    if not trial ? 'measures' and not metric.compiled ? 'children' then
        select coalesce(jsonb_agg(to_jsonb(q)), '[]') into answers from yardstick_engine.trial_queries(metric, cells) as q;
    end if;

    for cell in
        select c.*, a.value as answer, a.sample_size as answer_size, a.problem as answer_problem
        from jsonb_to_recordset(cells) as c (
            no integer, organization_id uuid, timezone text, aggregation_level text, aggregation_id uuid, time_window text, period_type integer,
            period_start timestamptz, first_date date, next_date date, metric_value numeric, error_code text, sample_size bigint,
            is_estimated boolean, is_missing boolean
        )
        left join jsonb_to_recordset(answers) as a (no integer, value numeric, sample_size bigint, problem text) on a.no = c.no
        order by c.no
    loop
        recomputed_value := null;
        given_rows := null;
        problem := null;
        code := null;
        states := null;
        bounds := null;
        begin
            if trial ? 'measures' then
                execute yardstick_engine.trial_statement(
                    metric.source_id, trial, cell.organization_id, cell.first_date, cell.next_date, cell.timezone,
                    cell.aggregation_level, cell.aggregation_id, with_states => true
                )
                into recomputed_value, rows, states;
                -- Of several measures the one with most rows counts.
                select max((m.states ->> 0)::bigint) into given_rows from jsonb_each(states) as m (measure_id, states);
                -- Before its first row a scope has no zeros: what was there has lost its value when that row went.
                if rows = 0 and metric.compiled ->> 'fill' = 'zero' and cell.metric_value is null then
                    execute yardstick_engine.trial_statement(
                        metric.source_id, trial, cell.organization_id, date '1990-01-01', cell.first_date, cell.timezone,
                        cell.aggregation_level, cell.aggregation_id
                    )
                    into earlier_value, earlier_rows;
                    recomputed_value := case when earlier_rows > 0 then recomputed_value end;
                end if;
                recomputed_value := case
                    when rows > 0 or metric.compiled ->> 'fill' = 'zero' then recomputed_value
                    when metric.compiled ->> 'fill' = 'carry_forward' then yardstick_engine.trial_carried(
                        metric.source_id, trial, cell.organization_id, cell.period_type, cell.first_date, cell.timezone,
                        cell.aggregation_level, cell.aggregation_id
                    )
                end;
                if cell.is_estimated and metric.compiled @> '{"simple": true}' then
                    bounds := yardstick_engine.trial_bounds(
                        metric.source_id, trial, cell.organization_id, cell.first_date, cell.next_date, cell.timezone,
                        cell.aggregation_level, cell.aggregation_id, recomputed_value
                    );
                end if;
                problem := yardstick_engine.states_problem(
                    states, cell.organization_id, cell.aggregation_level, cell.aggregation_id, cell.period_type, cell.first_date, cell.next_date
                );
                -- Without rows, a value that fills the period, or none.
                continue when cell.is_missing and rows = 0 and (metric.compiled ->> 'fill' is null or recomputed_value is null);
            elsif metric.compiled ? 'children' then
                select c.value, c.sample_size into recomputed_value, given_rows
                from yardstick_engine.trial_children(
                    metric.compiled, cell.organization_id, cell.aggregation_level, cell.aggregation_id, cell.time_window, cell.first_date, cell.timezone
                ) as c;
            else
                recomputed_value := cell.answer::numeric(15, 4);
                given_rows := cell.answer_size;
                code := left(cell.answer_problem, 5);
                problem := cell.answer_problem;
            end if;
            if code is null and cell.is_missing then
                problem := concat_ws('; ', format('no value is stored, and there is one%s', ' of ' || given_rows || ' rows'), problem);
            elsif code is null and cell.error_code is null and coalesce(cell.sample_size, 0) <> least(coalesce(given_rows, 0), 2147483647) then
                problem := concat_ws(
                    '; ', format('sample_size is stored as %s and there are %s rows', coalesce(cell.sample_size::text, 'null'), coalesce(given_rows, 0)), problem
                );
            end if;
        exception when others then
            code := sqlstate;
            problem := code || ' ' || yardstick_engine.error_words(sqlstate, sqlerrm);
        end;

        time_window := cell.time_window;
        period_start := cell.period_start;
        aggregation_level := cell.aggregation_level;
        aggregation_id := cell.aggregation_id;
        stored_value := cell.metric_value;
        is_equal := case
            when code is not null and code = cell.error_code then true
            when code is not null then null
            when problem is null and cell.is_estimated and not metric.compiled @> '{"simple": true}' then null
            when bounds is not null then problem is null and coalesce(stored_value between bounds[1] and bounds[2], false) and cell.error_code is null
            else problem is null and stored_value is not distinct from recomputed_value and cell.error_code is null
        end;
        detail := case
            when is_equal and code is not null then 'fails again: ' || problem
            when is_equal then null
            when is_equal is null and code is null then 'is a formula over estimates, whose error is not known'
            when code is not null then 'could not be recomputed: ' || problem
            when stored_value is not distinct from recomputed_value and problem is null then 'is stored as failed with ' || cell.error_code
            else concat_ws('; ', case when stored_value is distinct from recomputed_value and cell.is_missing is not true then 'the value differs' end, problem)
        end;
        return next;
    end loop;
end
$verify$;

comment on function yardstick_engine.verify(uuid, text, integer, bigint) is
'What verify_rollup returns, for one organization, or with null for a metric of the platform and every organization.';

grant execute on function yardstick_engine.verify(uuid, text, integer, bigint) to yardstick_owner;
