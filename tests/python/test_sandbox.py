"""Metrics of method sql and function: what they may say, and where they run."""

import json
import runpy
import threading
import time
from pathlib import Path

import psycopg
import pytest
from psycopg import errors

from runner import doctor
from runner.target import Target

SECRET = 424242
LISTS = runpy.run_path(str(Path(__file__).parent / "sandbox_attacks.py"))
CONTROLS, EXPRESSIONS, QUERIES = LISTS["CONTROLS"], LISTS["EXPRESSIONS"], LISTS["QUERIES"]
RUN_TIME_ALONE, VALIDATOR_ALONE = LISTS["RUN_TIME_ALONE"], LISTS["VALIDATOR_ALONE"]

# Two organizations share every table. Row 1 to 5 are home's, the others away's.
HOST = f"""
create schema host;
create table host.notes (
    organization text, department text, note_number integer, note text, happened_at timestamptz, is_deleted boolean default false
);
insert into host.notes values
    ('home', 'north', 1, 'a', '2026-03-02 10:00+00'), ('home', 'north', 2, 'b', '2026-03-03 10:00+00'),
    ('home', 'south', 3, 'c', '2026-03-04 10:00+00'), ('home', 'south', 4, 'd', '2026-03-05 10:00+00'),
    ('home', 'south', 5, 'e', '2026-04-05 10:00+00');
insert into host.notes select 'away', 'SECRET', {SECRET}, 'SECRET', '2026-03-03 10:00+00' from generate_series(1, 3);
create table host.numbered (organization integer, amount numeric, happened_at timestamptz, is_deleted boolean default false);
insert into host.numbered values (7, 1), (7, 2), (8, {SECRET});
insert into host.numbered values (7, 100, null, true);
create table host.keyed (organization uuid, amount double precision, happened_at timestamptz);
create table host.shared (organization text, amount numeric, happened_at timestamptz);
insert into host.shared values ('home', 50), ('away', {SECRET});
create table host.going (organization text, amount numeric, happened_at timestamptz);
create view host.open_notes as select * from host.notes;
grant select on host.open_notes to public;
create sequence host.numbers;
create domain host.checked as text check (value <> 'x');
create type host.odd as enum ('x');
create function host.leak() returns text language sql security definer as 'select max(note) from host.notes where false';
create function host.plus(integer, integer) returns integer language sql as 'select 0';
create operator host.+ (function = host.plus, leftarg = integer, rightarg = integer);
create function host.same(integer, integer) returns boolean language sql as 'select true';
create operator host.=== (function = host.same, leftarg = integer, rightarg = integer);
create operator host.< (function = pg_catalog.int4lt, leftarg = integer, rightarg = integer);
create aggregate host.gather (integer) (sfunc = host.plus, stype = integer, initcond = '0');
create function host.ends_itself() returns integer language sql security definer
as 'select pg_terminate_backend(pg_backend_pid())::integer';
create function host.totals(organization_id uuid, period_start timestamptz, period_end timestamptz, parameters jsonb)
returns table (aggregation_level text, aggregation_id text, value numeric, sample_size bigint)
language sql stable as $$
    select 'dept', n.department, sum(n.note_number)::numeric * (parameters ->> 'factor')::numeric, count(*)
    from host.notes as n where n.organization = 'home' and n.happened_at >= period_start and n.happened_at < period_end
    group by n.department
$$;
create function host.writes(organization_id uuid, period_start timestamptz, period_end timestamptz, parameters jsonb)
returns table (aggregation_level text, aggregation_id text, value numeric, sample_size bigint)
language plpgsql as $$ begin delete from host.notes; return query select 'org', '', 1::numeric, 1::bigint; end $$;
grant usage on schema host to public;
grant select on host.notes, host.numbered, host.keyed, host.shared, host.going to yardstick_reader;
grant delete on host.notes to yardstick_reader;
"""

