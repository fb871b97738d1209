begin;
select plan(12);

create schema source_view_host;
create table source_view_host.by_text (org varchar(20), amount double precision, is_deleted boolean, "Odd ""Name" text, at timestamptz);
create table source_view_host.by_number (org smallint, at timestamptz);
create table source_view_host.by_uuid (org uuid, at timestamptz);
grant usage on schema source_view_host to yardstick_reader;
grant select on all tables in schema source_view_host to yardstick_reader;

select
    yardstick_api.sync_organization('{"external_id": "view''s \\ own", "organization_name": "Named"}') as named,
    yardstick_api.sync_organization('{"external_id": "0042", "organization_name": "Numbered with zeros"}') as zeros,
    yardstick_api.sync_organization('{"external_id": "42", "organization_name": "Numbered"}') as numbered,
    yardstick_api.sync_organization('{"external_id": "0190A1B2-0000-7000-8000-000000000001", "organization_name": "Keyed"}') as keyed,
    yardstick_api.register_source('{"name": "by_text", "relation": "source_view_host.by_text", "time_column": "at", "organization_column": "org", "row_filter": "not is_deleted"}') as by_text,
    yardstick_api.register_source('{"name": "by_number", "relation": "source_view_host.by_number", "time_column": "at", "organization_column": "org"}') as by_number,
    yardstick_api.register_source('{"name": "by_uuid", "relation": "source_view_host.by_uuid", "time_column": "at", "organization_column": "org"}') as by_uuid
\gset

select matches(yardstick_engine.source_view_text(:'named', :'by_text'), 'amount::numeric as amount', 'reads columns as the type they are offered as');
select matches(yardstick_engine.source_view_text(:'named', :'by_text'), 'where \(NOT source\.is_deleted\)$', 'keeps to the filter of the source');
select ok(
    strpos(yardstick_engine.source_view_text(:'named', :'by_text'), format('%L::text[]', array[:'named', 'view''s \ own'])) > 0,
    'quotes the host''s id of the organization'
);
select matches(yardstick_engine.source_view_text(:'numbered', :'by_number'), $$org = any \('\{42\}'::bigint\[\]\)$$, 'matches numbers as numbers');
select matches(yardstick_engine.source_view_text(:'zeros', :'by_number'), $$any \('\{\}'::bigint\[\]\)$$, 'takes no text for a number that is written otherwise');
select matches(yardstick_engine.source_view_text(:'named', :'by_number'), $$any \('\{\}'::bigint\[\]\)$$, 'finds no rows where the id cannot be a number');
select matches(
    yardstick_engine.source_view_text(:'keyed', :'by_uuid'), :'keyed' || ',0190a1b2-0000-7000-8000-000000000001', 'matches our id and the host''s'
);
select throws_ok(
    format('select yardstick_engine.source_view_text(%L, gen_random_uuid())', :'named'), 'YS003', 'a source is gone, or not active any more', 'knows no other source'
);
select throws_ok(
    format('select yardstick_engine.source_view_text(gen_random_uuid(), %L)', :'by_text'), 'YS003', 'there is no such organization', 'nor another organization'
);
select yardstick_api.use_organization(:'named') \g /dev/null
select yardstick_api.register_source('{"name": "own", "relation": "source_view_host.by_text", "time_column": "at"}') as own \gset
select matches(yardstick_engine.source_view_text(:'named', :'own'), 'where true\) as source', 'reads every row of a source that is one organization''s alone');
select throws_ok(
    format('select yardstick_engine.source_view_text(%L, %L)', :'numbered', :'own'), 'YS003', 'a source is gone, or not active any more', 'shows it to no other'
);
alter table source_view_host.by_number drop column org;
select throws_ok(
    format('select yardstick_engine.source_view_text(%L, %L)', :'numbered', :'by_number'), 'YS008',
    'source_view_host.by_number or a column it needs is gone; bring it back or register the source again', 'says that the column of the organization is gone'
);

select * from finish();
rollback;
