-- The stamp is the transaction's beginning: a reason that outlives its transaction, in a pooled connection, is none. It is no
-- secret, for whoever may change something may also say why.
create or replace function yardstick.current_reason()
returns text
language sql
stable
parallel restricted
set search_path = pg_catalog, pg_temp
as $current_reason$
    select substr(current_setting('yardstick.reason', true), length(s.stamp) + 1)
    from (select extract(epoch from transaction_timestamp()) || '/' as stamp) as s
    where starts_with(current_setting('yardstick.reason', true), s.stamp)
$current_reason$;

comment on function yardstick.current_reason() is
'Reason given by use_reason() in this transaction; null: none was given.';

grant execute on function yardstick.current_reason() to yardstick_engine_role;
