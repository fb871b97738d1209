-- Volatile, so that nobody calls it but the row that needs it.
create or replace function yardstick_engine.refuse_sketch(method text)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $refuse_sketch$
begin
    raise exception using
        errcode = 'YS008',
        message = format(
            'the extension %1$s is gone, with which days of this metric were estimated: create extension %1$s again, '
            'or have the metric read again with refresh_metric, which makes it exact', refuse_sketch.method
        );
end
$refuse_sketch$;

comment on function yardstick_engine.refuse_sketch(text) is
'Raises YS008: a stored estimate cannot be read without the extension that made it.';
