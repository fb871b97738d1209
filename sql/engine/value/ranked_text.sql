-- All scopes of a metric and period are valued together, so that each can be ranked among its level; one bigint for all that peers share
-- costs one comparison. Another holds the whole key order, so that one sort by one number serves the previous value and the insert. Only
-- what cannot be looked up again goes through the two sorts.
create or replace function yardstick_engine.ranked_text(
    metric_ids  uuid[],
    period_type integer,
    has_rows    boolean
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $ranked_text$
    select format(
        $text$ranked as not materialized (
    select
        k.row_no, k.sample_size, k.metric_value, k.finding, k.note, k.confidence_interval,
        case
            when k.metric_value is not null and count(*) over peers > 1
                then ((200 * (rank() over peers - 1) + count(*) over peers - 1) / (2 * (count(*) over peers - 1)))::integer
        end as percentile_rank
    from (
        select
            (s.organization_no << 49) | (j.metric_no << 41) | (j.scope_no << 19) | (j.period_no & 524287) as row_no,
            (s.organization_no << 49) | (j.metric_no << 41) | ((j.period_no & 524287) << 3)
            | (case s.aggregation_level when 'org' then 0 when 'dept' then 2 when 'team' then 4 else 6 end)
            | (case when j.metric_value is null then 1 else 0 end) as peers_no,
            j.sample_size, j.metric_value, j.finding, j.note, j.confidence_interval
        from %1$s as j
        inner join scope as s on s.scope_no = j.scope_no%2$s
    ) as k
    -- One window for both: the frame is all peers, and a rank does not look at frames.
    window peers as (partition by k.peers_no order by k.metric_value rows between unbounded preceding and unbounded following)
),
ordered as not materialized (
    select
        k.*,
        lag(k.metric_value) over w as value_before,
        coalesce(lag(k.row_no) over w = k.row_no - 1, false) as follows
    from ranked as k
    window w as (order by k.row_no)
),
$text$,
        case when ranked_text.has_rows then 'judged_or_gone' else 'judged' end,
        yardstick_engine.kept_text(ranked_text.metric_ids, ranked_text.period_type)
    )
$ranked_text$;

comment on function yardstick_engine.ranked_text(uuid[], integer, boolean) is
'Text of the CTEs that rank judged values among their peers, and put them in the order of their key beside the value of the period before. has_rows: those whose data is gone are among them.';
