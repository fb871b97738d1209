begin;
select plan(3);

select is(yardstick_engine.sketch_schema('tdigest'), null, 'is none without the extension');
select is(yardstick_engine.sketch_text('tdigest', 'v.value_list'), null, 'there is no text to make an estimate with then');
select is(yardstick_engine.sketch_schema('plpgsql'), null, 'is none of an extension that estimates nothing');

select * from finish();
rollback;
