-- A column that is compared with constants tells apart no more than these, what lies between them, and null.
create or replace function yardstick_engine.mask_bound(source_id uuid, measure_ids uuid[])
returns numeric
language sql
stable
set search_path = pg_catalog, pg_temp
as $mask_bound$
    select coalesce(round(exp(least(100, sum(ln(k.patterns))))), 1)
    from (
        select
            least(
                power(2::numeric, b.bits),
                case
                    -- Values are seldom missing, and then often together.
                    when b.is_value then b.bits + 1
                    when b.column_text is null then power(2::numeric, b.bits)
                    else (2 + b.constants * case when b.has_orders and b.has_equals then 2 else 1 end)
                        * power(2::numeric, b.lists) * case when b.has_tests then 2 else 1 end
                end
            ) as patterns
        from (
            select
                case when m.kind <> 'columns' then m.column_text end as column_text,
                m.kind is not distinct from 'value' as is_value,
                count(distinct m.bit_no) as bits,
                count(distinct m.constant_text) filter (where m.kind in ('equal', 'order')) as constants,
                count(distinct m.bit_no) filter (where m.kind = 'list') as lists,
                bool_or(m.kind = 'equal') as has_equals,
                bool_or(m.kind = 'order') as has_orders,
                bool_or(m.kind = 'test') as has_tests
            from yardstick_engine.mask_bits(mask_bound.source_id, mask_bound.measure_ids) as m
            group by case when m.kind <> 'columns' then m.column_text end, m.kind is not distinct from 'value'
        ) as b
    ) as k
$mask_bound$;

comment on function yardstick_engine.mask_bound(uuid, uuid[]) is
'How many different sets of conditions of the given measures can hold on a row of their source, at most; conditions that may fail, or compare columns with each other, are taken to hold in any combination.';
