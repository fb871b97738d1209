begin;
select plan(4);

insert into yardstick.organizations (external_id, organization_name) values ('a', 'A'), ('b', 'B');
insert into yardstick.users (organization_id, external_id, user_name) select o.id, 'u', 'U' from yardstick.organizations as o where o.external_id = 'a';
create function pg_temp.owned(organization text) returns text language plpgsql as $owned$
begin
    perform yardstick_engine.require_definition(
        jsonb_build_object('metric_name', 'a', 'display_name', 'A', 'calculation_method', 'manual', 'owner_id', (select u.id from yardstick.users as u)),
        (select o.id from yardstick.organizations as o where o.external_id = organization)
    );
    return 'accepted';
exception when others then
    return sqlstate || ' ' || left(sqlerrm, 22);
end
$owned$;

select is(pg_temp.owned('a'), 'accepted', 'takes an owner of the organization');
select is(pg_temp.owned('b'), 'YS003 owner_id: unknown user', 'refuses one of another organization');
select is(pg_temp.owned(null), 'accepted', 'takes anybody for the platform');
select throws_ok(
    $$select yardstick_engine.require_definition('{"metric_name": "a", "display_name": "A", "calculation_method": "manual", "threshold_config": {}}', null)$$,
    'YS001', 'threshold_config.at_risk: is required', 'raises the first row of check_definition that did not pass'
);

select * from finish();
rollback;
