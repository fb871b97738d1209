begin;
select plan(4);

create temporary table host (id integer, kind text, n integer);
insert into host
select i, (array['a', 'b', 'it''s', 'd', null])[1 + i % 5], (array[1, 2, 30, null])[1 + i % 4]
from generate_series(1, 20) as i;
create temporary table bit (place integer, bit_text text, constant_text text);
insert into bit
values
(0, $$source.kind = 'a'::text$$, $$'a'::text$$), (1, $$source.kind <> 'a'::text$$, $$'a'::text$$), (2, $$source.kind <> 'b'::text$$, $$'b'::text$$),
(3, $$source.kind = 'it''s'::text$$, $$'it''s'::text$$), (4, 'source.n = 1', '1'), (5, 'source.n = 2', '2'), (6, 'source.n > 1', null),
(7, 'source.n <> 30', '30'), (8, $$(source.n)::text = '2'::text$$, $$'2'::text$$);

create function pg_temp.masks(without_constants boolean) returns setof text
language plpgsql
as $masks$
begin
    return query execute (
        select format(
            'select source.id || '' '' || (%s) from host as source order by source.id',
            yardstick_engine.mask_text(
                array_agg(b.bit_text order by b.place), array_agg(case when not without_constants then b.constant_text end order by b.place),
                array_agg(1::bigint << b.place order by b.place)
            )
        )
        from bit as b
    );
end
$masks$;

select results_eq(
    'select pg_temp.masks(false)',
    $test$
        select s.id || ' ' || (
            coalesce((s.kind = 'a')::integer, 0) + coalesce((s.kind <> 'a')::integer, 0) * 2 + coalesce((s.kind <> 'b')::integer, 0) * 4
            + coalesce((s.kind = 'it''s')::integer, 0) * 8 + coalesce((s.n = 1)::integer, 0) * 16 + coalesce((s.n = 2)::integer, 0) * 32
            + coalesce((s.n > 1)::integer, 0) * 64 + coalesce((s.n <> 30)::integer, 0) * 128 + coalesce((s.n::text = '2')::integer, 0) * 256
        )
        from host as s
        order by s.id
    $test$,
    'has a bit for each condition that holds'
);
select results_eq('select pg_temp.masks(false)', 'select pg_temp.masks(true)', 'says the same as if each were asked');
select is(
    yardstick_engine.mask_text(
        array[$$source.a = 'x'::text$$, $$source.a <> 'y'::text$$], array[$$'x'::text$$, $$'y'::text$$], array[1, 2]::bigint[]
    ),
    $$case when source.a = 'x'::text then 3::bigint when source.a = 'y'::text then 0::bigint when source.a is not null then 2::bigint else 0::bigint end$$,
    'tells of one comparison what others would give'
);
select is(
    yardstick_engine.mask_text(array['source.a = 1.0', 'source.a = 1.00'], array['1.0', '1.00'], array[1, 2]::bigint[]),
    'case when source.a = 1.0 then 1::bigint else 0::bigint end | case when source.a = 1.00 then 2::bigint else 0::bigint end',
    'asks each where two constants may be equal'
);
select * from finish();
rollback;