# Everything that a formula could have changed.
FINGERPRINT = """
select
    (select md5(string_agg(n::text, '|' order by n::text)) from host.notes as n),
    (select last_value from host.numbers),
    (select count(*) from pg_largeobject_metadata),
    (select md5(string_agg(c.oid || c.relname || c.relowner || coalesce(c.relacl::text, ''), '|' order by c.oid)) from pg_class as c
        where c.relnamespace::regnamespace::text !~ '^pg_(toast_)?temp'),
    (select md5(string_agg(p.oid || p.proname || p.proowner || coalesce(p.proacl::text, ''), '|' order by p.oid)) from pg_proc as p),
    -- Other tests of this run make logins meanwhile.
    (select md5(string_agg(r::text, '|' order by r.rolname)) from pg_roles as r where r.rolname ~ '^(yardstick|pg_)' or r.rolsuper or r.rolbypassrls),
    (select md5(string_agg(s::text, '|' order by s.setdatabase, s.setrole)) from pg_db_role_setting as s),
    (select md5(string_agg(b::text, '|')) from yardstick.login_bindings as b),
    (select md5(string_agg(k::text, '|')) from yardstick.context_keys as k),
    (select count(*) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())),
    (select count(*) from pg_prepared_xacts),
    (select count(*) from pg_class as c where c.relnamespace::regnamespace::text ~ '^pg_temp' and c.relname in ('notes', 'stolen')),
    pg_postmaster_start_time()
"""

PERIOD = {"period_start": "2026-03-01T00:00:00+00:00", "period_end": "2026-04-01T00:00:00+00:00"}


class Host:
    """A database whose metrics read two organizations' tables, with limits short enough for tests."""

    def __init__(self, database):
        self.database = database
        self.admin = database.connect()
        self.admin.execute(HOST)
        # With the rights that jobs have inside, and no others.
        self.engine = database.connect()
        self.engine.execute("set role yardstick_engine_role")
        # In this database alone: tests that run beside keep the limits of the role.
        self.limit("statement_timeout", "300ms")
        self.limit("temp_file_limit", "2MB")
        self.organizations = {
            name: self.one(
                "select yardstick_api.sync_organization(%s)",
                json.dumps({"external_id": key, "organization_name": name}),
            )
            for name, key in (("home", "home"), ("away", "away"), ("seven", "7"))
        }
        self.sources = {
            "notes": self.register("notes"),
            "numbered": self.register("numbered", row_filter="not is_deleted"),
            "keyed": self.register("keyed"),
            "going": self.register("going"),
            "shared": self.register("shared"),
            "analytics_metrics": self.one("select id from yardstick.metric_sources where source_name = 'analytics_metrics'"),
        }

    def close(self):
        self.admin.close()
        self.engine.close()

    def limit(self, name, value):
        self.admin.execute(f"alter role yardstick_formula_login in database {self.database.name} set {name} = '{value}'")

    def register(self, name, **more):
        source = {"relation": f"host.{name}", "time_column": "happened_at", "organization_column": "organization", **more}
        return self.one("select yardstick_api.register_source(%s)", json.dumps({"name": name, **source}))

    def one(self, query, *arguments):
        return self.admin.execute(query, arguments).fetchone()[0]

    def probe(self, query, *names):
        ids = [self.sources[name] for name in names or ("notes",)]
        return self.engine.execute("select yardstick_engine.probe_query('formula', %s, %s)", [query, ids]).fetchone()[0]

    def request(self, number, query, *names):
        return {"no": number, "query": query, "source_ids": [str(self.sources[n]) for n in names or ("notes",)], **PERIOD}

    def run(self, requests, organization="home", limit="60 seconds", connection=None):
        """number -> (rows, error code, message) of each finished request."""
        rows = (connection or self.engine).execute(
            "select * from yardstick_engine.run_queries(%s, %s, %s)",
            [self.organizations[organization], json.dumps(requests), limit],
        ).fetchall()  # fmt: skip
        answers, finished = {}, []
        for number, level, key, value, sample_size, code, message, is_done in rows:
            answer = answers.setdefault(number, [[], None, None])
            if is_done:
                finished.append(number)
            elif code:
                answer[1:] = [code, message]
            else:
                answer[0].append((level, key, value, sample_size))
        assert len(set(finished)) == len(finished), "each is finished once"
        return {number: tuple(answers[number]) for number in finished}

    def value(self, query, *names, organization="home"):
        answer = self.run([self.request(1, query, *names)], organization)[1]
        assert answer[1] is None, answer
        return {key: value for _, key, value, _ in answer[0]}

    def fingerprint(self):
        return self.admin.execute(FINGERPRINT).fetchone()

    def sessions(self):
        return self.one("select count(*) from pg_stat_activity where usename = 'yardstick_formula_login' and datname = current_database()")

    def none_is_left(self):
        for _ in range(100):
            if self.sessions() == 0:
                return True
            time.sleep(0.05)
        return False


