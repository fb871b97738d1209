-- Three customers in three zones: one whose weeks start on Sunday and whose year starts in October, one
-- whose year starts in July. Every leaf department has two shifts of three people.
insert into quality.organizations (id, name, timezone, week_start, fiscal_year_start_month)
values
(1, 'Nordwerk Pharma', 'Europe/Berlin', 1, 1),
(2, 'Lakeside Devices', 'America/Chicago', 7, 10),
(3, 'Harbour Biologics', 'Australia/Sydney', 1, 7)
on conflict do nothing;

insert into quality.departments (id, organization_id, parent_id, name, activity)
values
(1100, 1, null, 'Operations', 0.2),
(1110, 1, 1100, 'Manufacturing', 0.3),
(1111, 1, 1110, 'Filling', 1.3),
(1112, 1, 1110, 'Packaging', 1.6),
(1120, 1, 1100, 'Warehouse', 0.8),
(1200, 1, null, 'Quality', 0),
(1210, 1, 1200, 'Quality Control', 1.0),
(1220, 1, 1200, 'Quality Assurance', 0.7),
(1300, 1, null, 'Regulatory Affairs', 0.4),
(2100, 2, null, 'Operations', 0.2),
(2110, 2, 2100, 'Assembly', 0.3),
(2111, 2, 2110, 'Line A', 1.4),
(2112, 2, 2110, 'Line B', 1.3),
(2120, 2, 2100, 'Logistics', 0.6),
(2200, 2, null, 'Quality', 0),
(2210, 2, 2200, 'Inspection', 0.9),
(2220, 2, 2200, 'Supplier Quality', 0.6),
(2300, 2, null, 'Engineering', 0.5),
(3100, 3, null, 'Production', 0.3),
(3110, 3, 3100, 'Upstream', 1.0),
(3120, 3, 3100, 'Downstream', 1.0),
(3130, 3, 3100, 'Fill and Finish', 1.1),
(3200, 3, null, 'Quality', 0),
(3210, 3, 3200, 'Laboratory', 1.0),
(3220, 3, 3200, 'Assurance', 0.6),
(3300, 3, null, 'Clinical Supply', 0.4)
on conflict do nothing;

insert into quality.teams (id, organization_id, department_id, name)
select
    d.id * 10 + shift.number,
    d.organization_id,
    d.id,
    d.name || ', ' || shift.name
from quality.departments as d
cross join (values (1, 'early shift'), (2, 'late shift')) as shift (number, name)
where d.activity > 0
on conflict do nothing;

insert into quality.users (id, organization_id, department_id, team_id, name, email)
select
    t.id * 10 + person.number,
    t.organization_id,
    t.department_id,
    t.id,
    initcap(
        (array['ada', 'ben', 'chen', 'dana', 'emil', 'fatima', 'george', 'hana', 'ivan', 'jo', 'kofi', 'lena'])[
            1 + floor(12 * quality.noise('first' || t.id || person.number))::integer
        ] || ' '
        || (array['abbott', 'berg', 'costa', 'diaz', 'evans', 'fischer', 'gupta', 'haas', 'ito', 'jensen', 'khan', 'lund'])[
            1 + floor(12 * quality.noise('last' || t.id || person.number))::integer
        ]
    ),
    'user' || t.id * 10 + person.number || '@example.com'
from quality.teams as t
cross join generate_series(1, 3) as person (number)
on conflict do nothing;
