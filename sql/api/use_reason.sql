create or replace function yardstick_api.use_reason(reason text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $use_reason$
begin
    if coalesce(btrim(use_reason.reason), '') = '' then
        raise exception using errcode = 'YS001', message = 'reason: is required; say why the changes that follow are made';
    end if;
    if length(use_reason.reason) > 2000 then
        raise exception using errcode = 'YS006', message = 'reason: is too long; 2000 characters are kept';
    end if;
    perform set_config(
        'yardstick.reason', extract(epoch from transaction_timestamp()) || '/' || btrim(use_reason.reason), true
    );
end
$use_reason$;

comment on function yardstick_api.use_reason(text) is
'Says why the changes of the rest of this transaction are made, for the audit. YS001: it is empty. YS006: it is too long.';

grant execute on function yardstick_api.use_reason(text) to yardstick_app, yardstick_dba, yardstick_worker;
