begin;
select plan(7);

select is(
    yardstick_engine.fragment_error('42703', 'column "clse" does not exist', array['closed', 'due']),
    'column "clse" does not exist; the columns are closed, due', 'names the columns'
);
select is(yardstick_engine.fragment_error('42703', 'column "a" does not exist', null), 'column "a" does not exist; the columns are (none)', 'says when there are none');
select matches(yardstick_engine.fragment_error(g.code, 'wrong', array['a']), g.words, format('says what to do about %s', g.code))
from (values ('42601', '^wrong; write one expression'), ('22P02', '^wrong; write a literal'), ('42P07', '^wrong; drop'), ('25006', '^wrong; use a transaction'), ('XX000', '^wrong; write one plain expression')) as g (code, words);

select * from finish();
rollback;