@pytest.fixture(scope="module")
def host(cluster):
    made = cluster.clone()
    yield (host := Host(made))
    host.close()
    cluster.drop(made)


def refusal(host, query, *arguments):
    with pytest.raises(psycopg.Error) as refused:
        host.admin.execute(query, arguments)
    return refused.value.sqlstate, refused.value.diag.message_primary


def test_attacks_and_controls_are_many():
    assert len(EXPRESSIONS) + len(QUERIES) >= 120
    assert len(CONTROLS) >= 20


@pytest.mark.parametrize("name", QUERIES)
def test_the_validator_refuses_a_query_that(host, name):
    state, message = refusal(host, "select yardstick_engine.probe_query('formula', %s, %s)", QUERIES[name], [host.sources["notes"]])
    assert state == "YS002", message
    assert message.startswith("formula: ") and len(message) < 1000


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_the_validators_refuse_an_expression_that(host, name):
    expression = EXPRESSIONS[name]
    state, message = refusal(host, "select yardstick_engine.probe_query('formula', %s, %s)", f"select {expression}", [host.sources["notes"]])
    assert state == "YS002", message
    state, message = refusal(
        host, "select yardstick_engine.probe_expression('where', 'value', %s, array['note', 'note_number'], array['text', 'integer'])", expression
    )
    assert state == "YS002", message
    assert message.startswith("where: ")


@pytest.mark.parametrize("name", RUN_TIME_ALONE)
def test_nothing_but_an_error_comes_of_a_query_that(host, name):
    canonical = host.probe(RUN_TIME_ALONE[name])["query"]
    rows, code, message = host.run([host.request(1, canonical)])[1]
    assert (rows, code is not None) == ([], True)
    assert "SECRET" not in message and len(message) <= 500


@pytest.mark.parametrize("name", CONTROLS)
def test_is_accepted_and_gives_a_value(host, name):
    answer = host.probe(CONTROLS[name])
    assert host.probe(answer["query"])["query"] == answer["query"], "its own text means the same"
    rows, code, message = host.run([host.request(1, answer["query"])])[1]
    assert (code, message) == (None, None)
    assert rows


def test_unvalidated_text_does_no_harm_where_it_runs(host):
    """Every attack as it is, straight to what runs queries: nothing is written, nobody's secret comes out, the server lives."""
    before = host.fingerprint()
    attacks = {
        **{name: f"select 1 as value, ({text}\n)::text as aggregation_id" for name, text in EXPRESSIONS.items()},
        **{f"{name} again": f"select {text}\nas value" for name, text in EXPRESSIONS.items()},
        **QUERIES,
        **RUN_TIME_ALONE,
    }
    names = [name for name in attacks if name not in VALIDATOR_ALONE]
    answers = host.run([host.request(number, attacks[name]) for number, name in enumerate(names)], limit="5 minutes")
    assert len(answers) == len(names), "every attack came to an end"
    for number, (rows, _, message) in answers.items():
        shown = f"{[key for _, key, _, _ in rows]} {message}"
        assert "SECRET" not in shown and str(SECRET) not in shown, names[number]
        assert not [value for _, _, value, _ in rows if value and value >= SECRET and value % SECRET == 0], names[number]
    assert host.none_is_left()
    assert host.fingerprint() == before
    assert host.value("select sum(note_number) as value from notes") == {None: 15}


