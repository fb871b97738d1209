-- What all tables of the platform have in common: more happens in winter than in summer, little at
-- weekends, and everything happens to someone in a shift of a department at some minute of the day.
create or replace function quality.season(day date)
returns double precision
language sql
immutable
as $season$
    select 0.3 * cos(2 * pi() * (extract(doy from season.day)::float8 - 20) / 365.0)
$season$;
comment on function quality.season is 'How much more than usual happens on a day of the year, from -0.3 to 0.3.';

create or replace function quality.slots(
    kind    text,
    slots   integer,
    per_day double precision,
    as_of   timestamptz
)
returns table (
    organization_id integer,
    department_id   integer,
    team_id         integer,
    user_id         integer,
    activity        double precision,
    number          integer,
    days_ago        integer,
    seed            text,
    dice            double precision,
    happened_at     timestamptz
)
language sql
stable
as $slots$
with

days as (

    select
        d.organization_id,
        d.id as department_id,
        d.activity::float8 as activity,
        o.timezone,
        ago.days_ago,
        (slots.as_of at time zone o.timezone)::date - ago.days_ago as day
    from quality.departments as d
    inner join quality.organizations as o on d.organization_id = o.id
    cross join generate_series(1, 548) as ago (days_ago)
    where d.activity > 0

),

tries as (

    select
        days.*,
        slot.number,
        slots.kind || ' ' || days.department_id || ' ' || days.day::text || ' ' || slot.number as seed,
        case when extract(isodow from days.day) < 6 then 1.2 else 0.2 end as weekday
    from days
    cross join generate_series(1, slots.slots) as slot (number)

)

select
    tries.organization_id,
    tries.department_id,
    tries.department_id * 10 + 1 + floor(2 * quality.noise('team' || tries.seed))::integer,
    (tries.department_id * 10 + 1 + floor(2 * quality.noise('team' || tries.seed))::integer) * 10
    + 1 + floor(3 * quality.noise('user' || tries.seed))::integer,
    tries.activity,
    tries.number,
    tries.days_ago,
    tries.seed,
    quality.noise('dice' || tries.seed),
    (tries.day::timestamp + (6 + 14 * quality.noise('time' || tries.seed)) * interval '1 hour')::timestamp(0)
    at time zone tries.timezone
from tries
where
    quality.noise(tries.seed)
    < slots.per_day * tries.activity * tries.weekday * (1 + quality.season(tries.day)) / least(slots.slots, 5)
    or (
        slots.kind = 'deviation' and tries.department_id = 3130 and tries.days_ago <= 21
        and quality.noise(tries.seed) < 0.5
    )
$slots$;
comment on function quality.slots is
'One row per thing of a kind that happened to a department, about per_day of them on a usual day.';
