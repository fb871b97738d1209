-- Written anew and not taken from the engine's own text: what both give is worth something because they share nothing.
-- The rows of the one organization are cut out first (OFFSET 0), so that no condition meets a row of another.
-- A row names its organization and its members by our uuid or by the host's own id, letter by letter.
create or replace function yardstick_engine.trial_statement(
    source_id       uuid,
    trial           jsonb,
    organization_id uuid,
    from_date       date,
    to_date         date,
    timezone        text,
    -- Department (with those below it), team or user; null with level org.
    scope_level     text default 'org',
    scope_id        uuid default null,
    -- A third column: what the source gives for each measure by itself.
    with_states     boolean default false,
    -- Instead of a value: of whom there are rows that count, and on which days.
    of_scopes       boolean default false
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $trial_statement$
    with recursive

    columns as (

        select
            string_agg(format('r.%s as %I', c.read_expression, c.column_name), ', ' order by c.column_name) as columns_text,
            max(c.type_name) filter (where c.column_name = s.time_column) as time_type,
            max(c.type_name) filter (where c.column_name = s.organization_column) as organization_type
        from yardstick.metric_sources as s
        cross join lateral yardstick_engine.source_columns(s.id) as c
        where s.id = trial_statement.source_id

    ),

    keys as (

        select array_agg(k.key) as organization_keys
        from yardstick.organizations as o
        cross join lateral (values (o.id::text), (o.external_id)) as k (key)
        where o.id = trial_statement.organization_id and k.key is not null

    ),

    tree as (

        select d.id, d.external_id
        from yardstick.departments as d
        where d.organization_id = trial_statement.organization_id and d.id = trial_statement.scope_id and trial_statement.scope_level = 'dept'
        union
        select d.id, d.external_id
        from yardstick.departments as d
        inner join tree on d.parent_department_id = tree.id
        where d.organization_id = trial_statement.organization_id

    ),

    members as (

        select array_agg(k.key) as member_keys
        from (
            select tree.id, tree.external_id from tree
            union all
            select t.id, t.external_id
            from yardstick.teams as t
            where t.organization_id = trial_statement.organization_id and t.id = trial_statement.scope_id and trial_statement.scope_level = 'team'
            union all
            select u.id, u.external_id
            from yardstick.users as u
            where u.organization_id = trial_statement.organization_id and u.id = trial_statement.scope_id and trial_statement.scope_level = 'user'
        ) as m
        cross join lateral (values (m.id::text), (m.external_id)) as k (key)
        where k.key is not null

    ),

    measures as (

        select
            string_agg(format(
                ', coalesce((%1$s), false) as "$f%3$s", %2$s as "$v%3$s"',
                coalesce(m.body ->> 'filter', 'true'),
                case
                    when m.body ->> 'expression' is null then 'null::numeric'
                    when m.body ->> 'agg' = 'count_distinct' then format('case when %s then (%s) end', coalesce(m.body ->> 'filter', 'true'), m.body ->> 'expression')
                    else format(
                        'case when %1$s then case when (%2$s)::numeric not in (''NaN'', ''Infinity'', ''-Infinity'') then (%2$s)::numeric end end',
                        coalesce('(' || (m.body ->> 'filter') || ')', 'true'), m.body ->> 'expression'
                    )
                end,
                m.number
            ), '' order by m.number) as parts_text,
            string_agg(format(
                case when trial_statement.trial #>> '{compiled,fill}' = 'zero' then 'coalesce(%s, 0) as %I' else '%s as %I' end,
                yardstick_engine.trial_measure(m.body, m.number), m.name
            ), ', ' order by m.number) as values_text,
            string_agg(format(
                case when m.body ->> 'expression' is null then '"$f%1$s"' else '"$f%1$s" and "$v%1$s" is not null' end, m.number
            ), ' or ') as counts_text,
            string_agg(yardstick_engine.trial_state(m.body, m.number), ' || ' order by m.number) as states_text,
            max(m.body ->> 'measure_key') as measure_key
        from (
            select e.key as name, e.value as body, row_number() over (order by e.key) as number
            from jsonb_each(trial_statement.trial -> 'measures') as e
        ) as m

    )

    select format(
        $statement$
with kept as materialized (
    select source."$time", source."$day"%15$s%1$s
    from (
        select %2$s, r.%3$I as "$time", %4$s as "$day"%16$s
        from %5$s as r
        where %6$s and %7$s and %8$s and %13$s
        offset 0
    ) as source
    where %9$s
)
$statement$ || case when trial_statement.of_scopes then
            $statement$select distinct "$dept" as dept_key, "$team" as team_key, "$user" as user_key, "$day" as local_day
from kept
where %11$s
        $statement$
        else
            $statement$select
    (%10$s)::numeric(15, 4) as value,
    (select count(*) from kept where %11$s) as sample_size%14$s
from (select %12$s) as measures
        $statement$
        end,
        m.parts_text,
        c.columns_text,
        s.time_column,
        case
            when c.time_type = 'timestamp with time zone' then format('(r.%I at time zone %L)::date', s.time_column, trial_statement.timezone)
            else format('r.%I::date', s.time_column)
        end,
        s.relation, -- 5
        case
            when c.time_type = 'timestamp with time zone' then format(
                'r.%1$I >= yardstick_engine.local_midnight(%2$L, %4$L) and r.%1$I < yardstick_engine.local_midnight(%3$L, %4$L)',
                s.time_column, trial_statement.from_date, trial_statement.to_date, trial_statement.timezone
            )
            else format('r.%1$I >= %2$L and r.%1$I < %3$L', s.time_column, trial_statement.from_date, trial_statement.to_date)
        end,
        case
            when s.organization_column is null then format('%L::uuid = %L::uuid', s.organization_id, trial_statement.organization_id)
            when c.organization_type = 'uuid' then format(
                'r.%I = any (%L::uuid[])', s.organization_column,
                array(select u.key from unnest(k.organization_keys) as u (key) where u.key ~* '^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$')
            )
            else format('r.%I::text = any (%L::text[])', s.organization_column, k.organization_keys)
        end,
        case when m.measure_key is null then 'true' else format('r.%I::text = %L', s.key_column, m.measure_key) end,
        coalesce('(' || s.row_filter || ')', 'true'),
        trial_statement.trial #>> '{compiled,formula}', -- 10
        m.counts_text,
        m.values_text,
        case when trial_statement.scope_level = 'org' then 'true' else format(
            'r.%I::text = any (%L::text[])',
            case trial_statement.scope_level when 'dept' then s.department_column when 'team' then s.team_column else s.user_column end,
            coalesce(b.member_keys, '{}')
        ) end,
        case when trial_statement.with_states then format(', %s as states', m.states_text) else '' end,
        case when trial_statement.of_scopes then ', source."$dept", source."$team", source."$user"' else '' end, -- 15
        case when trial_statement.of_scopes then (
            select string_agg(format(', %s as %I', coalesce(format('r.%I::text', u.column_name), 'null::text'), u.alias), '' order by u.alias)
            from (values ('$dept', s.department_column), ('$team', s.team_column), ('$user', s.user_column)) as u (alias, column_name)
        ) else '' end
    )
    from yardstick.metric_sources as s
    cross join columns as c
    cross join keys as k
    cross join members as b
    cross join measures as m
    where s.id = trial_statement.source_id
$trial_statement$;

comment on function yardstick_engine.trial_statement(uuid, jsonb, uuid, date, date, text, text, uuid, boolean, boolean) is
'Text of the statement that calculates a definition, as try_definition returns it, for one organization, or a department, team or user of it, and the local dates [from_date, to_date) from the rows of its source: value and sample_size, and with_states what each measure alone gives; of_scopes: the keys of departments, teams and users of whom it has rows that count, and their days.';