def test_a_batch_keeps_its_good_values(host):
    """1,000 requests with 32 bad ones: 968 values, each bad one with its own error, and the same server."""
    started = host.one("select pg_postmaster_start_time()")
    bad = {
        "57014": "select count(*) as value from notes a, notes b, notes c, notes d, notes e, notes f, notes g, notes h, notes i, notes j, notes k, notes l",
        "53200": "select length(repeat('x', 1000000000)) + length(repeat('y', 1000000000)) as value",
        "53400": "select count(*) as value from (select distinct a.note_number, b.happened_at, c.note, repeat('x', 500) || d.note || e.note "
        "|| f.note || g.note from notes a, notes b, notes c, notes d, notes e, notes f, notes g order by 4) as s",
        "22012": "select sum(note_number % 0) as value from notes",
        "22P02": "select sum(note::integer) as value from notes",
        "42703": "select sum(missing) as value from notes",
        "22003": "select sum('NaN'::numeric) as value from notes",
        "21000": "select (select note_number from notes) as value",
    }  # fmt: skip
    expected = {number * 31: code for number, code in enumerate([*bad] * 4)}
    requests = [
        host.request(number, bad[expected[number]] if number in expected else f"select sum(note_number) + {number} as value from notes")
        for number in range(1000)
    ]
    answers = host.run(requests, limit="5 minutes")
    assert {number: code for number, (_, code, _) in answers.items() if code} == expected
    good = {number: rows for number, (rows, code, _) in answers.items() if not code}
    assert len(good) == 968
    assert all(rows == [("org", None, 15 + number, None)] for number, rows in good.items())
    assert host.one("select pg_postmaster_start_time()") == started


def test_each_request_has_the_whole_limit(host):
    """Several sent in one go, together longer than the limit."""
    slow = "select count(pg_sleep(0.05)) as value from (select from notes limit 4) as n"
    answers = host.run([host.request(number, slow) for number in range(8)])
    assert [answers[number][1] for number in range(8)] == [None] * 8


def test_rows_are_those_of_one_organization(host):
    query = "select sum(note_number) as value from notes"
    assert host.value(query) == {None: 15}
    assert host.value(query, organization="away") == {None: 3 * SECRET}
    # Not even evaluated for the rows of others.
    assert host.value("select sum(1 % (case when note = 'SECRET' then 0 else 1 end)) as value from notes") == {None: 0}


def test_organizations_are_matched_by_the_hosts_ids_too(host):
    host.admin.execute("truncate host.keyed")
    for name, amount in (("home", 1.5), ("away", SECRET)):
        host.admin.execute("insert into host.keyed values (%s, %s)", [host.organizations[name], amount])
    assert host.value("select sum(amount) as value from numbered", "numbered", organization="seven") == {None: 3}
    assert host.value("select sum(amount) as value from numbered", "numbered") == {None: None}
    assert host.value("select sum(amount) as value from keyed", "keyed") == {None: 1.5}


def test_recorded_values_are_a_source(host):
    with host.admin.transaction():
        for name, amount in (("home", 2), ("away", SECRET)):
            host.admin.execute("select yardstick_api.use_organization(%s)", [host.organizations[name]])
            host.admin.execute("select yardstick_api.record_value('cost', %s, '2026-03-03')", [amount])
    assert host.value("select sum(value) as value from analytics_metrics where metric_name = 'cost'", "analytics_metrics") == {None: 2}


