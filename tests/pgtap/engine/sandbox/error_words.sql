begin;
select plan(6);

select is(yardstick_engine.error_words('22012', 'x'), 'division by zero', 'says division by zero');
select is(yardstick_engine.error_words('22P02', 'invalid input syntax for type integer: "SECRET"'),
    'a value could not be read as the number, date or time it is used as', 'does not quote the value');
select is(yardstick_engine.error_words('22003', 'value "99999999999" is out of range'), 'a number is too large for its type', 'nor a number');
select is(yardstick_engine.error_words('57014', 'x'), 'took longer than the limit allows, and was stopped', 'says what the limit did');
select is(yardstick_engine.error_words('42703', 'column "x" does not exist'), 'column "x" does not exist', 'keeps the rest');
select is(length(yardstick_engine.error_words('XX000', repeat('x', 1000))), 500, 'and cuts it');

select * from finish();
rollback;
