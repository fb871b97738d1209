-- Out of arrays, which are taken to be short: of the members themselves the planner does not know how many share a key, and would hash
-- the rows of the source instead of them.
create or replace function yardstick_engine.member_join_text(
    table_name  text,
    alias       text,
    id_name     text,
    key_text    text,
    column_type text
)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $member_join_text$
    select format(
        $text$left join (
        select unnest(k.organization_ids) as organization_id, unnest(k.ids) as %3$I, unnest(k.member_keys) as member_key
        from (
            select array_agg(u.organization_id) as organization_ids, array_agg(u.id) as ids, array_agg(u.member_key) as member_keys
            from (
                select m.organization_id, m.id, %5$s as member_key from yardstick.%1$I as m
                union
                select m.organization_id, m.id, %6$s from yardstick.%1$I as m where m.external_id is not null
            ) as u
        ) as k
    ) as %2$I on %2$I.organization_id = o.organization_id and %2$I.member_key = %4$s
    $text$,
        member_join_text.table_name, member_join_text.alias, member_join_text.id_name, member_join_text.key_text,
        case member_join_text.column_type when 'uuid' then 'm.id' else 'm.id::text' end, -- 5
        case member_join_text.column_type
            when 'uuid' then 'case when m.external_id ~* ''^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$'' then m.external_id::uuid end'
            else 'm.external_id' end
    )
$member_join_text$;

comment on function yardstick_engine.member_join_text(text, text, text, text, text) is
'Text of the join that finds a row''s team or user within its organization, by our uuid or the host''s id; uuids are compared as such.';
