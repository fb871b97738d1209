-- as: deployer
-- work_mem does not limit what a function builds in memory, and without a limit the kernel ends every session of the cluster.
-- With it the statement fails with 53200 and the server lives. It cannot be raised again by the process.
create or replace function yardstick_engine.limit_memory(megabytes integer)
returns void
language plpython3u
volatile
set search_path = pg_catalog, pg_temp
as $limit_memory$
import resource

with open("/proc/self/statm") as statm:
    used = int(statm.read().split()[0]) * resource.getpagesize()
limit = used + megabytes * 2**20
hard = resource.getrlimit(resource.RLIMIT_AS)[1]
if hard != resource.RLIM_INFINITY:
    limit = min(limit, hard)
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
$limit_memory$;

comment on function yardstick_engine.limit_memory(integer) is
'Keeps this session''s process, for good, from taking more than so many megabytes above what it has now.';

alter function yardstick_engine.limit_memory(integer) owner to yardstick_engine_role;
revoke execute on function yardstick_engine.limit_memory(integer) from public;
grant execute on function yardstick_engine.limit_memory(integer) to yardstick_formula_login;
