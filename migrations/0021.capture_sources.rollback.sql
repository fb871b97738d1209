-- Takes the triggers off the host's tables: their sources are read by look-back or watermark again.
-- depends: 0020.note_costs
do $$
declare
    held record;
begin
    for held in
        select t.tgname, t.tgrelid::regclass as relation
        from pg_trigger as t
        where t.tgfoid = to_regproc('yardstick.capture_source') and t.tgparentid = 0
    loop
        execute format('drop trigger %I on %s', held.tgname, held.relation);
    end loop;
end $$;
drop function if exists yardstick.capture_source();

set local role yardstick_engine_role;
update yardstick.metric_sources as s
set capture = false
where s.capture and s.relation not like 'yardstick.%';

set local role yardstick_owner;
drop table yardstick.capture_gaps;
drop index yardstick.metric_sources_relation_idx;
alter table yardstick.metric_sources drop column capture_mark;
