-- What one organization wrote is evaluated on its own rows only: an error on another's row would tell what stands there. A value is
-- looked at only where the condition holds, as everywhere in SQL, and is null elsewhere: then the condition need not be evaluated for
-- itself. NaN and infinities are no numbers to add up: such a row counts as having no value.
create or replace function yardstick_engine.combination_texts(
    source_id   uuid,
    measure_ids uuid[],
    by_key      boolean,
    is_detail   boolean,
    is_exact    boolean,
    out raw_text        text,
    out aggregates_text text,
    out columns_text    text,
    out combos_text     text,
    out counted         integer[],
    out valued          integer[]
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $combination_texts$
    with

    guarded as (

        select
            c.*,
            case when s.organization_column is not null
                then yardstick_engine.owners_text(c.organization_ids, 'source."$organization"') end as guard_text,
            case when s.organization_column is not null and c.kept_organization_ids is distinct from c.organization_ids
                then yardstick_engine.owners_text(c.kept_organization_ids, 'l.organization_key') end as keeper_text
        from yardstick.metric_sources as s
        cross join lateral yardstick_engine.scan_combinations(s.id, combination_texts.measure_ids, combination_texts.by_key) as c
        where s.id = combination_texts.source_id

    ),

    told as (

        select
            g.*,
            -- Read twice, which of a column costs nothing. NaN is above infinity; a declared scale knows no infinity.
            case
                when g.state_kind in ('distinct', 'registers') then format('(%s)', g.expression)
                when g.units is not null then format('nullif(%s * %s, ''NaN'')::bigint', g.expression, g.units)
                when g.is_numeric then format('case when %1$s < ''Infinity'' and %1$s > ''-Infinity'' then %1$s end', g.expression)
                else format('case when (%1$s)::numeric not in (''NaN'', ''Infinity'', ''-Infinity'') then (%1$s)::numeric end', g.expression)
            end as value_text,
            concat_ws(' and ', g.guard_text, '(' || g.filter || ')') as condition_text,
            g.filter is not null and (combination_texts.is_detail or g.expression is null or g.integer_text is not null) as has_filter,
            case when g.units is not null then ' * ' || round(1 / g.units::numeric, length(g.units) - 1) else '' end as unit_text
        from guarded as g

    ),

    written as (

        select
            t.number,
            t.expression,
            case when t.has_filter then
                format(case when t.guard_text is null then ', (%2$s) as f%3$s' else ', case when %1$s then (%2$s) end as f%3$s' end, t.guard_text, t.filter, t.number)
            else '' end
                || case
                    when t.expression is null then ''
                    when t.integer_text is not null then format(', %s as v%s', t.integer_text, t.number)
                    when t.condition_text <> '' then format(', case when %s then %s end as v%s', t.condition_text, t.value_text, t.number)
                    else format(', %s as v%s', t.value_text, t.number)
                end as raw_text,
            case
                when combination_texts.is_detail
                    then yardstick_engine.detail_aggregates_text(t.state_kind, t.number, t.filter is not null)
                else yardstick_engine.sum_aggregates_text(
                    t.number, t.expression is not null,
                    case when t.filter is null then '' when t.has_filter then format(' filter (where l.f%s)', t.number)
                        else format(' filter (where l.v%s is not null)', t.number) end,
                    t.unit_text, (t.units is not null or t.is_bigint) and not combination_texts.is_exact
                )
            end || case when t.is_kept then format(
                ', yardstick_engine.list_of(l.v%1$s) filter (where l.v%1$s is not null%2$s%3$s%4$s) as list%1$s',
                t.number,
                case when t.has_filter then format(' and l.f%s', t.number) else '' end,
                case when combination_texts.by_key then format(' and l.measure_key = any(%L::text[])', t.kept_keys) else '' end,
                ' and ' || t.keeper_text
            ) else '' end as aggregates_text,
            case
                when combination_texts.is_detail then format(', k.n%1$s, k.first%1$s, k.last%1$s, k.list%1$s, k.keys%1$s', t.number)
                when t.units is null then format(', k.n%1$s, k.s%1$s, k.lo%1$s, k.hi%1$s', t.number)
                -- One value is its own sum, which most cells are.
                else format(
                    ', k.n%1$s, k.s%1$s, case when k.n%1$s = 1 then k.s%1$s else k.lo%1$s%2$s end as lo%1$s, case when k.n%1$s = 1 then k.s%1$s else k.hi%1$s%2$s end as hi%1$s',
                    t.number, t.unit_text
                )
            end || case when t.is_kept
                then yardstick_engine.kept_list_text(t.number, t.units is not null or t.integer_text is not null, t.unit_text) else '' end as columns_text,
            format(
                case when combination_texts.is_detail then '(%1$s, c.n%1$s, c.first%1$s, c.last%1$s, c.list%1$s, c.keys%1$s, %2$s)'
                    else '(%1$s, c.n%1$s, c.s%1$s, c.lo%1$s, c.hi%1$s%3$s)' end,
                t.number, (t.state_kind in ('digest', 'registers'))::text,
                case when t.is_kept then format(', c.list%s', t.number) when bool_or(t.is_kept) over () then ', null' else '' end
            ) as combo_text
        from told as t

    )

    select
        coalesce(string_agg(w.raw_text, '' order by w.number), ''),
        coalesce(string_agg(w.aggregates_text, '' order by w.number), ''),
        coalesce(string_agg(w.columns_text, '' order by w.number), ''),
        coalesce(string_agg(w.combo_text, ', ' order by w.number), ''),
        coalesce(array_agg(w.number order by w.number) filter (where w.expression is null), '{}'),
        coalesce(array_agg(w.number order by w.number) filter (where w.expression is not null), '{}')
    from written as w
$combination_texts$;

comment on function yardstick_engine.combination_texts(uuid, uuid[], boolean, boolean, boolean) is
'What a scan says of each distinct filter and expression of its measures, one after the other: columns of raw (f its condition, v its value), the aggregates of these in cells, the columns that cells show of them, and a row of each for the cells'' VALUES; counted: numbers of those that only count rows, valued: of the others. is_detail: states are ends, lists and keys, not sums. is_exact: sums may be beyond a bigint.';
