create or replace function yardstick_engine.states_problem(
    given             jsonb,
    organization_id   uuid,
    aggregation_level text,
    aggregation_id    uuid,
    period_type       integer,
    first_date        date,
    next_date         date
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $states_problem$
    with

    wanted as (

        select
            m.id as measure_id, k.period_type, g.value as states,
            case when m.state_kind in ('sums', 'list') then 'rows, sum, smallest, largest' when m.state_kind = 'distinct' then 'rows, different values'
                when m.state_kind = 'ends' then 'rows, first, last' else 'rows' end as names
        from jsonb_each(states_problem.given) as g
        inner join yardstick.metric_measures as m on m.id = g.key::uuid
        -- Lists, ends and keys are kept by day only.
        inner join (select distinct u.period_type from (values (1), (states_problem.period_type)) as u (period_type)) as k
            on k.period_type = 1 or m.state_kind = 'sums'

    )

    select format(
        'the states stored for its %s say %s where the source gives %s (%s)',
        case wanted.period_type when 1 then 'days' else 'period' end,
        coalesce((select string_agg(coalesce(e.value, '-'), ', ' order by e.place) from jsonb_array_elements_text(stored.states) with ordinality as e (value, place)), 'nothing'),
        (select string_agg(coalesce(e.value, '-'), ', ' order by e.place) from jsonb_array_elements_text(wanted.states) with ordinality as e (value, place)),
        wanted.names
    )
    from wanted
    left join yardstick_engine.stored_states(
        states_problem.organization_id, array(select wanted.measure_id from wanted), states_problem.aggregation_level,
        states_problem.aggregation_id, states_problem.period_type, states_problem.first_date, states_problem.next_date
    ) as stored on stored.measure_id = wanted.measure_id and stored.period_type = wanted.period_type
    where
        coalesce((stored.states ->> 0)::numeric, 0) <> (wanted.states ->> 0)::numeric
        or (stored.states ->> 1)::numeric is distinct from (wanted.states ->> 1)::numeric
        or (stored.states ->> 2)::numeric is distinct from (wanted.states ->> 2)::numeric
        or (stored.states ->> 3)::numeric is distinct from (wanted.states ->> 3)::numeric
    order by wanted.period_type, wanted.measure_id
    limit 1
$states_problem$;

comment on function yardstick_engine.states_problem(jsonb, uuid, text, uuid, integer, date, date) is
'What differs between the stored states of one scope and period and what the source gives, {measure_id: [rows, ...]} as stored_states has it; null: nothing does.';
