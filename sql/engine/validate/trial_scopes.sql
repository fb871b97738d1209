-- A row counts in its department and in those above it, letter by letter as trial_statement has it. One reading for all periods that lie
-- beside one another.
create or replace function yardstick_engine.trial_scopes(
    source_id          uuid,
    trial              jsonb,
    organization_id    uuid,
    from_date          date,
    to_date            date,
    timezone           text,
    aggregation_levels text[],
    first_dates        date[],
    next_dates         date[]
)
returns table (first_date date, next_date date, aggregation_level text, aggregation_id uuid)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set jit = off
as $trial_scopes$
begin
    return query execute format(
        $statement$
with recursive named as materialized (
    %s
),
tree as (
    select d.id, d.parent_department_id, d.id as own_id
    from yardstick.departments as d
    where d.organization_id = $1
    union
    select d.id, d.parent_department_id, tree.own_id
    from tree
    inner join yardstick.departments as d on d.id = tree.parent_department_id and d.organization_id = $1
),
member as materialized (
    select 'dept' as level, tree.id, k.key
    from tree
    inner join yardstick.departments as d on d.id = tree.own_id
    cross join lateral (values (d.id::text), (d.external_id)) as k (key)
    where k.key is not null
    union
    select 'team', t.id, k.key
    from yardstick.teams as t
    cross join lateral (values (t.id::text), (t.external_id)) as k (key)
    where t.organization_id = $1 and k.key is not null
    union
    select 'user', u.id, k.key
    from yardstick.users as u
    cross join lateral (values (u.id::text), (u.external_id)) as k (key)
    where u.organization_id = $1 and k.key is not null
),
scope as materialized (
    select distinct 'org' as level, $1 as id, n.local_day from named as n
    union
    select m.level, m.id, n.local_day
    from named as n
    cross join lateral (values ('dept', n.dept_key), ('team', n.team_key), ('user', n.user_key)) as k (level, key)
    inner join member as m on m.level = k.level and m.key = k.key
),
first_day as (
    select s.level, s.id, min(s.local_day) as local_day from scope as s group by s.level, s.id
),
period as materialized (
    select distinct p.first_date, p.next_date from unnest($3::date[], $4::date[]) as p (first_date, next_date)
),
day_period as materialized (
    select d.local_day, p.first_date, p.next_date
    from (select distinct s.local_day from scope as s) as d
    inner join period as p on d.local_day >= p.first_date and d.local_day < p.next_date
)
%s
        $statement$,
        yardstick_engine.trial_statement(
            trial_scopes.source_id, trial_scopes.trial, trial_scopes.organization_id, trial_scopes.from_date, trial_scopes.to_date,
            trial_scopes.timezone, of_scopes => true
        ),
        -- Whoever fills periods has a value from the first rows on.
        case when trial_scopes.trial #>> '{compiled,fill}' is null then
            $text$select distinct p.first_date, p.next_date, s.level, s.id
from scope as s
inner join day_period as p on p.local_day = s.local_day
where s.level = any($2)$text$
        else
            $text$select p.first_date, p.next_date, s.level, s.id
from first_day as s
inner join period as p on p.next_date > s.local_day
where s.level = any($2)$text$
        end
    )
    using trial_scopes.organization_id, trial_scopes.aggregation_levels, trial_scopes.first_dates, trial_scopes.next_dates;
end
$trial_scopes$;

comment on function yardstick_engine.trial_scopes(uuid, jsonb, uuid, date, date, text, text[], date[], date[]) is
'The scopes of an organization of which a source has rows that count for a definition in periods (parallel arrays) between local dates [from_date, to_date).';
