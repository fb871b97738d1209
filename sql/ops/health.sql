-- Each check says what is wrong, or null; what to do stands in the text.
create or replace view yardstick_ops.health as
with

checks as (

    select
        'tenancy: row-level security is forced on every tenant table and partition' as check_name,
        (
            select string_agg(c.oid::regclass::text, ', ' order by c.relname)
            from pg_class as c
            where
                c.relnamespace = 'yardstick'::regnamespace
                and c.relkind in ('r', 'p')
                and not (c.relrowsecurity and c.relforcerowsecurity)
                and c.relname <> 'login_bindings'
                and exists (
                    select
                    from pg_attribute as a
                    where a.attrelid = c.oid and (a.attname = 'organization_id' or c.relname = 'organizations')
                )
        ) as problem

    union all

    select
        'tenancy: nobody but the owner has a right on a partition' as check_name,
        (
            select string_agg(distinct c.oid::regclass || ' (' || acl.grantee::regrole || ')', ', ')
            from pg_class as c
            cross join lateral aclexplode(c.relacl) as acl
            where
                c.relnamespace = 'yardstick'::regnamespace
                and c.relispartition
                and c.relkind in ('r', 'p')
                and acl.grantee <> c.relowner
        )

    union all

    select
        'tenancy: no role of the product passes by row-level security' as check_name,
        (
            select string_agg(r.rolname, ', ' order by r.rolname)
            from pg_roles as r
            where r.rolname like 'yardstick\_%' and (r.rolsuper or r.rolbypassrls)
        )

    union all

    select
        'tenancy: every bound or trusted login is sound' as check_name,
        (
            select string_agg(distinct l.login_name || ' ' || l.problem, '; ')
            from yardstick.list_logins() as l
            where l.problem is not null
        )

    union all

    select
        'code: nothing differs from what the last deploy loaded' as check_name,
        (
            select count(*) || ' objects: ' || left(string_agg(d.object_name, ', ' order by d.object_name), 300)
                || '; see yardstick_ops.drift, and deploy again'
            from yardstick_ops.drift as d
            having count(*) > 0
        )

    union all

    select
        'audit: every chain ends at its head' as check_name,
        (
            select string_agg(format('%s: %s', c.organization_id, c.problem), '; ') || '; read it all: yardstick audit verify'
            from yardstick_ops.chain_problems() as c
        )

    union all

    select
        'schema: no index is invalid' as check_name,
        (
            select string_agg(i.indexrelid::regclass::text, ', ')
            from pg_index as i
            inner join pg_class as c on c.oid = i.indrelid
            where c.relnamespace = 'yardstick'::regnamespace and not i.indisvalid
        )

    union all

    select
        'schema: next year has its partitions' as check_name,
        (
            select string_agg(distinct p.relname, ', ') || ': none for next year; the job that makes them has not run'
            from pg_class as p
            inner join pg_inherits as i on i.inhparent = p.oid
            where
                p.relnamespace = 'yardstick'::regnamespace
                and pg_get_partkeydef(p.oid) like 'RANGE%'
                and not exists (
                    select
                    from pg_class as c
                    where
                        c.relnamespace = p.relnamespace
                        and c.relname = p.relname || '_' || (extract(year from now()) + 1)::text
                )
        )

    union all

    select
        'time: the server knows the time zone of every organization' as check_name,
        (
            select string_agg(format('%s (%s)', o.organization_name, o.timezone), ', ')
            from yardstick.organizations as o
            where o.timezone not in (select z.name from pg_timezone_names as z)
        )

    union all

    select
        'jobs: the scheduler calls them' as check_name,
        (
            select
                case
                    when count(*) = 0 then 'no job is registered; deploy again'
                    -- The scheduler calls at full minutes: a deploy of this minute has had no call yet.
                    when max(j.last_started_at) is null and max(h.registered_at) > now() - interval '3 minutes' then null
                    when max(j.last_started_at) is null then 'no job has ever run; is pg_cron loaded and this database known to it?'
                    when greatest(max(j.last_started_at), max(h.registered_at)) < now() - interval '10 minutes'
                        then 'no job has run since ' || max(j.last_started_at) || '; is pg_cron running?'
                end
            from yardstick_ops.jobs as j
            left join yardstick.job_home as h on true
            where j.is_active
        )

    union all

    select
        'jobs: none failed in its last run' as check_name,
        (
            select string_agg(j.job_name || ': ' || coalesce(j.last_message, j.last_status), '; ')
            from yardstick_ops.jobs as j
            where j.last_status in ('failed', 'abandoned')
        )

    union all

    select
        'jobs: they are at home here' as check_name,
        (
            select format('registered for database "%s" of another cluster or name; deploy to take over', h.database_name)
            from yardstick.job_home as h
            where h.database_name <> current_database()
                or h.system_identifier <> (select s.system_identifier from pg_control_system() as s)
        )

    union all

    -- Any login can take any advisory lock: one that takes ours stops the jobs of every organization.
    select
        'jobs: no stranger holds their locks' as check_name,
        (
            select string_agg(distinct format(
                '%s (process %s) keeps jobs and deploys waiting; select pg_terminate_backend(%s)', a.usename, a.pid, a.pid
            ), '; ')
            from pg_locks as l
            inner join pg_database as b on b.oid = l.database and b.datname = current_database()
            inner join pg_stat_activity as a on a.pid = l.pid
            inner join pg_roles as r on r.oid = a.usesysid
            where
                l.locktype = 'advisory'
                and l.granted
                and case l.objsubid when 1 then l.objid else l.classid end::bigint between 7919001 and 7919007
                and not r.rolsuper
                and r.rolname <> 'yardstick_worker'
                and not pg_has_role(r.oid, 'yardstick_dba', 'member')
        )

    union all

    select
        'calculation: no stretch of a source keeps failing' as check_name,
        (
            select count(*) || ' stretches, last: ' || (array_agg(s.error_message order by s.attempt_count desc))[1]
            from yardstick.calculation_slices as s
            where s.attempt_count > 0
            having count(*) > 0
        )

    union all

    select
        'calculation: nothing has been queued for more than an hour' as check_name,
        (
            select count(*) || ' stretches, since ' || min(s.requested_at)
            from yardstick.calculation_slices as s
            where s.requested_at < now() - interval '1 hour'
            having count(*) > 0
        )

    union all

    select
        'calculation: no metric failed in its last calculation' as check_name,
        (
            select string_agg(format('%s: %s %s', d.metric_name, d.last_error_code, left(d.last_error, 200)), '; ')
            from yardstick.metric_definitions as d
            where d.last_error_code is not null and d.drifted_at is null and d.deleted_at is null
        )

    union all

    select
        'calculation: no metric is quarantined' as check_name,
        (
            select string_agg(format(
                '%s%s has failed %s times since %s and is not tried again: %s %s', d.metric_name, ' for ' || o.organization_name,
                f.failure_count, f.first_failed_at::date, f.error_code, left(f.error_message, 200)
            ), '; ' order by d.metric_name, o.organization_name)
            || '; mend the definition or the source, then define it again or call yardstick_api.refresh_metric(metric_name, from_time, to_time): either'
            || ' releases it'
            from yardstick.metric_failures as f
            inner join yardstick.metric_definitions as d on d.id = f.metric_id and d.deleted_at is null
            left join yardstick.organizations as o on o.id = f.organization_id
            where f.quarantined_at is not null
        ) as problem

    union all

    select
        'calculation: the newest values are no errors' as check_name,
        (
            select string_agg(format('%s: %s %s', e.metric_name, e.error_code, e.calculation_notes), '; ' order by e.metric_name)
            from yardstick_engine.error_values() as e
        ) as problem

    union all

    select
        'retention: what its rule lets go has gone' as check_name,
        (
            select format('%s metrics keep values longer than their retention_days; does the job retention run? See yardstick_ops.retention', count(*))
            from yardstick_engine.overdue_removals()
            having count(*) > 0
        )

    union all

    -- A trigger keeps it so; whoever switched the triggers off and on again shows here.
    select
        'governance: what serves is what was approved' as check_name,
        (
            select string_agg(format('%s says something else than its approved version %s', u.metric_name, u.version), '; ' order by u.metric_name)
            from yardstick_ops.unapproved_metrics() as u
        )

    union all

    select
        'sources: they offer the columns that metrics were defined over' as check_name,
        (
            select string_agg(format('%s has drifted: %s', d.metric_name, d.drift_reason), '; ' order by d.metric_name)
            from yardstick.metric_definitions as d
            where d.drifted_at is not null and d.deleted_at is null
        )

    union all

    select
        'sources: changes of captured tables are noted' as check_name,
        (
            select string_agg(c.problem || ' (its look-back is read again meanwhile, and all of it afterwards)', '; ' order by c.problem)
            from yardstick_engine.capture_states() as c
            where c.problem is not null
        )

    union all

    select
        'sources: noting changes has not failed within the hour' as check_name,
        (
            select string_agg(format('%s: %s statements, last %s %s', f.source_name, f.count, f.error_code, f.error_message), '; ' order by f.source_name)
            from (
                select
                    s.source_name, count(*) as count,
                    (array_agg(g.error_code order by g.added_at desc))[1] as error_code,
                    (array_agg(g.error_message order by g.added_at desc))[1] as error_message
                from yardstick.capture_gaps as g
                inner join yardstick.metric_sources as s on s.id = g.source_id
                where g.cause = 'failure' and g.added_at > now() - interval '1 hour'
                group by s.source_name
            ) as f
        )

    union all

    select
        'sources: every row belongs to a known organization and a possible time' as check_name,
        (
            select string_agg(format('%s: %s', u.source_name, u.problem), '; ' order by u.source_name)
            from yardstick_ops.unmatched_rows(now() - interval '30 days') as u
        )

    union all

    select
        'sources: none has kept organizations waiting for an hour' as check_name,
        (
            select string_agg(format('%s is locked: %s organizations wait since %s', w.source_name, w.count, w.since), '; ' order by w.source_name)
            from (
                select s.source_name, count(distinct r.organization_id) as count, min(r.refreshed_to) as since
                from yardstick.metric_refreshes as r
                inner join yardstick.metric_sources as s on s.id = r.source_id
                where r.refresh_frequency in ('calendar_locked', 'org_move_locked')
                group by s.source_name
                having min(r.refreshed_to) < now() - interval '1 hour'
            ) as w
        )

)

select
    checks.check_name,
    checks.problem is null as ok,
    coalesce(checks.problem, 'as it should be') as detail
from checks;

comment on view yardstick_ops.health is 'One row per check: whether it holds, and what is wrong where it does not.';
comment on column yardstick_ops.health.check_name is 'What should be so.';
comment on column yardstick_ops.health.ok is 'Whether it is.';
comment on column yardstick_ops.health.detail is 'What is wrong, and what to do.';

grant select on yardstick_ops.health to yardstick_dba, yardstick_worker;
