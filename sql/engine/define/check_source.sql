create or replace function yardstick_engine.check_source(source jsonb, organization_id uuid)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $check_source$
begin
    perform yardstick_engine.check_keys_of(source, '{
        "name": {"type": "name", "required": true},
        "relation": {"type": "text", "required": true, "max": 200},
        "time_column": {"type": "text", "required": true, "max": 63},
        "organization_column": {"type": "text", "max": 63},
        "levels": {"type": "object"},
        "key_column": {"type": "text", "max": 63},
        "value_column": {"type": "text", "max": 63},
        "row_filter": {"type": "text"},
        "capture": {"type": "boolean"},
        "watermark_column": {"type": "text", "max": 63},
        "lookback": {"type": "text", "max": 60}
    }', '');
    if source ->> 'levels' is not null then
        perform yardstick_engine.check_keys_of(source -> 'levels', '{
            "dept": {"type": "text", "max": 63},
            "team": {"type": "text", "max": 63},
            "user": {"type": "text", "max": 63}
        }', 'levels');
    end if;
    if source ->> 'name' = 'analytics_metrics' then
        raise exception using errcode = 'YS001', message = 'name: analytics_metrics is built in; choose another name';
    end if;
    if source ->> 'organization_column' is null and check_source.organization_id is null then
        raise exception using
            errcode = 'YS001',
            message = 'organization_column: is required, unless an organization is chosen first, to which all rows then belong';
    end if;
    begin
        if (source ->> 'lookback')::interval not between interval '0' and interval '3660 days' then
            raise exception using errcode = 'YS001', message = 'lookback: must be between 0 and 10 years';
        end if;
    exception when data_exception then
        raise exception using
            errcode = 'YS001', message = format('lookback: must be a length of time such as 7 days; got "%s"', source ->> 'lookback');
    end;
end
$check_source$;

comment on function yardstick_engine.check_source(jsonb, uuid) is
'Refuses (YS001, with the path of the key) a source description with unknown keys or wrong values.';