def test_an_organizations_own_source_may_bear_the_platforms_name(host):
    with host.admin.transaction():
        host.admin.execute("select yardstick_api.use_organization(%s)", [host.organizations["home"]])
        host.sources["own"] = host.register("shared", relation="host.notes")
    requests = [
        host.request(1, "select sum(amount) as value from shared", "shared"),
        host.request(2, "select sum(note_number) as value from shared", "own"),
        host.request(3, "select sum(amount) as value from shared", "shared"),
        host.request(4, "select sum(note_number) as value from notes", "notes"),
    ]
    answers = host.run(requests)
    assert {number: rows[0][2] for number, (rows, _, _) in answers.items()} == {1: 50, 2: 15, 3: 50, 4: 15}
    # It is no other organization's.
    assert host.run([requests[1]], "away")[2][1] == "YS003"


def test_a_source_that_is_gone_fails_its_requests_alone(host):
    query = host.probe("select sum(amount) as value from going", "going")["query"]
    requests = [host.request(1, query, "going"), host.request(2, "select sum(note_number) as value from notes")]
    # No view is left behind that would keep the host from changing its tables.
    assert host.run(requests)[1][1] is None
    host.admin.execute("alter table host.going drop column amount")
    assert {number: code for number, (_, code, _) in host.run(requests).items()} == {1: "42703", 2: None}
    host.admin.execute("alter table host.going drop column organization")
    assert {number: code for number, (_, code, _) in host.run(requests).items()} == {1: "YS008", 2: None}
    host.admin.execute("drop table host.going")
    assert {number: code for number, (_, code, _) in host.run(requests).items()} == {1: "YS008", 2: None}


def test_a_locked_table_fails_its_requests_alone(host):
    host.limit("lock_timeout", "100ms")
    requests = [host.request(1, "select sum(amount) as value from shared", "shared"), host.request(2, "select 1 as value")]
    with host.database.connect(autocommit=False) as other:
        other.execute("lock table host.shared in access exclusive mode")
        answers = host.run(requests)
    assert {number: code for number, (_, code, _) in answers.items()} == {1: "55P03", 2: None}


def test_a_lost_session_costs_its_request_alone(host):
    requests = [
        host.request(number, "select host.ends_itself() as value" if number % 5 == 3 else "select sum(note_number) as value from notes")
        for number in range(20)
    ]
    answers = host.run(requests)
    assert len(answers) == 20
    for number, (rows, code, _) in answers.items():
        assert (rows, code is None) == (([], False) if number % 5 == 3 else ([("org", None, 15, None)], True))


def test_what_is_not_reached_in_time_is_not_answered(host):
    endless = "select count(*) as value from notes a, notes b, notes c, notes d, notes e, notes f, notes g, notes h, notes i, notes j"
    started = time.monotonic()
    answers = host.run([host.request(number, endless) for number in range(9)], limit="1 second")
    assert time.monotonic() - started < 3
    assert 0 < len(answers) < 9
    assert {code for _, code, _ in answers.values()} == {"57014"}
    assert host.none_is_left()


def test_a_limit_that_strikes_outside_the_query_costs_its_request_alone(host):
    """As it does when the time is up just after the answer: the error is then that of the statement."""
    body = host.one("select pg_get_functiondef('yardstick_engine.evaluate_query'::regproc)")
    leaving = "    if error_code is not null then\n        return next;"
    late = body.replace(leaving, f"    if query ~ 'late' then perform pg_sleep(9); end if;\n{leaving}")
    assert late != body
    host.admin.execute(late)
    try:
        requests = [host.request(n, f"select {n} as value {'-- late' if n == 5 else ''}") for n in range(12)]
        answers = host.run(requests)
        assert {number: code for number, (_, code, _) in answers.items()} == {n: "57014" if n == 5 else None for n in range(12)}
    finally:
        host.admin.execute(body)


