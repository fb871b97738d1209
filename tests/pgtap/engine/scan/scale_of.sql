begin;
select plan(4);

create schema host;
create domain host.money as numeric(9, 2);
create table host.parents (
    a numeric(15, 4), b numeric(18, 0), c numeric(3, 5), d numeric(19, 2), e numeric(5, -2), f numeric, g bigint, h host.money, dropped numeric(5, 1)
) partition by list (a);
alter table host.parents drop column dropped;
create view host.seen as select * from host.parents;

select results_eq(
    $$select n, yardstick_engine.scale_of('host.parents', n) from unnest(array['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'dropped', 'none']) as n order by n$$,
    $$values ('a', 4), ('b', 0), ('c', 5), ('d', null), ('dropped', null), ('e', null), ('f', null), ('g', null), ('h', null), ('none', null)$$,
    'it knows the places of decimals of at most 18 digits, and of nothing else'
);
select is(yardstick_engine.scale_of('host.seen', 'a'), null, 'it trusts no view');
select is(yardstick_engine.scale_of('host.gone', 'a'), null, 'it knows nothing of what is not there');
select is(
    (999999999999999999::numeric(18, 0) * 1)::bigint::numeric, 999999999999999999::numeric, 'the longest of them fits'
);

select * from finish();
rollback;
