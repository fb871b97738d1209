-- The text is the loader's own: what it recorded can only be compared with what is read in the same way.
create or replace function yardstick_ops.live_objects()
returns table (
    room     text,
    name     text,
    kind     text,
    identity text,
    version  text,
    state    text
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $live_objects$
begin
    return query execute
    'select l.room::text, l.name, l.kind, l.identity, l.version, l.state from ('
    || replace(
        $live$
# include: runner/live.sql
$live$,
        '%(rooms)s',
        quote_literal('{yardstick, yardstick_engine, yardstick_stats, yardstick_api, yardstick_bi, yardstick_ops}') || '::name[]'
    )
    || ') as l';
end
$live_objects$;

comment on function yardstick_ops.live_objects() is
'Every object of the rooms as it stands in the catalog, with everything a file says about it.';

grant execute on function yardstick_ops.live_objects() to yardstick_dba, yardstick_worker;
