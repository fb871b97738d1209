-- Pairs of (seconds, value) compare by time first and by value where times are equal: the first has the smallest, the last the
-- largest value of its moment. Lists are sorted afterwards, cell by cell: one ordered aggregate makes the whole GROUP BY a sort.
create or replace function yardstick_engine.detail_aggregates_text(
    state_kind  text,
    combo_no    bigint,
    is_filtered boolean
)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $detail_aggregates_text$
    select format(
        ', count(l.v%1$s)%2$s as n%1$s, %3$s as first%1$s, %4$s as last%1$s, %5$s as list%1$s, %6$s as keys%1$s',
        detail_aggregates_text.combo_no,
        case when detail_aggregates_text.is_filtered then format(' filter (where l.f%s)', detail_aggregates_text.combo_no) else '' end,
        case when detail_aggregates_text.state_kind = 'ends' then format(a.ends_text, 'min') else 'null::numeric[]' end,
        case when detail_aggregates_text.state_kind = 'ends' then format(a.ends_text, 'max') else 'null::numeric[]' end,
        case when detail_aggregates_text.state_kind in ('list', 'digest')
            then format('yardstick_engine.list_of(l.v%1$s)%2$s', detail_aggregates_text.combo_no, a.filter_text) else 'null::numeric[]' end,
        case when detail_aggregates_text.state_kind in ('distinct', 'registers')
            then format('array_agg(distinct md5(l.v%1$s)::uuid)%2$s', detail_aggregates_text.combo_no, a.filter_text) else 'null::uuid[]' end
    )
    from (
        select
            f.filter_text,
            format('%%s(array[l.happened_seconds, l.v%s])%s', detail_aggregates_text.combo_no, f.filter_text) as ends_text
        from (
            select format(
                ' filter (where %sl.v%s is not null)',
                case when detail_aggregates_text.is_filtered then format('l.f%s and ', detail_aggregates_text.combo_no) else '' end,
                detail_aggregates_text.combo_no
            ) as filter_text
        ) as f
    ) as a
$detail_aggregates_text$;

comment on function yardstick_engine.detail_aggregates_text(text, bigint, boolean) is
'Text of the aggregates of a scan that keep the ends, the list or the keys of one filter and expression (f and v of that number).';
