-- Definer, with the engine's rights: whoever sets a target is told about metrics and scopes of its organization alone.
create or replace function yardstick_engine.check_target(organization_id uuid, target jsonb)
returns jsonb
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $check_target$
declare
    input    jsonb := jsonb_strip_nulls(check_target.target);
    metric   uuid;
    today    date;
    starts   date;
    level    text;
    scope_id uuid;
begin
    perform yardstick_engine.check_keys_of(check_target.target, '{
        "metric_name": {"type": "text", "required": true},
        "target_value": {"type": "number"},
        "target_low": {"type": "number"},
        "target_high": {"type": "number"},
        "effective_from": {"type": "text", "max": 10},
        "scope": {"type": "object"},
        "reason": {"type": "text", "max": 2000}
    }', '');
    if input ? 'target_value' and (input ? 'target_low' or input ? 'target_high') then
        raise exception using errcode = 'YS001', message = 'target_value: give either a value or a range (target_low, target_high)';
    end if;
    if not (input ? 'target_value' or input ? 'target_low' or input ? 'target_high') and not check_target.target ? 'target_value' then
        raise exception using
            errcode = 'YS001',
            message = 'target_value: is required (or target_low and target_high); null says that there is no target any more';
    end if;
    if (input ->> 'target_low')::numeric > (input ->> 'target_high')::numeric then
        raise exception using errcode = 'YS001', message = 'target_low: must not be above target_high';
    end if;

    metric := yardstick_engine.find_metric(check_target.organization_id, input ->> 'metric_name');
    select (now() at time zone o.timezone)::date
    into today
    from yardstick.organizations as o
    where o.id = check_target.organization_id;
    begin
        if input ->> 'effective_from' !~ '^\d{4}-\d{2}-\d{2}$' then
            raise exception datetime_field_overflow;
        end if;
        starts := coalesce(make_date(
            substr(input ->> 'effective_from', 1, 4)::integer,
            substr(input ->> 'effective_from', 6, 2)::integer,
            substr(input ->> 'effective_from', 9, 2)::integer
        ), today);
    exception when datetime_field_overflow then
        raise exception using
            errcode = 'YS001', message = format('effective_from: must be a date such as 2026-01-31; got "%s"', input ->> 'effective_from');
    end;
    if starts not between date '1990-01-01' and today + 1826 then
        raise exception using
            errcode = 'YS006',
            message = format('effective_from: must lie between 1990 and five years ahead; got %s', input ->> 'effective_from');
    end if;

    if input ? 'scope' then
        perform yardstick_engine.check_keys_of(input -> 'scope', '{
            "level": {"type": "text", "required": true, "one_of": ["org", "dept", "team", "user"]},
            "id": {"type": "uuid"}
        }', 'scope');
        level := input #>> '{scope,level}';
        scope_id := coalesce((input #>> '{scope,id}')::uuid, case level when 'org' then check_target.organization_id end);
        if scope_id is null then
            raise exception using errcode = 'YS001', message = format('scope.id: is required with level "%s"', level);
        end if;
        if not exists (
            select from yardstick_engine.alert_scopes(check_target.organization_id, array[level]) as s where s.aggregation_id = scope_id
        ) then
            raise exception using
                errcode = 'YS003', message = format('scope.id: unknown id %s; sync it first', scope_id);
        end if;
    end if;

    return (input - array['metric_name', 'scope']) || jsonb_build_object(
        'metric_id', metric, 'effective_from', starts, 'aggregation_level', level, 'aggregation_id', scope_id
    );
end
$check_target$;

comment on function yardstick_engine.check_target(uuid, jsonb) is
'A target as it is to be stored: ids for names, today where no date is given. Refused (YS001, YS003, YS006) with the '
'path of the key that is wrong.';

grant execute on function yardstick_engine.check_target(uuid, jsonb) to yardstick_owner;
