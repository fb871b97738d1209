create or replace function yardstick_engine.wanted_keys(source_id uuid, measure_ids uuid[])
returns text[]
language sql
stable
set search_path = pg_catalog, pg_temp
as $wanted_keys$
    select w.keys
    from (
        select array_agg(distinct m.measure_key order by m.measure_key) as keys, bool_and(m.measure_key is not null) as are_keyed
        from yardstick.metric_measures as m
        where m.id = any(wanted_keys.measure_ids)
    ) as w
    -- Looking for a key costs each row something; where most rows are wanted, it gains nothing.
    where w.are_keyed and cardinality(w.keys) * 2 < (
        select count(distinct m.measure_key) from yardstick.metric_measures as m where m.source_id = wanted_keys.source_id
    )
$wanted_keys$;

comment on function yardstick_engine.wanted_keys(uuid, uuid[]) is
'The keys whose rows alone a whole scan of these measures reads; null: rows of any key, for most are wanted.';
