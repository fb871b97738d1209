-- as: deployer
-- One DELETE must not take the evidence along, and must not leave it without its definition: the facts have no foreign keys.
-- Definer, with the engine's rights: a platform-wide metric has evidence in every organization.
-- It goes organization by organization because the keys of the facts begin with it.
create or replace function yardstick.keep_evidence()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $keep_evidence$
declare
    has_evidence boolean;
begin
    if tg_table_name = 'metric_definitions' then
        has_evidence := exists (
            select
            from yardstick.organizations as o
            where
                exists (select from yardstick.metric_calculations as c where c.organization_id = o.id and c.metric_id = old.id)
                or exists (select from yardstick.metric_snapshots as s where s.organization_id = o.id and s.metric_id = old.id)
        );
    else
        has_evidence := exists (select from yardstick.metric_alert_history as h where h.alert_id = old.id);
    end if;
    if has_evidence then
        raise exception using
            errcode = 'YS007',
            message = format('%s %s has recorded results and cannot be deleted; retire it instead', tg_argv[0], old.id);
    end if;
    return old;
end
$keep_evidence$;

alter function yardstick.keep_evidence() owner to yardstick_engine_role;
revoke execute on function yardstick.keep_evidence() from public;
grant execute on function yardstick.keep_evidence() to yardstick_owner;

comment on function yardstick.keep_evidence() is
'Trigger (what it is): a metric with values or an alert with history is retired, never deleted.';
