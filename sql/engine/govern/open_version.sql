create or replace function yardstick_engine.open_version(organization_id uuid, metric_name text)
returns yardstick.metric_definition_versions
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $open_version$
declare
    metric yardstick.metric_definitions;
    newest yardstick.metric_definition_versions;
begin
    -- The organization's own, and for a DBA who has chosen none the platform's: nobody decides for others.
    select d.* into metric
    from yardstick.metric_definitions as d
    where d.metric_name = open_version.metric_name and d.organization_id is not distinct from open_version.organization_id
    for update;
    if not found then
        raise exception using
            errcode = 'YS003',
            message = format(
                'there is no metric named %s of %s', coalesce(quote_literal(left(open_version.metric_name, 100)), 'null'),
                case when open_version.organization_id is null then 'the platform; choose the organization it belongs to'
                    else 'this organization; metrics of the platform are reviewed by DBAs' end
            );
    end if;
    select v.* into newest
    from yardstick.metric_definition_versions as v
    where v.metric_id = metric.id
    order by v.version desc
    limit 1
    for update;
    return newest;
end
$open_version$;

comment on function yardstick_engine.open_version(uuid, text) is
'The newest version of a metric of an organization, or with null of the platform, locked until the end of the transaction; YS003 when there is no such metric.';
