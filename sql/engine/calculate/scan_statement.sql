-- One statement reads a source once and writes the day states of every measure asked for. The shape of the text:
--   source   the columns user fragments may name, as fragments see them
--   raw      each distinct filter and expression evaluated once a row (OFFSET 0 keeps the planner from copying them into every FILTER)
--   located  the place (organization or department) and its local date, and the row's team and user where they are wanted
--   cells    one GROUP BY with one set of aggregates for each distinct (filter, expression)
--   states   unpivoted to one row a measure, only where rows were counted
-- Where more than a few conditions share comparisons, cells collect masks of rows instead, and states come of these (masked_scan).
-- Measures that sums cannot make are read in a statement of their own, of the same shape, which keeps ends, lists or keys; keyed
-- measures and those of any key not in one, for lists of several keys cannot be put together by an aggregate.
-- Parameters: $1, $2 local dates [from, to); $3, $4, $5 dirty cells (organization, key, local date); $6, $7 the same range in
-- instants over all zones; $8 organization keys; $9 measure keys.
create or replace function yardstick_engine.scan_statement(
    source_id   uuid,
    measure_ids uuid[],
    only_dirty  boolean,
    is_new      boolean
)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $scan_statement$
declare
    source            yardstick.metric_sources;
    columns_text      text;
    time_type         text;
    organization_type text;
    key_type          text;
    department_type   text;
    team_type         text;
    user_type         text;
    has_departments   boolean;
    wants_team        boolean;
    wants_user        boolean;
    is_detail         boolean;
    by_key            boolean;
    is_bounded        boolean;
    has_instants      boolean;
    by_one_clock      boolean;
    one_zone          text;
    filters_text      text := '';
    aggregates_text   text := '';
    columns_list      text := '';
    combos_text       text := '';
    counted           integer[] := '{}';
    valued            integer[] := '{}';
    condition_text    text;
    measures_text     text;
    combo             record;
    guard_text        text;
    value_text        text;
    unit_text         text;
    local_date_text   text;
    bounds_text       text;
    having_text       text := '';
    dirty_text        text := '';
    masked            record;
