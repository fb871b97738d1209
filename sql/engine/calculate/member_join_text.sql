create or replace function yardstick_engine.member_join_text(
    table_name  text,
    alias       text,
    id_name     text,
    key_text    text
)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $member_join_text$
    select format(
        $text$left join (
        select m.organization_id, m.id as %3$I, m.id::text as member_key from yardstick.%1$I as m
        union
        select m.organization_id, m.id, m.external_id from yardstick.%1$I as m where m.external_id is not null
    ) as %2$I on %2$I.organization_id = o.organization_id and %2$I.member_key = %4$s
    $text$,
        member_join_text.table_name, member_join_text.alias, member_join_text.id_name, member_join_text.key_text
    )
$member_join_text$;

comment on function yardstick_engine.member_join_text(text, text, text, text) is
'Text of the join that finds a row''s department, team or user within its organization, by our uuid or the host''s id.';
