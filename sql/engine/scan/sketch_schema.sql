-- The extensions are optional and may stand in any schema: texts that call them begin with this. A t-digest is put together again from
-- centroids, which versions of tdigest before 1.4 cannot.
create or replace function yardstick_engine.sketch_schema(method text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $sketch_schema$
    select quote_ident(n.nspname)
    from pg_extension as e
    inner join pg_namespace as n on e.extnamespace = n.oid
    where
        e.extname = sketch_schema.method and e.extname in ('tdigest', 'hll')
        and has_schema_privilege('yardstick_engine_role', n.oid, 'usage')
        and exists (
            select
            from pg_proc as p
            where p.pronamespace = n.oid and p.prokind = 'a'
                and (p.proname, p.pronargs) = (case sketch_schema.method when 'tdigest' then 'tdigest' else 'hll_add_agg' end, case sketch_schema.method when 'tdigest' then 3 else 5 end)
        )
$sketch_schema$;

comment on function yardstick_engine.sketch_schema(text) is
'Quoted name of the schema of the extension (tdigest or hll) that estimates are made with; null: it is not there, or cannot be used.';
