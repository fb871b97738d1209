-- One row for thousands of values, and nobody waits for anybody: it has no key.
create or replace function yardstick_engine.note_values(organization_ids uuid[])
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $note_values$
    insert into yardstick.value_changes (organization_ids)
    select array_agg(distinct u.organization_id)
    from unnest(note_values.organization_ids) as u (organization_id)
    having count(*) > 0
$note_values$;

comment on function yardstick_engine.note_values(uuid[]) is
'Notes that values of organizations were written, for the job that takes snapshots.';
