-- The rows of the one organization are cut out first (OFFSET 0), so that no condition meets a row of another.
create or replace function yardstick_engine.exact_rows(
    source_id       uuid,
    measures        jsonb,
    organization_id uuid,
    scope_level     text,
    scope_id        uuid,
    timezone        text,
    unread_dates    date[]
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $exact_rows$
    with

    columns as (

        select
            string_agg(format('r.%s as %I', c.read_expression, c.column_name), ', ' order by c.column_name) as columns_text,
            max(c.type_name) filter (where c.column_name = s.time_column) as time_type,
            max(c.type_name) filter (where c.column_name = s.organization_column) as organization_type
        from yardstick.metric_sources as s
        cross join lateral yardstick_engine.source_columns(s.id) as c
        where s.id = exact_rows.source_id

    ),

    keys as (

        select array_agg(k.key) as organization_keys
        from yardstick.organizations as o
        cross join lateral (values (o.id::text), (o.external_id)) as k (key)
        where o.id = exact_rows.organization_id and k.key is not null

    ),

    members as (

        select array_agg(k.key) as member_keys
        from (
            select d.id, d.external_id
            from yardstick_engine.department_ancestors(array[exact_rows.organization_id]) as a
            inner join yardstick.departments as d on d.organization_id = a.organization_id and d.id = a.department_id
            where a.ancestor_id = exact_rows.scope_id and exact_rows.scope_level = 'dept'
            union all
            select t.id, t.external_id from yardstick.teams as t
            where t.organization_id = exact_rows.organization_id and t.id = exact_rows.scope_id and exact_rows.scope_level = 'team'
            union all
            select u.id, u.external_id from yardstick.users as u
            where u.organization_id = exact_rows.organization_id and u.id = exact_rows.scope_id and exact_rows.scope_level = 'user'
        ) as m
        cross join lateral (values (m.id::text), (m.external_id)) as k (key)
        where k.key is not null

    ),

    parts as (

        select
            string_agg(format(
                ', coalesce((%1$s), false) as "$f%3$s", %2$s as "$v%3$s"',
                coalesce(e.body ->> 'filter', 'true'),
                case
                    when e.body ->> 'expression' is null then 'null::numeric'
                    when e.body ->> 'agg' = 'count_distinct'
                        then format('case when %s then (%s) end', coalesce('(' || (e.body ->> 'filter') || ')', 'true'), e.body ->> 'expression')
                    else format(
                        'case when %1$s then case when (%2$s)::numeric not in (''NaN'', ''Infinity'', ''-Infinity'') then (%2$s)::numeric end end',
                        coalesce('(' || (e.body ->> 'filter') || ')', 'true'), e.body ->> 'expression'
                    )
                end,
                e.number
            ), '' order by e.number) as parts_text,
            max(e.body ->> 'measure_key') as measure_key
        from (
            select m.value as body, row_number() over (order by m.key) as number
            from jsonb_each(exact_rows.measures) as m
        ) as e

    )

    select format(
        $text$kept as materialized (
    select source."$day", extract(epoch from %1$s) as "$seconds"%2$s
    from (
        select %3$s, r.%4$I as "$time", %5$s as "$day"
        from %6$s as r
        where %7$s and %8$s and %9$s and %10$s
        offset 0
    ) as source
    where %11$s and source."$day" = any($3)
),
$text$,
        case when c.time_type = 'timestamp with time zone' then 'source."$time"'
            else format('(source."$time"::timestamp at time zone %L)', exact_rows.timezone) end, -- 1
        p.parts_text,
        c.columns_text,
        s.time_column,
        case when c.time_type = 'timestamp with time zone' then format('(r.%I at time zone %L)::date', s.time_column, exact_rows.timezone)
            else format('r.%I::date', s.time_column) end, -- 5
        s.relation,
        case
            when c.time_type = 'timestamp with time zone' then format(
                'r.%1$I >= %2$L::timestamptz and r.%1$I < %3$L::timestamptz',
                s.time_column, yardstick_engine.local_midnight(exact_rows.unread_dates[1], exact_rows.timezone),
                yardstick_engine.local_midnight(exact_rows.unread_dates[cardinality(exact_rows.unread_dates)] + 1, exact_rows.timezone)
            )
            else format(
                'r.%1$I >= %2$L and r.%1$I < %3$L',
                s.time_column, exact_rows.unread_dates[1], exact_rows.unread_dates[cardinality(exact_rows.unread_dates)] + 1
            )
        end,
        case
            when s.organization_column is null then format('%L::uuid = %L::uuid', s.organization_id, exact_rows.organization_id)
            when c.organization_type = 'uuid' then format(
                'r.%I = any (%L::uuid[])', s.organization_column,
                array(select u.key from unnest(k.organization_keys) as u (key) where u.key ~* '^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$')
            )
            else format('r.%I::text = any (%L::text[])', s.organization_column, k.organization_keys)
        end,
        case when p.measure_key is null then 'true' else format('r.%I::text = %L', s.key_column, p.measure_key) end,
        case when exact_rows.scope_level = 'org' then 'true' else format(
            'r.%I::text = any (%L::text[])',
            case exact_rows.scope_level when 'dept' then s.department_column when 'team' then s.team_column else s.user_column end,
            coalesce(b.member_keys, '{}')
        ) end, -- 10
        coalesce('(' || s.row_filter || ')', 'true')
    )
    from yardstick.metric_sources as s
    cross join columns as c
    cross join keys as k
    cross join members as b
    cross join parts as p
    where s.id = exact_rows.source_id
$exact_rows$;

comment on function yardstick_engine.exact_rows(uuid, jsonb, uuid, text, uuid, text, date[]) is
'Text of the CTE with the rows of a source that belong to one scope and to days that were not read yet, and what each measure makes of them.';
