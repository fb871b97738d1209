-- Eighteen months that end at as_of. Chance is a hash of department, day and slot, so the same as_of gives
-- the same rows everywhere. The stories that a reader should find:
--   Packaging (Nordwerk) closes ever fewer CAPAs in time; Line A and Line B (Lakeside) have ever fewer
--   deviations; Fill and Finish (Harbour) has three bad weeks now; the Laboratory's (Harbour) trainings of
--   four months ago were never recorded; the yield feed of Filling (Nordwerk) stopped nine days ago.
create or replace function quality.generate(as_of timestamptz)
returns void
language sql
as $generate$

insert into quality.capas (
    organization_id, department_id, team_id, owner_id, severity, opened_at, due_at, closed_at, is_effective
)
with

openings as (

    select
        slot.*,
        case when slot.dice < 0.15 then 'critical' when slot.dice < 0.6 then 'major' else 'minor' end as severity,
        case when slot.dice < 0.15 then 14 when slot.dice < 0.6 then 30 else 45 end as allowed_days,
        case
            when slot.department_id = 1112 then 0.93 - greatest(0, 1 - slot.days_ago / 240.0)
            else 0.93 - 0.06 * quality.noise('punctuality' || slot.department_id)
        end as punctuality
    from quality.slots('capa', 3, 0.35, generate.as_of) as slot

),

closings as (

    select
        openings.*,
        openings.happened_at + openings.allowed_days * case
            when quality.noise('capa late' || openings.seed) < openings.punctuality
                then 0.3 + 0.68 * quality.noise('capa speed' || openings.seed)
            else 1.05 + 0.6 * quality.noise('capa speed' || openings.seed)
        end * interval '1 day' as closed_at
    from openings

)

select
    closings.organization_id,
    closings.department_id,
    closings.team_id,
    closings.user_id,
    closings.severity,
    closings.happened_at,
    closings.happened_at + closings.allowed_days * interval '1 day',
    case when closings.closed_at <= generate.as_of then date_trunc('second', closings.closed_at) end,
    case when closings.closed_at <= generate.as_of then quality.noise('effective' || closings.seed) < 0.9 end
from closings
order by closings.happened_at, closings.seed;

insert into quality.deviations (
    organization_id, department_id, team_id, reported_by, severity, occurred_at, is_repeat, cost, is_deleted
)
select
    slot.organization_id,
    slot.department_id,
    slot.team_id,
    slot.user_id,
    case when slot.dice < 0.07 then 'critical' when slot.dice < 0.35 then 'major' else 'minor' end,
    slot.happened_at,
    quality.noise('repeat' || slot.seed) < 0.18,
    case
        when slot.days_ago > 6 or slot.dice > 0.5
            then round((80 + 900 * power(quality.noise('cost' || slot.seed), 4) / greatest(slot.dice, 0.05))::numeric, 2)
    end,
    quality.noise('deleted' || slot.seed) < 0.02
from quality.slots('deviation', 9, 0.55, generate.as_of) as slot
where
    case
        when slot.department_id in (2111, 2112)
            then quality.noise('kept' || slot.seed) < 0.3 + 0.7 * slot.days_ago / 548.0
        -- Nine slots a day are tried for everybody; here they are nearly all taken for three weeks.
        when slot.department_id = 3130 and slot.days_ago <= 21 then true
        else slot.number <= 5
    end
order by slot.happened_at, slot.seed;

insert into quality.trainings (organization_id, department_id, team_id, user_id, course, due_at, completed_at, score)
with

dues as (

    select
        u.organization_id,
        u.department_id,
        u.team_id,
        u.id as user_id,
        o.timezone,
        u.id || ' ' || day.day::text as seed,
        day.day::timestamp + interval '17 hours' as due_at
    from quality.users as u
    inner join quality.organizations as o on u.organization_id = o.id
    cross join lateral (
        select (generate.as_of at time zone o.timezone)::date - days_ago as day
        from generate_series(1, 548) as days_ago
    ) as day
    where
        extract(isodow from day.day) < 6
        and quality.noise('training' || u.id || day.day::text) < 0.06

),

completions as (

    select
        dues.*,
        case
            when
                dues.department_id = 3210
                and date_trunc('month', dues.due_at)
                = date_trunc('month', generate.as_of at time zone dues.timezone) - interval '4 months'
                then null
            when quality.noise('completed' || dues.seed) < 0.93
                then dues.due_at - 12 * quality.noise('early' || dues.seed) * interval '1 day'
            when quality.noise('completed' || dues.seed) < 0.98
                then dues.due_at + 15 * quality.noise('late' || dues.seed) * interval '1 day'
        end as completed_at
    from dues

)

