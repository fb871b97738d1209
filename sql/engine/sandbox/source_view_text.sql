-- The keys of the organization stand in it as constants: no setting, and nothing that a formula does, decides whose rows they are.
create or replace function yardstick_engine.source_view_text(organization_id uuid, source_id uuid)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $source_view_text$
declare
    source            yardstick.metric_sources;
    organization      record;
    columns_text      text;
    names_text        text;
    organization_text text;
    organization_type text;
    keys_text         text;
begin
    select s.* into source
    from yardstick.metric_sources as s
    where
        s.id = source_view_text.source_id
        and s.is_active
        and (s.organization_id is null or s.organization_id = source_view_text.organization_id);
    if not found then
        raise exception using errcode = 'YS003', message = 'a source is gone, or not active any more';
    end if;
    select
        o.id,
        o.external_id
    into organization
    from yardstick.organizations as o
    where o.id = source_view_text.organization_id;
    if not found then
        raise exception using errcode = 'YS003', message = 'there is no such organization';
    end if;

    select
        string_agg(format('%s as %I', c.read_expression, c.column_name), ', ' order by c.column_name),
        string_agg(format('source.%I', c.column_name), ', ' order by c.column_name),
        max(c.read_expression) filter (where c.column_name = source.organization_column),
        max(c.type_name) filter (where c.column_name = source.organization_column)
    into columns_text, names_text, organization_text, organization_type
    from yardstick_engine.source_columns(source_view_text.source_id) as c;
    if columns_text is null or (source.organization_column is not null and organization_type is null) then
        raise exception using
            errcode = 'YS008', message = format('%s or a column it needs is gone; bring it back or register the source again', source.relation);
    end if;

    keys_text := case
        when source.organization_column is null then case when source.organization_id = organization.id then 'true' else 'false' end
        when organization_type = 'uuid' then format(
            '%s = any (%L::uuid[])', organization_text,
            array_remove(array[
                organization.id,
                case when organization.external_id ~* '^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then organization.external_id::uuid end
            ], null)
        )
        when organization_type in ('smallint', 'integer', 'bigint') then format(
            '%s = any (%L::bigint[])', organization_text,
            array_remove(array[
                case when organization.external_id ~ '^(0|-?[1-9][0-9]{0,17})$' then organization.external_id::bigint end
            ], null)
        )
        else format(
            '%s = any (%L::text[])', organization_text, array_remove(array[organization.id::text, organization.external_id], null)
        )
    end;
    return format(
        'select %s from (select %s from %s where %s) as source where %s',
        names_text, columns_text, source.relation, keys_text, coalesce(source.row_filter, 'true')
    );
end
$source_view_text$;

comment on function yardstick_engine.source_view_text(uuid, uuid) is
'Query that gives the rows of a source that belong to one organization, with the columns that metrics may use.';
