-- Run when it is loaded: a server whose answers are not understood must not accept expressions by accident.
create or replace function yardstick_engine.probe_self_test()
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $probe_self_test$
declare
    fragment  text;
    is_closed boolean;
begin
    if yardstick_engine.probe_expression(
        'self-test', 'number', 'case when upper(status) = ''A'' then 100.0 * amount / parts end',
        array['status', 'amount', 'parts'], array['text', 'numeric', 'integer']
    ) !~ 'upper\(source\.status\).*\(100\.0 \* source\.amount\) OPERATOR\(yardstick_engine\./\) \(source\.parts\)::numeric' then
        raise exception using errcode = 'YS002', message = 'the check of expressions does not understand this server';
    end if;
    foreach fragment in array array['(select 1)', 'pg_backend_pid()', '''pg_class''::regclass::oid::int', 'count(*)', '1) as a, (2'] loop
        is_closed := false;
        begin
            perform yardstick_engine.probe_expression('self-test', 'number', fragment, array['status'], array['text']);
        exception when sqlstate 'YS002' then
            is_closed := true;
        end;
        if not is_closed then
            raise exception using errcode = 'YS002', message = format('the check of expressions let %s through', fragment);
        end if;
    end loop;
    return true;
end
$probe_self_test$;

comment on function yardstick_engine.probe_self_test() is
'True when the check of expressions accepts what it must and refuses what it must; raises YS002 otherwise.';

do $self_test$
begin
    perform yardstick_engine.probe_self_test();
end
$self_test$;