def test_what_cannot_be_stopped_is_left_behind(host):
    """The server looks for a cancel between rows, not within an expression."""
    stubborn = " + ".join(f"power(x.number + 0.0{place}, 130000) % 7" for place in range(12))
    requests = [
        host.request(1, "select 1 as value"),
        host.request(2, f"select {stubborn} as value from (values (9.9)) as x (number)"),
        host.request(3, "select sum(note_number) as value from notes"),
    ]
    answers = host.run(requests)
    assert {number: code for number, (_, code, _) in answers.items()} == {1: None, 2: "57014", 3: None}
    assert answers[3][0] == [("org", None, 15, None)]
    for _ in range(4):
        host.none_is_left()
    # The validators know what is heavy.
    many = " + ".join(f"power(note_number + 0.{place}, 130000) % 7" for place in range(31))
    assert refusal(host, "select yardstick_engine.probe_query('formula', %s, %s)", f"select {many} from notes", [host.sources["notes"]])[0] == "YS002"
    state, message = refusal(
        host, "select yardstick_engine.probe_expression('where', 'number', %s, array['note_number'], array['numeric'])", many
    )
    assert state == "YS002" and "is too large" in message


def test_the_time_of_a_query_is_not_spent_on_opening_its_session(host):
    host.limit("statement_timeout", "10ms")
    try:
        rows, code, _ = host.run([host.request(1, "select 1 as value")])[1]
    finally:
        host.limit("statement_timeout", "300ms")
    assert (rows, code) in (([("org", None, 1, None)], None), ([], "57014"))


def test_no_rows_are_not_an_error(host):
    assert host.run([host.request(1, "select 1 as value where false")]) == {1: ([], None, None)}
    assert host.run([]) == {}


def test_the_caller_can_be_cancelled_while_it_waits(host):
    with host.database.connect() as caller:
        caller.execute("set statement_timeout = '400ms'")
        started = time.monotonic()
        with pytest.raises(errors.QueryCanceled):
            host.run([host.request(number, "select pg_sleep(0.25)::text::integer as value") for number in range(50)], connection=caller)
        assert time.monotonic() - started < 3
        assert host.none_is_left()
        assert caller.execute("select public.dblink_get_connections()").fetchone()[0] is None


