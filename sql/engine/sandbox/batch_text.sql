-- A statement for each request, also for those that need not be run to be known to fail: every answer then has its place.
create or replace function yardstick_engine.batch_text(batch jsonb, broken jsonb)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $batch_text$
    select string_agg(
        case
            when f.failure is not null then format(
                'select null::text, null::text, null::numeric, null::bigint, %L::text, %L::text', f.failure ->> 0, f.failure ->> 1
            )
            when r.request ->> 'statement' is null then format(
                'select null::text, null::text, null::numeric, null::bigint, %L::text, %L::text',
                'YS003', 'the function is not registered, or not active any more'
            )
            else r.request ->> 'statement'
        end,
        '; ' order by r.place
    )
    from jsonb_array_elements(batch_text.batch) with ordinality as r (request, place)
    left join lateral (
        select b.value as failure
        from jsonb_each(batch_text.broken) as b
        where (r.request -> 'source_ids') ? b.key
        order by b.key
        limit 1
    ) as f on true
$batch_text$;

comment on function yardstick_engine.batch_text(jsonb, jsonb) is
'Statements for a batch of request_list, each giving the rows of its request, or the error of a source that cannot be read.';