begin
    select s.* into strict source
    from yardstick.metric_sources as s
    where s.id = scan_statement.source_id;

    select
        string_agg(format('r.%s as %I', c.read_expression, c.column_name), ', ' order by c.column_name),
        max(c.type_name) filter (where c.column_name = source.time_column),
        max(c.type_name) filter (where c.column_name = source.organization_column),
        max(c.type_name) filter (where c.column_name = source.key_column),
        max(c.type_name) filter (where c.column_name = source.department_column),
        max(c.type_name) filter (where c.column_name = source.team_column),
        max(c.type_name) filter (where c.column_name = source.user_column)
    into columns_text, time_type, organization_type, key_type, department_type, team_type, user_type
    from yardstick_engine.source_columns(scan_statement.source_id) as c;
    if time_type is null then
        raise exception using
            errcode = 'YS008',
            message = format('%s or its column %I is gone; bring it back or register the source again', source.relation, source.time_column);
    end if;

    -- Which levels any metric reads from these measures; the department level is always kept, the organization is its sum.
    select
        source.department_column is not null,
        coalesce(bool_or('team' = any(u.aggregation_levels)), false) and source.team_column is not null,
        coalesce(bool_or('user' = any(u.aggregation_levels)), false) and source.user_column is not null
    into has_departments, wants_team, wants_user
    from yardstick_engine.measure_uses(scan_statement.measure_ids) as u;
    select
        bool_or(m.state_kind <> 'sums'),
        source.key_column is not null and bool_or(m.measure_key is not null)
        and (bool_and(m.state_kind = 'sums') or bool_and(m.measure_key is not null))
    into is_detail, by_key
    from yardstick.metric_measures as m
    where m.id = any(scan_statement.measure_ids);

    if scan_statement.only_dirty then
        dirty_text := E'\n        inner join unnest($3::uuid[], $4::text[], $5::date[]) as dirty (organization_id, measure_key, local_date)'
            ' on dirty.organization_id = l.organization_id and dirty.local_date = l.local_date'
            ' and (dirty.measure_key is null or dirty.measure_key = l.measure_key)';
    end if;
    -- Dates need no clock. Otherwise one zone of all will do: an organization that comes meanwhile with another has its own history queued.
    has_instants := time_type = 'timestamp with time zone';
    select min(o.timezone) into one_zone
    from yardstick.organizations as o
    where o.is_active and (source.organization_id is null or o.id = source.organization_id)
    having count(distinct o.timezone) = 1;
    by_one_clock := has_departments and source.organization_column is not null and not (scan_statement.only_dirty or wants_team or wants_user)
        and (one_zone is not null or not (has_instants or is_detail));
    if not by_one_clock then
        one_zone := null;
    end if;

    select p.* into masked
    from yardstick_engine.masked_scan(
        scan_statement.source_id, scan_statement.measure_ids,
        array_remove(
            array[
                'local_date', 'place_no', case when not by_one_clock then 'organization_id' end, case when wants_team then 'team_id' end,
                case when wants_user then 'user_id' end
            ], null
        ),
        dirty_text
    ) as p
    where not is_detail and not by_key and (
        select count(distinct m.filter) > 8 from yardstick.metric_measures as m where m.id = any(scan_statement.measure_ids)
    );
    if masked.states_text is not null then
        filters_text := masked.raw_text;
        aggregates_text := masked.aggregates_text;
        columns_list := masked.columns_text;
    end if;

    for combo in
        select
            row_number() over (order by m.filter nulls first, m.expression nulls first, m.state_kind) as number,
            m.filter,
            m.expression,
            m.state_kind,
            m.organization_ids,
            case when m.state_kind = 'sums' then (
                select e.integer_text
                from yardstick_engine.source_columns(scan_statement.source_id) as c
                cross join lateral (values (quote_ident(c.column_name)), ('source.' || quote_ident(c.column_name))) as n (column_text)
                cross join lateral (
                    values
                    (n.column_text, n.column_text, array['smallint', 'integer', 'bigint']),
                    (format('((%1$s)::numeric * (%1$s)::numeric)', n.column_text), format('(%1$s::bigint * %1$s)', n.column_text), array['smallint', 'integer'])
                ) as e (expression, integer_text, type_names)
                where e.expression = m.expression and c.type_name = any(e.type_names)
                limit 1
            ) end as integer_text,
            exists (
                select from yardstick_engine.source_columns(scan_statement.source_id) as c
                where m.expression in (quote_ident(c.column_name), 'source.' || quote_ident(c.column_name))
                    and c.type_name = 'numeric' and c.read_expression = quote_ident(c.column_name)
            ) as is_numeric,
            (
                select format('1%s', repeat('0', yardstick_engine.scale_of(source.relation, c.column_name)))
                from yardstick_engine.source_columns(scan_statement.source_id) as c
                where m.expression in (quote_ident(c.column_name), 'source.' || quote_ident(c.column_name)) and c.read_expression = quote_ident(c.column_name)
                    and by_key and m.state_kind = 'sums' and yardstick_engine.scale_of(source.relation, c.column_name) is not null
            ) as units
        from (
            select
                mm.filter,
                mm.expression,
                mm.state_kind,
                case when count(*) = count(mm.organization_id) then array_agg(distinct mm.organization_id) end as organization_ids
            from yardstick.metric_measures as mm
            where mm.id = any(scan_statement.measure_ids) and masked.states_text is null
            group by mm.filter, mm.expression, mm.state_kind
        ) as m
    loop
        -- What one organization wrote is evaluated on its own rows only: an error on another's row would tell what stands there.
        guard_text := '';
        if combo.organization_ids is not null and source.organization_column is not null then
            select format('lower(source."$organization"::text) = any (%L::text[])', array_agg(lower(k.organization_key)))
            into guard_text
            from yardstick.organizations as o
            cross join lateral (values (o.id::text), (o.external_id)) as k (organization_key)
            where o.id = any(combo.organization_ids) and k.organization_key is not null;
        end if;
        -- A value that is read only where its condition holds is null elsewhere: the condition need not be evaluated for itself.
        if combo.filter is not null and (is_detail or combo.expression is null or combo.integer_text is not null) then
            filters_text := filters_text || case
                when guard_text = '' then format(', (%s) as f%s', combo.filter, combo.number)
                else format(', case when %s then (%s) end as f%s', guard_text, combo.filter, combo.number)
            end;
        end if;
        if combo.integer_text is not null then
            -- A column of integers adds up faster as it is, and so do its squares; reading it can neither fail nor give NaN.
            filters_text := filters_text || format(', %s as v%s', combo.integer_text, combo.number);
        elsif combo.expression is not null then
            -- A value is looked at only where the condition holds, as everywhere in SQL. NaN and infinities are no numbers to add
            -- up: such a row counts as having no value.
            guard_text := concat_ws(' and ', nullif(guard_text, ''), '(' || combo.filter || ')');
            value_text := case
                when combo.state_kind in ('distinct', 'registers') then format('(%s)', combo.expression)
                when combo.units is not null then format('case when %1$s < ''NaN'' then (%1$s * %2$s)::bigint end', combo.expression, combo.units)
                -- NaN is above infinity. Read twice, which of a column costs nothing.
                when combo.is_numeric then format('case when %1$s < ''Infinity'' and %1$s > ''-Infinity'' then %1$s end', combo.expression)
                else format('case when (%1$s)::numeric not in (''NaN'', ''Infinity'', ''-Infinity'') then (%1$s)::numeric end', combo.expression)
            end;
            if guard_text <> '' then
                value_text := format('case when %s then %s end', guard_text, value_text);
            end if;
            filters_text := filters_text || format(', %s as v%s', value_text, combo.number);
        end if;
        condition_text := case
            when combo.filter is null then ''
            when combo.expression is null or combo.integer_text is not null then format(' filter (where l.f%s)', combo.number)
            else format(' filter (where l.v%s is not null)', combo.number)
        end;
        -- Whole numbers of the last decimal place, brought back once a cell: what is left shows as many places as a sum of the values would.
        unit_text := case when combo.units is null then '' else ' * ' || round(1 / combo.units::numeric, length(combo.units) - 1) end;
        columns_list := columns_list || case
            when is_detail then format(', k.n%1$s, k.first%1$s, k.last%1$s, k.list%1$s, k.keys%1$s', combo.number)
            when combo.units is null then format(', k.n%1$s, k.s%1$s, k.lo%1$s, k.hi%1$s', combo.number)
            -- One value is its own sum, which most cells are.
            else format(
                ', k.n%1$s, k.s%1$s, case when k.n%1$s = 1 then k.s%1$s else k.lo%1$s%2$s end as lo%1$s, case when k.n%1$s = 1 then k.s%1$s else k.hi%1$s%2$s end as hi%1$s',
                combo.number, unit_text
            )
        end;
        aggregates_text := aggregates_text || case
            when is_detail then yardstick_engine.detail_aggregates_text(combo.state_kind, combo.number, combo.filter is not null)
            else format(
                ', %1$s as n%5$s, %2$s as s%5$s, %3$s as lo%5$s, %4$s as hi%5$s',
                case when combo.expression is null then 'count(*)' else format('count(l.v%s)', combo.number) end || condition_text,
                case when combo.expression is null then 'null::numeric' else format('(sum(l.v%s)%s)::numeric%s', combo.number, condition_text, unit_text) end,
                case when combo.expression is null then 'null::numeric' else format('(min(l.v%s)%s)%s', combo.number, condition_text, case when combo.units is null then '::numeric' else '' end) end,
                case when combo.expression is null then 'null::numeric' else format('(max(l.v%s)%s)%s', combo.number, condition_text, case when combo.units is null then '::numeric' else '' end) end,
                combo.number
            )
        end;
        if combo.expression is null then
            counted := counted || combo.number::integer;
        else
            valued := valued || combo.number::integer;
        end if;
        combos_text := combos_text || format(
            case when is_detail then '%2$s(%1$s, c.n%1$s, c.first%1$s, c.last%1$s, c.list%1$s, c.keys%1$s, %3$s)'
                else '%2$s(%1$s, c.n%1$s, c.s%1$s, c.lo%1$s, c.hi%1$s)' end,
            combo.number, case when combos_text = '' then '' else ', ' end, case when combo.state_kind in ('digest', 'registers') then 'true' else 'false' end
        );
    end loop;

    select string_agg(
        format(
            '(%s, %L::text, %L::uuid, %L::uuid, %L::boolean, %L::boolean)',
            c.number, m.measure_key, m.id, m.organization_id,
            coalesce(u.wants_team, false), coalesce(u.wants_user, false)
        ), ', ' order by m.id
    )
    into measures_text
    from yardstick.metric_measures as m
    inner join (
        select
            d.filter, d.expression, d.state_kind,
            row_number() over (order by d.filter nulls first, d.expression nulls first, d.state_kind) as number
        from (
            select distinct mm.filter, mm.expression, mm.state_kind
            from yardstick.metric_measures as mm
            where mm.id = any(scan_statement.measure_ids)
        ) as d
    ) as c on c.filter is not distinct from m.filter and c.expression is not distinct from m.expression and c.state_kind = m.state_kind
    left join (
        select
            mu.measure_id,
            bool_or('team' = any(mu.aggregation_levels)) as wants_team,
            bool_or('user' = any(mu.aggregation_levels)) as wants_user
        from yardstick_engine.measure_uses(scan_statement.measure_ids) as mu
        group by mu.measure_id
    ) as u on u.measure_id = m.id
    where m.id = any(scan_statement.measure_ids);

    local_date_text := case
        when not has_instants then 'raw.happened_at' || case when time_type = 'date' then '' else '::date' end
        else format(
            '(case when %1$s is null then raw.happened_at at time zone %2$s else raw.happened_at at time zone %1$s end)::date',
            case when by_one_clock then format('(select z.utc_offset from zone as z where z.timezone = %L)', one_zone) else 'o.utc_offset' end,
            coalesce(quote_literal(one_zone), 'o.timezone')
        )
    end;
    -- The bounds were taken from all organizations; asked of cells, for it costs each row something.
    if by_one_clock and has_instants then
        having_text := format(
            E'\n        having case when count(%s) >= 0 then l.local_date >= $1 and l.local_date < $2 end',
            case when cardinality(valued) > 0 then format('l.v%s', valued[1]) else '*' end
        );
    end if;
    bounds_text := case
        when has_instants then format('r.%1$I >= $6 and r.%1$I < $7', source.time_column)
        else format('r.%1$I >= $1 and r.%1$I < $2', source.time_column)
    end;
    -- Where the time is indexed within the organization only, a stretch of it is found through all of them.
    is_bounded := source.organization_column is not null and (scan_statement.only_dirty or exists (
        select
        from pg_index as i
        inner join pg_attribute as a on a.attrelid = i.indrelid and a.attname = source.organization_column and a.attnum = i.indkey[0]
        inner join pg_attribute as t on t.attrelid = i.indrelid and t.attname = source.time_column and t.attnum = i.indkey[1]
        where i.indrelid = to_regclass(source.relation)
    ));
    if is_bounded then
        bounds_text := bounds_text || case organization_type
            when 'uuid' then format(' and r.%I = any($8::uuid[])', source.organization_column)
            when 'text' then format(' and r.%I = any($8)', source.organization_column)
            else format(' and r.%I::text = any($8)', source.organization_column)
        end;
    end if;
    if source.key_column is not null then
        bounds_text := bounds_text || format(
            ' and ($9::text[] is null or r.%I%s = any($9))',
            source.key_column, case when key_type = 'text' then '' else '::text' end
        );
    end if;

    return format(
        $statement$
with
%1$s,
%15$s,
raw as (
    select
        source."$time" as happened_at, source."$organization" as organization_key, source."$department" as department_key,
        source."$team" as team_key, source."$user" as user_key, source."$key" as measure_key%2$s
    from (
        select r.%3$I as "$time", %4$s as "$organization", %5$s as "$department", %6$s as "$team", %7$s as "$user",
            %8$s as "$key", %9$s
        from %10$s as r
        where %11$s
    ) as source
    where %12$s
    offset 0
),
%13$s,
%19$s%14$s,
measure (combo, measure_key, measure_id, organization_id, wants_team, wants_user) as (values %16$s),
states as (
    %17$s
),
%18$s
        $statement$,
        yardstick_engine.organization_keys_text(source.organization_id, organization_type, has_instants, one_zone), -- 1
        filters_text,
        source.time_column,
        case when source.organization_column is null then 'null::text'
            else format('r.%I%s', source.organization_column, case organization_type when 'uuid' then '' else '::text' end) end,
        coalesce('r.' || quote_ident(source.department_column) || case department_type when 'uuid' then '' else '::text' end, 'null::text'), -- 5
        coalesce('r.' || quote_ident(source.team_column) || case team_type when 'uuid' then '' else '::text' end, 'null::text'),
        coalesce('r.' || quote_ident(source.user_column) || case user_type when 'uuid' then '' else '::text' end, 'null::text'),
        coalesce('r.' || quote_ident(source.key_column) || '::text', 'null::text'),
        columns_text,
        source.relation, -- 10
        bounds_text,
        coalesce('(' || source.row_filter || ')', 'true'),
        yardstick_engine.located_text(
            by_one_clock, source.organization_column is not null, has_instants, has_departments, local_date_text,
            case when wants_team then ', t.team_id' else '' end || case when wants_user then ', u.user_id' else '' end
                || case when is_detail then format(', extract(epoch from %s) as happened_seconds', case
                    when has_instants then 'raw.happened_at'
                    else 'raw.happened_at::timestamp at time zone ' || coalesce(quote_literal(one_zone), 'o.timezone')
                end) else '' end,
            case when wants_team then yardstick_engine.member_join_text('teams', 't', 'team_id', 'raw.team_key', team_type) else '' end
                || case when wants_user then yardstick_engine.member_join_text('users', 'u', 'user_id', 'raw.user_key', user_type) else '' end
        ),
        yardstick_engine.cells_text(
            coalesce(masked.rows_name, 'located'), by_key, wants_team, wants_user, aggregates_text, columns_list,
            case when masked.states_text is null then dirty_text else '' end, having_text
        ),
        yardstick_engine.places_text(department_type, has_departments), -- 15
        measures_text,
        coalesce(masked.states_text, yardstick_engine.measure_states_text(
            scan_statement.measure_ids, by_key, is_detail, wants_team or wants_user,
            case
                when not is_detail and cardinality(counted || valued) > 8 then yardstick_engine.unpacked_cells_text(counted, valued)
                else format(
                    'cells as c cross join lateral (values %s) as v (combo, row_count, %s)', combos_text,
                    case when is_detail then 'first_pair, last_pair, value_list, key_list, is_estimated' else 'value_sum, value_min, value_max' end
                )
            end
        )),
        yardstick_engine.store_states_text(scan_statement.only_dirty, scan_statement.is_new, is_detail),
        coalesce(masked.tables_text, '')
    );
end
$scan_statement$;

comment on function yardstick_engine.scan_statement(uuid, uuid[], boolean, boolean) is
'Text of the one statement that reads a source and writes the day states of the given measures: for a range of local dates, or only for the dirty cells in it. is_new: no state of these measures is stored yet.';
