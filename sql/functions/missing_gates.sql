create or replace function yardstick.missing_gates(version yardstick.metric_definition_versions)
returns text[]
language sql
stable
set search_path = pg_catalog, pg_temp
as $missing_gates$
    select array(
        select g.gate
        from unnest(yardstick.required_gates((missing_gates.version).organization_id)) with ordinality as g (gate, place)
        where not exists (
            select from yardstick.metric_approvals as a
            where
                a.metric_id = (missing_gates.version).metric_id
                and a.version = (missing_gates.version).version
                and a.gate = g.gate
                and a.content_hash = (missing_gates.version).content_hash
        )
        order by g.place
    )
$missing_gates$;

comment on function yardstick.missing_gates(yardstick.metric_definition_versions) is
'Gates that a version still needs; empty: it may serve.';
grant execute on function yardstick.missing_gates(yardstick.metric_definition_versions) to yardstick_engine_role;
