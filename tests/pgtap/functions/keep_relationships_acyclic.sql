begin;
\ir ../two_organizations.psql
select plan(12);

insert into yardstick.metric_definitions (organization_id, metric_name, display_name, calculation_method, data_sources)
select o.id, n.name, n.name, 'manual', '{}'
from (values (:'acme'::uuid), (:'birch'), (null)) as o (id)
cross join unnest(case when o.id is null then array['p', 'q'] else array['a', 'b', 'c', 'd'] end) as n (name);

-- Writes as the engine does: rows of one statement, given as parent, type and child.
create function pg_temp.write(organization uuid, variadic pairs text[])
returns text
language plpgsql
as $write$
begin
    insert into yardstick.metric_relationships (organization_id, parent_metric_id, child_metric_id, relationship_type)
    select write.organization, p.id, c.id, w.parts[2]
    from unnest(write.pairs) with ordinality as u (pair, place)
    cross join lateral (select string_to_array(u.pair, ' ') as parts) as w
    inner join yardstick.metric_definitions as p
        on p.metric_name = w.parts[1] and (p.organization_id is null or p.organization_id = write.organization)
    inner join yardstick.metric_definitions as c
        on c.metric_name = w.parts[3] and (c.organization_id is null or c.organization_id = write.organization)
    order by u.place;
    return 'written';
exception when sqlstate 'YS001' then
    return sqlerrm;
end
$write$;

select is(pg_temp.write(:'acme', 'a derives_from b', 'a derives_from c', 'b derives_from d', 'c derives_from d'), 'written', 'lets two ways lead to the same metric');
select matches(pg_temp.write(:'acme', 'd derives_from a'), ': d -> a -> b -> d; take one', 'names the shortest way round');
select matches(pg_temp.write(:'birch', 'a depends_on b', 'b contributes_to c', 'c derives_from a'), ': c -> a -> b -> c; ', 'sees the rows of the same statement');
select is((select count(*) from yardstick.metric_relationships as r where r.organization_id = :'birch'), 0::bigint, 'leaves none of them');
select is(pg_temp.write(:'birch', 'd derives_from a'), 'written', 'minds no other organization''s rows');
delete from yardstick.metric_relationships as r using yardstick.metric_definitions as p where p.id = r.parent_metric_id and p.metric_name = 'a';
select is(pg_temp.write(:'acme', 'd derives_from a'), 'written', 'forgets what is deleted, as a definition does that names other children');
select is(pg_temp.write(:'acme', 'a correlates_with d', 'a correlates_with b'), 'written', 'lets metrics correlate in circles');
select throws_like(
    $$update yardstick.metric_relationships as r set relationship_type = 'depends_on' from yardstick.metric_definitions as p, yardstick.metric_definitions as c
    where p.id = r.parent_metric_id and c.id = r.child_metric_id and p.metric_name = 'a' and c.metric_name = 'd'$$,
    '%: a -> d -> a; %', 'sees a type that changes'
);
delete from yardstick.metric_relationships as r using yardstick.metric_definitions as p where p.id = r.parent_metric_id and p.metric_name in ('a', 'd');
select is(pg_temp.write(:'acme', 'p depends_on a', 'b depends_on q'), 'written', 'lets the platform''s metrics take part');
select matches(pg_temp.write(null, 'q depends_on p'), '^written$', 'lets the platform relate where no organization closes it');
select matches(
    pg_temp.write(:'acme', 'a contributes_to b'), ': a -> b -> q -> p -> a; ', 'goes through the rows of the platform'
);
delete from yardstick.metric_relationships as r where r.organization_id is null;
select is(
    pg_temp.write(:'acme', 'a contributes_to b') || ', ' || pg_temp.write(null, 'q depends_on p'),
    'written, child_metric: would make a metric part of itself: q -> p -> a -> b -> q; take one of these relationships back first',
    'goes through those of each organization for one of the platform'
);

select * from finish();
rollback;
