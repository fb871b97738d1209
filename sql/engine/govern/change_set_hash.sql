create or replace function yardstick_engine.change_set_hash(organization_id uuid, metric_names text[])
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $change_set_hash$
declare
    item   record;
    newest yardstick.metric_definition_versions;
    lines  text := '';
begin
    if cardinality(change_set_hash.metric_names) > 0 is not true
        or (select count(distinct n.name) < count(*) from unnest(change_set_hash.metric_names) as n (name))
    then
        raise exception using errcode = 'YS001', message = 'metric_names: must name at least one metric, and none twice';
    end if;
    -- In order of their names, so that the order in which they are given does not matter, and locks are taken in one order.
    for item in
        select n.name from unnest(change_set_hash.metric_names) as n (name) order by n.name
    loop
        newest := yardstick_engine.open_version(change_set_hash.organization_id, item.name);
        if newest.status is distinct from 'in_review' then
            raise exception using
                errcode = 'YS007', message = format('version %s of the metric %s is %s; submit it first', newest.version, item.name, newest.status);
        end if;
        lines := lines || format(E'%s %s %s\n', item.name, newest.version, newest.content_hash);
    end loop;
    return encode(sha256(convert_to(lines, 'UTF8')), 'hex');
end
$change_set_hash$;

comment on function yardstick_engine.change_set_hash(uuid, text[]) is
'SHA-256 over name, version and content hash of the versions in review of several metrics, a line each in order of their names.';

grant execute on function yardstick_engine.change_set_hash(uuid, text[]) to yardstick_owner;
