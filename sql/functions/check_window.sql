create or replace function yardstick.check_window(
    level       text,
    time_window text
)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $check_window$
begin
    if coalesce(check_window.level not in ('org', 'dept', 'team', 'user'), true) then
        raise exception using errcode = 'YS001',
            message = format('level: must be one of org, dept, team, user; got %s', coalesce(quote_literal(check_window.level), 'null'));
    end if;
    if coalesce(check_window.time_window not in ('daily', 'weekly', 'monthly', 'quarterly', 'annual'), true) then
        raise exception using errcode = 'YS001',
            message = format(
                'time_window: must be one of daily, weekly, monthly, quarterly, annual; got %s',
                coalesce(quote_literal(check_window.time_window), 'null')
            );
    end if;
end
$check_window$;

comment on function yardstick.check_window(text, text) is 'Refuses (YS001) an aggregation level or a time window that does not exist.';