select
    completions.organization_id,
    completions.department_id,
    completions.team_id,
    completions.user_id,
    (array['GMP basics', 'Data integrity', 'Safety', 'Change control', 'Gowning'])[
        1 + floor(5 * quality.noise('course' || completions.seed))::integer
    ],
    completions.due_at at time zone completions.timezone,
    date_trunc('second', completions.completed_at at time zone completions.timezone),
    case
        when completions.completed_at is not null
            then round((100 - 35 * power(quality.noise('score' || completions.seed), 2))::numeric, 1)
    end
from completions
order by completions.due_at, completions.seed;

insert into quality.documents (organization_id, department_id, owner_id, kind, submitted_at, approved_at)
with

submissions as (

    select
        slot.*,
        slot.happened_at
        + (1 + 16 * quality.noise('review' || slot.seed) * slot.activity) * interval '1 day' as approved_at
    from quality.slots('document', 2, 0.2, generate.as_of) as slot

)

select
    submissions.organization_id,
    submissions.department_id,
    submissions.user_id,
    case when submissions.dice < 0.5 then 'procedure' when submissions.dice < 0.85 then 'instruction' else 'policy' end,
    submissions.happened_at,
    case when submissions.approved_at <= generate.as_of then date_trunc('second', submissions.approved_at) end
from submissions
order by submissions.happened_at, submissions.seed;

insert into quality.audits (
    organization_id, department_id, audit_type, held_at, major_findings, minor_findings, score
)
select
    slot.organization_id,
    -- Every sixth audit looks at the whole organization.
    case when slot.dice > 0.17 then slot.department_id end,
    case when slot.dice <= 0.17 then 'authority' when slot.dice < 0.8 then 'internal' else 'supplier' end,
    slot.happened_at,
    floor(3 * power(quality.noise('major' || slot.seed), 3))::integer,
    floor(8 * quality.noise('minor' || slot.seed))::integer,
    round((97 - 22 * power(quality.noise('audit score' || slot.seed), 2))::numeric, 1)
from quality.slots('audit', 1, 0.03, generate.as_of) as slot
order by slot.happened_at, slot.seed;

insert into quality.readings (id, organization_id, department_id, metric_name, measured_at, value)
select
    md5('yield' || d.id || day.day::text)::uuid,
    o.id,
    d.id,
    'first_pass_yield',
    (day.day::timestamp + interval '18 hours') at time zone o.timezone,
    round((99.4 - 2.2 * power(quality.noise('yield' || d.id || day.day::text), 2))::numeric, 2)
from quality.departments as d
inner join quality.organizations as o on d.organization_id = o.id
cross join lateral (
    select (generate.as_of at time zone o.timezone)::date - days_ago as day, days_ago
    from generate_series(1, 548) as days_ago
) as day
where
    d.id in (1111, 1112, 2111, 2112, 3110, 3120, 3130)
    and not (d.id = 1111 and day.days_ago < 9);

insert into quality.readings (id, organization_id, department_id, metric_name, measured_at, value)
select
    md5('humidity' || d.id || day.day::text || hour.hour)::uuid,
    o.id,
    d.id,
    'cleanroom_humidity',
    (day.day::timestamp + hour.hour * interval '1 hour') at time zone o.timezone,
    round((
        50 + case o.id when 3 then -6 else 6 end * sin(2 * pi() * (extract(doy from day.day)::float8 - 100) / 365.0)
        + 8 * (quality.noise('humidity' || d.id || day.day::text || hour.hour) - 0.5)
    )::numeric, 1)
from quality.departments as d
inner join quality.organizations as o on d.organization_id = o.id
cross join lateral (
    select (generate.as_of at time zone o.timezone)::date - days_ago as day
    from generate_series(1, 548) as days_ago
) as day
cross join (values (6), (18)) as hour (hour)
where d.id in (1111, 2111, 3130);

-- Complaints reach the head office, which knows no department.
insert into quality.readings (id, organization_id, department_id, metric_name, measured_at, value)
select
    md5('complaints' || o.id || day.day::text)::uuid,
    o.id,
    null,
    'customer_complaints',
    (day.day::timestamp + interval '9 hours') at time zone o.timezone,
    floor(6 * power(quality.noise('complaints' || o.id || day.day::text), 2) * (1 + 0.5 * quality.season(day.day)))
from quality.organizations as o
cross join lateral (
    select (generate.as_of at time zone o.timezone)::date - days_ago as day
    from generate_series(1, 548) as days_ago
) as day
where extract(isodow from day.day) in (2, 5);

$generate$;
comment on function quality.generate is 'Fills the platform with eighteen months that end at as_of.';
