begin;
set local search_path = pg_catalog, public;
select plan(8);

create temporary view routines as
select
    p.oid, p.oid::regprocedure as name, p.prokind, p.prosecdef, p.prosrc, p.prosqlbody is not null as is_parsed, n.nspname as room,
    exists (select from pg_language as l where l.oid = p.prolang and l.lanname = 'plpython3u') and p.prosrc !~ '\mplpy\M' as asks_nothing,
    (select substring(s.setting from '^search_path=(.*)$') from unnest(p.proconfig) as s (setting) where s.setting like 'search_path=%') as path
from pg_proc as p
inner join pg_namespace as n on p.pronamespace = n.oid
where n.nspname like 'yardstick%';

-- Procedures that COMMIT can have no SET; what resolves formulas finds our division before the server's; the names
-- in a parsed body (begin atomic, return) were resolved when it was made, and a SET would keep it from being inlined; Python
-- that asks the server nothing looks no name up. An aggregate takes no SET and has no text: its functions were resolved when it was made.
prepare unpinned as
select r.name, r.path
from routines as r
where
    r.path is distinct from 'pg_catalog, pg_temp'
    and r.prokind <> 'a'
    and not (r.is_parsed and not r.prosecdef and r.path is null)
    and not (r.asks_nothing and not r.prosecdef and r.path is null)
    and not (r.prokind = 'p' and not r.prosecdef and r.prosrc ~* '\mcommit\M' and r.path is null)
    and not (
        r.path ~ '^yardstick_\w+, pg_catalog, pg_temp$'
        and exists (
            select
            from pg_operator as o
            where o.oprname = '/' and o.oprnamespace::regnamespace::text = split_part(r.path, ',', 1)
        )
    );

prepare open_definers as
select r.name from routines as r where r.prosecdef and r.path is null;

select is_empty('unpinned', 'every routine has search_path = pg_catalog, pg_temp');
select is_empty('open_definers', 'every definer has a search_path of its own');

create function yardstick_engine.astray() returns integer language sql security definer as 'select 1';
select isnt_empty('unpinned', 'notices a routine without search_path');
select isnt_empty('open_definers', 'notices a definer without search_path');
alter function yardstick_engine.astray() set search_path = '';
select isnt_empty('unpinned', 'notices an empty search_path, which looks at pg_temp first');
alter function yardstick_engine.astray() set search_path = pg_catalog, pg_temp;
select is_empty('unpinned', 'is content with the right one');

create function yardstick_engine.counting() returns integer language plpython3u as 'return 1';
select is_empty('unpinned', 'is content with Python that asks nothing');
create or replace function yardstick_engine.counting() returns integer language plpython3u as 'return plpy.execute("select 1")[0]["?column?"]';
select isnt_empty('unpinned', 'notices Python that asks the server without search_path');

select * from finish();
rollback;
