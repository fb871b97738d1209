-- One statement reads a source once and writes the day states of every measure asked for. The shape of the text:
--   source   the columns user fragments may name, as fragments see them
--   raw      each distinct filter and expression evaluated once a row (OFFSET 0 keeps the planner from copying them into every FILTER)
--   located  the place (organization or department) and its local date, and the row's team and user where they are wanted
--   cells    one GROUP BY with one set of aggregates for each distinct (filter, expression)
--   states   unpivoted to one row a measure, only where rows were counted
-- Where more than a few conditions share comparisons, cells collect masks of rows instead, and states come of these (masked_scan).
-- A list of the values that sums add up is kept beside them, and a cell gives a state to each. Other measures that sums cannot make are
-- read in a statement of their own, of the same shape, which keeps ends, lists or keys; keyed measures and those of any key not in one,
-- for lists of several keys cannot be put together by an aggregate.
-- Parameters: $1, $2 local dates [from, to); $3, $4, $5 dirty cells (organization, key, local date); $6, $7 the same range in
-- instants over all zones; $8 organization keys; $9 measure keys.
create or replace function yardstick_engine.scan_statement(
    source_id   uuid,
    measure_ids uuid[],
    only_dirty  boolean,
    is_new      boolean,
    is_exact    boolean default false,
    is_keyed    boolean default false,
    by_cells    boolean default false,
    by_index    boolean default false
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
    department_type   text;
    team_type         text;
    user_type         text;
    has_departments   boolean;
    wants_team        boolean;
    wants_user        boolean;
    is_detail         boolean;
    by_key            boolean;
    has_instants      boolean;
    by_one_clock      boolean;
    by_place          boolean;
    one_zone          text;
    has_lists         boolean;
    key_collation     text;
    texts             record;
    local_date_text   text;
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
        max(c.type_name) filter (where c.column_name = source.department_column),
        max(c.type_name) filter (where c.column_name = source.team_column),
        max(c.type_name) filter (where c.column_name = source.user_column)
    into columns_text, time_type, organization_type, department_type, team_type, user_type
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
        not bool_or(m.state_kind = 'sums'),
        bool_or(m.state_kind = 'sums') and bool_or(m.state_kind <> 'sums'),
        source.key_column is not null and bool_or(m.measure_key is not null)
        and (bool_or(m.state_kind = 'sums') or bool_and(m.measure_key is not null))
    into is_detail, has_lists, by_key
    from yardstick.metric_measures as m
    where m.id = any(scan_statement.measure_ids);

    if scan_statement.only_dirty then
        dirty_text := E'\n        inner join unnest($3::uuid[], $4::text[], $5::date[]) as dirty (organization_id, measure_key, local_date)'
            ' on dirty.organization_id = l.organization_id and dirty.local_date = l.local_date'
            -- Of an alternative the planner can make no hash: each row would meet all keys of its day. Nor of a date that it has not
            -- found yet: it would meet all days of its key.
            || case when scan_statement.is_keyed then ' and dirty.measure_key = l.measure_key'
                else ' and (dirty.measure_key is null or dirty.measure_key = l.measure_key)' end;
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
    where not (is_detail or has_lists or by_key) and (
        select count(distinct m.filter) > 8 from yardstick.metric_measures as m where m.id = any(scan_statement.measure_ids)
    );
    -- Told apart byte by byte, as any collation that does so would, keys cost least.
    key_collation := case when exists (
        select
        from pg_attribute as a
        inner join pg_collation as l on l.oid = a.attcollation
        where a.attrelid = to_regclass(source.relation) and a.attname = source.key_column and not l.collisdeterministic
    ) then '' else ' collate "C"' end;
    by_place := not (scan_statement.only_dirty or wants_team or wants_user) and masked.states_text is null;
    select t.* into texts
    from yardstick_engine.combination_texts(
        scan_statement.source_id, case when masked.states_text is null then scan_statement.measure_ids end, by_key, is_detail, scan_statement.is_exact
    ) as t;

    -- The local time at which the day began is as good a key as its date, and found without taking years and months apart.
    local_date_text := case
        when not has_instants then 'raw.happened_at' || case when time_type = 'date' then '' else '::date' end
        else format(
            case when by_one_clock and masked.states_text is null then
                'date_bin(''1 day'', case when %1$s is null then raw.happened_at at time zone %2$s else raw.happened_at at time zone %1$s end, $1::timestamp)'
            else '(case when %1$s is null then raw.happened_at at time zone %2$s else raw.happened_at at time zone %1$s end)::date' end,
            case when by_one_clock then format('(select z.utc_offset from zone as z where z.timezone = %L)', one_zone) else 'o.utc_offset' end,
            coalesce(quote_literal(one_zone), 'o.timezone')
        )
    end;
    -- The bounds were taken from all organizations; asked of cells, for it costs each row something.
    if by_one_clock and has_instants then
        having_text := format(
            E'\n        having case when count(%s) >= 0 then l.local_date >= $1%s and l.local_date < $2%2$s end',
            case when cardinality(texts.valued) > 0 then format('l.v%s', texts.valued[1]) else '*' end,
            case when masked.states_text is null then '::timestamp' else '' end
        );
    end if;

    return format(
        $statement$
with
%1$s,
%15$s,
%20$sraw as (
    select
        %21$ssource."$time" as happened_at, source."$organization" as organization_key, source."$department" as department_key,
        source."$team" as team_key, source."$user" as user_key, source."$key" as measure_key%2$s
    from %22$s(
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
measure (combo, measure_key, measure_id, organization_id, wants_team, wants_user, is_list) as (values %16$s),
states as (
    %17$s
),
%18$s
        $statement$,
        yardstick_engine.organization_keys_text(source.organization_id, organization_type, has_instants, one_zone), -- 1
        coalesce(masked.raw_text, texts.raw_text),
        source.time_column,
        case when source.organization_column is null then 'null::text'
            else format('r.%I%s', source.organization_column, case organization_type when 'uuid' then '' else '::text' end) end,
        coalesce('r.' || quote_ident(source.department_column) || case department_type when 'uuid' then '' else '::text' end, 'null::text'), -- 5
        coalesce('r.' || quote_ident(source.team_column) || case team_type when 'uuid' then '' else '::text' end, 'null::text'),
        coalesce('r.' || quote_ident(source.user_column) || case user_type when 'uuid' then '' else '::text' end, 'null::text'),
        coalesce('r.' || quote_ident(source.key_column) || '::text' || key_collation, 'null::text'),
        columns_text,
        source.relation, -- 10
        yardstick_engine.scan_bounds_text(
            source, has_instants, scan_statement.only_dirty, scan_statement.by_index, organization_type
        ),
        coalesce('(' || source.row_filter || ')', 'true'),
        yardstick_engine.located_text(
            by_one_clock, source.organization_column is not null, has_instants, has_departments, scan_statement.by_index, scan_statement.is_keyed,
            organization_type = 'uuid', local_date_text,
            case when wants_team then ', t.team_id' else '' end || case when wants_user then ', u.user_id' else '' end
                || case when is_detail then format(', extract(epoch from %s) as happened_seconds', case
                    when has_instants then 'raw.happened_at'
                    else 'raw.happened_at::timestamp at time zone ' || coalesce(quote_literal(one_zone), 'o.timezone')
                end) else '' end,
            case when wants_team then yardstick_engine.member_join_text('teams', 't', 'team_id', 'raw.team_key', team_type) else '' end
                || case when wants_user then yardstick_engine.member_join_text('users', 'u', 'user_id', 'raw.user_key', user_type) else '' end
        ),
        yardstick_engine.cells_text(
            coalesce(masked.rows_name, 'located'), by_key, by_place, wants_team, wants_user,
            coalesce(masked.aggregates_text, texts.aggregates_text), coalesce(masked.columns_text, texts.columns_text),
            case when masked.states_text is null then dirty_text else '' end, having_text
        ),
        yardstick_engine.places_text(department_type, has_departments), -- 15
        yardstick_engine.scan_measures_text(scan_statement.source_id, scan_statement.measure_ids, by_key),
        coalesce(masked.states_text, yardstick_engine.measure_states_text(
            scan_statement.measure_ids, by_key, by_place, is_detail, wants_team or wants_user, has_lists,
            case
                when not (is_detail or has_lists) and cardinality(texts.counted || texts.valued) > 8
                    then yardstick_engine.unpacked_cells_text(texts.counted, texts.valued, by_place)
                else format(
                    'cells as c cross join lateral (values %s) as v (combo, row_count, %s)', texts.combos_text,
                    case when is_detail then 'first_pair, last_pair, value_list, key_list, is_estimated' else 'value_sum, value_min, value_max' end
                        || case when has_lists then ', value_list' else '' end
                )
            end
        )),
        yardstick_engine.store_states_text(
            scan_statement.only_dirty, scan_statement.is_new, is_detail, has_lists, by_place, scan_statement.by_cells
        ),
        coalesce(masked.tables_text, ''),
        case when scan_statement.by_index then yardstick_engine.cell_lookups_text(has_instants) else '' end, -- 20
        case when scan_statement.by_index then 'd.organization_id as cell_organization_id, d.local_date as cell_date, ' else '' end,
        case when scan_statement.by_index then 'looked_up as d cross join lateral ' else '' end
    );
end
$scan_statement$;

comment on function yardstick_engine.scan_statement(uuid, uuid[], boolean, boolean, boolean, boolean, boolean, boolean) is
'Text of the one statement that reads a source and writes the day states of the given measures: for a range of local dates, or only for the dirty cells in it. is_new: no state of these measures is stored yet. is_exact: sums of whole numbers may be beyond a bigint; without it they raise numeric_value_out_of_range there. is_keyed: each changed cell is of one key; by_cells: they are few besides, and their states are looked up; by_index: so are their rows.';
