-- As yardstick_formula_login, which is a member of nothing, over the socket of this server: its limits are those of the role.
-- A database that was restored elsewhere remembers the socket of its original, so the other end says where it is.
create or replace function yardstick_engine.connect_sandbox()
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $connect_sandbox$
declare
    dblink        text := yardstick_engine.dblink_schema();
    socket_folder text := (select h.socket_folder from yardstick.job_home as h);
    is_let_in     boolean := false;
    is_home       boolean;
    reason        text;
begin
    if dblink is null then
        return 'the extension dblink is not installed: install it (Debian: it comes with postgresql-N) and deploy again';
    end if;
    if socket_folder is null then
        return 'the server is not known to listen on a socket: set unix_socket_directories and deploy again';
    end if;
    perform yardstick_engine.disconnect_sandbox();
    execute format('select %s.dblink_connect_u(''yardstick_sandbox'', $1)', dblink) using (
        select string_agg(format('%s=''%s''', k.keyword, replace(replace(k.value, '\', '\\'), '''', '\''')), ' ')
        from (
            values
            ('host', socket_folder), ('port', current_setting('port')), ('dbname', current_database()::text),
            ('user', 'yardstick_formula_login'), ('connect_timeout', '5'), ('application_name', 'yardstick sandbox'),
            -- However the host's database reads texts, queries were understood so.
            ('options', '-c standard_conforming_strings=on')
        ) as k (keyword, value)
    );
    is_let_in := true;
    execute format('select r.is_home from %s.dblink(''yardstick_sandbox'', $1) as r (is_home boolean)', dblink) into is_home using format(
        'select extract(epoch from pg_postmaster_start_time()) = %s and current_database() = %L',
        extract(epoch from pg_postmaster_start_time()), current_database()
    );
    if not is_home then
        perform yardstick_engine.disconnect_sandbox();
        return 'the socket that is remembered leads to another server: deploy again';
    end if;
    -- Python is loaded for it, which is no part of the time that a query may take.
    execute format('select %s.dblink_exec(''yardstick_sandbox'', $1)', dblink) using 'begin; set local statement_timeout = 0';
    execute format('select from %s.dblink(''yardstick_sandbox'', $1) as r (done text)', dblink)
    using 'select yardstick_engine.limit_memory(400)::text';
    execute format('select %s.dblink_exec(''yardstick_sandbox'', ''commit'')', dblink);
    return null;
exception when others then
    get stacked diagnostics reason = pg_exception_detail;
    reason := regexp_replace(concat_ws(': ', sqlerrm, nullif(reason, '')), '\s+', ' ', 'g');
    perform yardstick_engine.disconnect_sandbox();
    return reason || case when is_let_in then '' else format(
        '; let the server''s own account in as yardstick_formula_login: a line "local %s yardstick_formula_login peer map=..." in pg_hba.conf, '
        'and one in pg_ident.conf', current_database()
    ) end;
end
$connect_sandbox$;

comment on function yardstick_engine.connect_sandbox() is
'Opens the session of the sandbox, with its limit of memory, under the name yardstick_sandbox; gives why it cannot, null when it is open.';