def test_two_callers_do_not_meet(host):
    answers = {}

    def call(organization):
        with host.database.connect() as connection:
            requests = [host.request(number, "select sum(note_number) as value from notes") for number in range(100)]
            answers[organization] = host.run(requests, organization, connection=connection)

    threads = [threading.Thread(target=call, args=[name]) for name in ("home", "away")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name, value in (("home", 15), ("away", 3 * SECRET)):
        assert {rows[0][2] for rows, _, _ in answers[name].values()} == {value}


def test_a_function_of_the_host_is_called_read_only(host):
    for name in ("totals", "writes"):
        host.admin.execute(f"grant execute on function host.{name} to yardstick_reader")
        host.one("select yardstick_api.register_function(%s)", json.dumps({"name": name, "routine": f"host.{name}"}))
    before = host.fingerprint()
    call = {"parameters": {"factor": 2}, **PERIOD}
    answers = host.run([
        {"no": 1, "routine": "host.totals", **call},
        {"no": 2, "routine": "host.writes", **call},
        {"no": 3, "routine": "host.leak", **call},
        {"no": 4, "routine": "host.totals", "parameters": {"factor": "x"}, **PERIOD},
    ])  # fmt: skip
    assert sorted(answers[1][0]) == [("dept", "north", 6, 2), ("dept", "south", 14, 2)]
    assert [answers[number][1] for number in (2, 3, 4)] == ["25006", "YS003", "22P02"]
    assert host.fingerprint() == before


def test_only_the_engine_gets_in(host):
    """The functions of the sandbox and the way back into the server, for every login there is."""
    logins = {"sandbox_app": "yardstick_app", "sandbox_bi": "yardstick_bi", "sandbox_dba": "yardstick_dba"}
    calls = [
        "select yardstick_engine.run_queries(gen_random_uuid(), '[]')",
        "select yardstick_engine.run_single(gen_random_uuid(), '[]')",
        "select yardstick_engine.open_sandbox(gen_random_uuid(), '{}')",
        "select yardstick_engine.open_views(gen_random_uuid(), '{}', now())",
        "select yardstick_engine.source_view_text(gen_random_uuid(), gen_random_uuid())",
        "select yardstick_engine.evaluate_query('select 1 as value', now(), now())",
        "select yardstick_engine.evaluate_routine('host.totals', gen_random_uuid(), now(), now(), '{}')",
        "select yardstick_engine.limit_memory(1)",
        "select yardstick_engine.connect_sandbox()",
        "select yardstick_engine.probe_query('x', 'select 1', '{}')",
        "select yardstick_engine.probe_select('x', 'select 1', '[]')",
        "select yardstick_engine.start_attempt(gen_random_uuid(), gen_random_uuid(), 1)",
        "select public.dblink_connect_u('user=postgres')",
        "select public.dblink_connect('user=yardstick_formula_login')",
        "select * from public.dblink('user=postgres', 'select 1') as r (a integer)",
        "set role yardstick_formula", "set role yardstick_reader", "set role yardstick_engine_role",
    ]  # fmt: skip
    for login, group in logins.items():
        host.admin.execute(f"create role {login} login in role {group}")
    try:
        for login in [*logins, "yardstick_worker"]:
            with host.database.connect(login) as connection:
                for call in calls:
                    with pytest.raises(errors.InsufficientPrivilege):
                        connection.execute(call)
        # The login of the sandbox itself opens views, runs queries over them, and nothing else.
        with host.database.connect("yardstick_formula_login") as connection:
            for call in [*calls[:2], *calls[3:5], *calls[8:]]:
                with pytest.raises(errors.InsufficientPrivilege):
                    connection.execute(call)
            for query in ("select * from host.notes", "select * from yardstick.organizations", "create temp table x (a int)"):
                with pytest.raises(errors.InsufficientPrivilege):
                    connection.execute(query)
    finally:
        for login in logins:
            host.admin.execute(f"drop role {login}")


def test_its_login_is_limited(host):
    limits = dict(
        setting.split("=", 1)
        for setting in host.one("select rolconfig from pg_roles where rolname = 'yardstick_formula_login'")
    )
    assert limits["statement_timeout"] == "10s" and limits["temp_file_limit"] == "256MB" and limits["jit"] == "off"
    assert host.one("select rolconnlimit from pg_roles where rolname = 'yardstick_formula_login'") == 10


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("drop extension dblink", "the extension dblink is not installed"),
        ("update yardstick.job_home set socket_folder = null", "not known to listen on a socket"),
        ("update yardstick.job_home set socket_folder = '/tmp/nowhere'", "pg_hba.conf"),
    ],
)
def test_without_a_session_it_runs_one_request_for_each_call(database, change, reason):
    alone = Host(database)
    alone.admin.execute(change)
    assert alone.one("select yardstick_engine.sandbox_mode()") == "single"
    said = [f for f in doctor.examine_server(Target(database.dsn()).connect()) if f.what == "sandbox"]
    assert [f.verdict for f in said] == ["note"] and reason in said[0].detail
    requests = [alone.request(n, "select sum(note_number) as value from notes") for n in (1, 2)]
    with alone.admin.transaction():
        assert alone.run(requests, connection=alone.admin) == {1: ([("org", None, 15, None)], None, None)}
        # The session can write again, and has nothing of the sandbox left.
        alone.admin.execute("insert into host.notes (organization, note_number) values ('home', 5)")
    assert alone.run(requests[1:])[2][0][0][2] == 20
    assert alone.run([alone.request(3, "select nextval('host.numbers') as value")])[3][1] == "42501"
    alone.engine.execute("set statement_timeout = '300ms'")
    endless = "select count(*) as value from notes a, notes b, notes c, notes d, notes e, notes f, notes g, notes h, notes i, notes j"
    assert alone.run([alone.request(4, endless)])[4][1] == "57014"
    alone.close()


def test_with_a_session_the_doctor_is_content(host):
    assert host.one("select yardstick_engine.sandbox_mode()") == "session"
    said = [f for f in doctor.examine_server(Target(host.database.dsn()).connect()) if f.what == "sandbox"]
    assert [f.verdict for f in said] == ["ok"]
