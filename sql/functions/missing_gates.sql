create or replace function yardstick.missing_gates(organization_id uuid, metric_id uuid, version integer, content_hash text)
returns text[]
language sql
stable
set search_path = pg_catalog, pg_temp
as $missing_gates$
    select array(
        select g.gate
        from unnest(yardstick.required_gates(missing_gates.organization_id)) with ordinality as g (gate, place)
        where not exists (
            select from yardstick.metric_approvals as a
            where
                a.metric_id = missing_gates.metric_id
                and a.version = missing_gates.version
                and a.gate = g.gate
                and a.content_hash = missing_gates.content_hash
        )
        order by g.place
    )
$missing_gates$;

comment on function yardstick.missing_gates(uuid, uuid, integer, text) is
'Gates that a version still needs; empty: it may serve.';
grant execute on function yardstick.missing_gates(uuid, uuid, integer, text) to yardstick_engine_role;
