"""What reaches the rooms from the files, and what a deploy does when they differ."""

import re
import shutil

import psycopg
import pytest

from runner import ROOT, deploy, loader, migrations, plcheck, status
from runner.errors import Refusal

NUMBER = """create or replace function yardstick_engine.zz_number({arguments})
returns {returns}
language sql
immutable
set search_path = pg_catalog, pg_temp
as $zz_number$
    select {number}
$zz_number$;

comment on function yardstick_engine.zz_number is 'A number.';
"""
VIEW = """create or replace view yardstick_bi.zz_rows as
select {columns};

comment on view yardstick_bi.zz_rows is 'One row.';
"""


class House:
    """A copy of the files that a test may change, and a database deployed from it."""

    def __init__(self, folder, database):
        self.folder = folder
        self.database = database

    def write(self, path: str, text: str) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        order = self.folder / "sql" / "LOAD_ORDER"
        if path not in order.read_text().splitlines():
            order.write_text(order.read_text() + path + "\n")

    def forget(self, path: str) -> None:
        order = self.folder / "sql" / "LOAD_ORDER"
        order.write_text("\n".join(line for line in order.read_text().splitlines() if line != path) + "\n")
        (self.folder / path).unlink()

    def number(self, number="1", arguments="", returns="integer") -> None:
        text = NUMBER.format(number=number, arguments=arguments, returns=returns)
        self.write("sql/engine/calculate/zz_number.sql", text)

    def view(self, columns: str) -> None:
        self.write("sql/bi/zz_rows.sql", VIEW.format(columns=columns))

    def deploy(self):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(plcheck, "check", lambda connection: None)
            return deploy.deploy(self.database.target)

    def run(self, statement: str) -> None:
        with self.database.connect() as connection:
            connection.execute(statement)

    def value(self, query: str):
        with self.database.connect() as connection:
            return connection.execute(query).fetchone()[0]

    def status(self) -> status.Status:
        with self.database.connect() as connection:
            return status.look(connection)


@pytest.fixture
def house(tmp_path, monkeypatch, database):
    for name in ("migrations", "sql", "plpython", "runner"):
        shutil.copytree(ROOT / name, tmp_path / name)
    monkeypatch.setattr(loader, "ROOT", tmp_path)
    monkeypatch.setattr(loader, "LOAD_ORDER", tmp_path / "sql" / "LOAD_ORDER")
    monkeypatch.setattr(migrations, "FOLDER", tmp_path / "migrations")
    made = House(tmp_path, database)
    made.number()
    made.view("1 as a, 2 as b")
    report = made.deploy()
    assert sorted(report.loaded) == ["sql/bi/zz_rows.sql", "sql/engine/calculate/zz_number.sql"]
    return made


def test_a_second_deploy_does_nothing(house):
    assert house.deploy().loaded == []
    assert house.status().is_clean


def test_only_what_changed_is_replaced(house):
    house.number("7")
    assert house.status().stale == ["sql/engine/calculate/zz_number.sql"]
    report = house.deploy()
    assert report.loaded == ["sql/engine/calculate/zz_number.sql"]
    assert report.rebuilt is None
    assert house.value("select yardstick_engine.zz_number()") == 7


def test_each_room_belongs_to_its_owner(house):
    query = "select relowner::regrole::text from pg_class where oid = 'yardstick_bi.zz_rows'::regclass"
    assert house.value(query) == "yardstick_owner"
    query = "select proowner::regrole::text from pg_proc where proname = 'zz_number'"
    assert house.value(query) == "yardstick_engine_role"


def test_a_body_changed_by_hand_is_put_right(house):
    house.run(NUMBER.format(number="666", arguments="", returns="integer"))
    assert house.status().changed_by_hand == ["sql/engine/calculate/zz_number.sql"]
    assert house.deploy().loaded == ["sql/engine/calculate/zz_number.sql"]
    assert house.value("select yardstick_engine.zz_number()") == 1


def test_a_comment_changed_by_hand_is_put_right(house):
    house.run("comment on view yardstick_bi.zz_rows is 'other'")
    house.deploy()
    assert house.value("select obj_description('yardstick_bi.zz_rows'::regclass)") == "One row."


def test_an_owner_changed_by_hand_is_put_right(house):
    house.run("alter view yardstick_bi.zz_rows owner to postgres")
    house.deploy()
    assert house.value("select relowner::regrole::text from pg_class where relname = 'zz_rows'") == "yardstick_owner"
    assert house.status().is_clean


def test_a_right_given_by_hand_in_a_code_room_is_taken_back(house):
    house.run("grant execute on function yardstick_engine.zz_number() to public")
    house.deploy()
    assert not house.value("select has_function_privilege('yardstick_bi', 'yardstick_engine.zz_number()', 'execute')")
    assert house.status().is_clean


def test_a_right_given_by_hand_on_a_table_is_taken_back(house):
    house.run("grant select on yardstick.organizations to yardstick_bi")
    assert house.status().changed_by_hand == ["sql/tables/organizations.sql"]
    house.deploy()
    assert not house.value("select has_table_privilege('yardstick_bi', 'yardstick.organizations', 'select')")
    assert house.value("select has_table_privilege('yardstick_engine_role', 'yardstick.organizations', 'select')")
    assert house.status().is_clean


def test_row_security_taken_off_by_hand_is_put_back(house):
    with house.database.connect() as connection:
        connection.execute("select yardstick.ensure_year_partitions('yardstick.metric_calculations', '2025-01-01', '2025-12-31')")
        connection.execute("alter table yardstick.organizations no force row level security")
        connection.execute("alter table yardstick.metric_calculations_2025 disable row level security")
    assert house.status().changed_by_hand == ["sql/tables/organizations.sql"]
    assert house.deploy().notes[:2] == [
        "row-level security was put back on yardstick.metric_calculations_2025",
        "row-level security was put back on yardstick.organizations",
    ]
    assert house.status().is_clean
    with house.database.connect() as connection:
        off = "select count(*) from pg_class where relkind in ('r', 'p') and relname = any(%s) and not (relrowsecurity and relforcerowsecurity)"
        assert connection.execute(off, [["organizations", "metric_calculations_2025"]]).fetchone() == (0,)


def test_a_policy_added_by_hand_goes(house):
    house.run("create policy zz on yardstick.organizations for select to public using (true)")
    assert house.status().changed_by_hand == ["sql/tables/organizations.sql"]
    house.deploy()
    assert house.value("select count(*) from pg_policies where policyname = 'zz'") == 0
    assert house.status().is_clean


def test_what_no_file_puts_right_is_spoken_of_until_it_is_right(house):
    house.run("alter table yardstick.job_runs enable row level security")
    for _ in range(2):
        assert any("sql/tables/job_runs.sql" in note for note in house.deploy().notes)
    house.run("alter table yardstick.job_runs disable row level security")
    assert house.deploy().notes == []
    assert house.status().is_clean


def test_what_a_migration_changes_is_no_change_by_hand(house):
    house.run("alter table yardstick.job_runs enable row level security")
    house.run("update yardstick_migrations.applied set applied_at = clock_timestamp() where id like '0012%'")
    assert house.deploy().notes == []
    assert house.status().is_clean


def test_everything_is_loaded_again_when_the_catalog_is_read_another_way(house):
    """As after an upgrade of the server, which writes the same object with other words."""
    house.run("update yardstick_migrations.reader set fingerprint = 'of another version'")
    house.run("update yardstick.code_files set live_sha256 = 'of another version'")
    report = house.deploy()
    assert len(report.loaded) == len(loader.load_order())
    assert report.notes == []
    assert house.status().is_clean


def test_a_right_that_leaves_its_file_is_taken_back(house):
    house.view("1 as a, 2 as b")
    file = house.folder / "sql/bi/zz_rows.sql"
    file.write_text(file.read_text() + "grant select on yardstick_bi.zz_rows to yardstick_bi;\n")
    house.deploy()
    assert house.value("select has_table_privilege('yardstick_bi', 'yardstick_bi.zz_rows', 'select')")
    house.view("1 as a, 2 as b")
    assert house.deploy().rebuilt is None
    assert not house.value("select has_table_privilege('yardstick_bi', 'yardstick_bi.zz_rows', 'select')")


def test_a_policy_that_leaves_its_file_goes(house):
    file = house.folder / "sql/tables/organizations.sql"
    text = file.read_text()
    file.write_text(text + "create policy zz on yardstick.organizations for select to yardstick_bi using (true);\n")
    house.deploy()
    file.write_text(text)
    house.deploy()
    assert house.value("select count(*) from pg_policies where policyname = 'zz'") == 0


def test_a_policy_dropped_by_hand_comes_back(house):
    house.run("drop policy tenant on yardstick.organizations")
    house.deploy()
    assert house.value("select count(*) from pg_policies where tablename = 'organizations' and policyname = 'tenant'") == 1


def test_what_was_dropped_by_hand_comes_back(house):
    house.run("drop function yardstick_engine.zz_number()")
    assert house.status().missing == ["sql/engine/calculate/zz_number.sql"]
    house.deploy()
    assert house.value("select yardstick_engine.zz_number()") == 1


def test_another_shape_of_a_view_rebuilds_the_code_rooms(house):
    house.run("insert into yardstick.organizations (organization_name) values ('kept')")
    house.view("2 as b, 'x' as a")
    report = house.deploy()
    assert "sql/bi/zz_rows.sql" in report.rebuilt
    assert house.value("select string_agg(attname, ',' order by attnum) from pg_attribute "
                       "where attrelid = 'yardstick_bi.zz_rows'::regclass") == "b,a"  # fmt: skip
    assert house.value("select count(*) from yardstick.organizations") == 1
    assert house.status().is_clean
    assert house.deploy().loaded == []


def test_another_return_type_rebuilds_the_code_rooms(house):
    house.number("'x'", returns="text")
    assert house.deploy().rebuilt
    assert house.value("select yardstick_engine.zz_number()") == "x"


def test_a_new_signature_replaces_the_old(house):
    house.number("n", arguments="n integer")
    assert house.deploy().rebuilt
    assert house.value("select count(*) from pg_proc where proname = 'zz_number'") == 1


def test_a_function_that_becomes_a_procedure_is_replaced(house):
    house.write("sql/engine/calculate/zz_number.sql",
                "create or replace procedure yardstick_engine.zz_number() language sql as 'select 1';")  # fmt: skip
    house.deploy()
    assert house.value("select prokind from pg_proc where proname = 'zz_number'") == "p"


def test_an_object_without_a_file_goes(house):
    house.run("create function yardstick_api.zz_stray() returns int language sql as 'select 1'")
    assert house.status().not_in_sql == ["yardstick_api.zz_stray()"]
    assert "yardstick_api.zz_stray()" in house.deploy().rebuilt
    assert house.value("select to_regproc('yardstick_api.zz_stray')") is None


def test_the_object_of_a_removed_file_goes(house):
    house.forget("sql/engine/calculate/zz_number.sql")
    house.deploy()
    assert house.value("select to_regproc('yardstick_engine.zz_number')") is None
    assert house.status().is_clean


def test_a_removed_function_of_the_data_room_goes_when_nothing_leans_on_it(house):
    text = NUMBER.format(number=1, arguments="", returns="integer").replace("yardstick_engine", "yardstick")
    house.write("sql/functions/zz_number.sql", text)
    house.deploy()
    house.forget("sql/functions/zz_number.sql")
    house.deploy()
    assert house.value("select to_regproc('yardstick.zz_number')") is None


def test_what_others_built_on_a_view_is_never_taken_along(house):
    house.run("create view public.theirs as select a from yardstick_bi.zz_rows")
    house.view("2 as b, 'x' as a")
    with pytest.raises(Refusal, match=r"view public\.theirs|view theirs"):
        house.deploy()
    assert house.value("select a from public.theirs") == 1
    house.run("drop view public.theirs")
    house.deploy()


def test_a_trigger_of_the_host_keeps_its_function_of_the_data_room(house):
    house.write("sql/functions/zz_noted.sql", """create or replace function yardstick.zz_noted() returns trigger
        language plpgsql set search_path = pg_catalog, pg_temp as $zz$ begin return null; end $zz$;""")  # fmt: skip
    house.deploy()
    house.run("create table public.host (id int); create trigger noted after insert on public.host "
              "for each row execute function yardstick.zz_noted()")  # fmt: skip
    house.view("2 as b, 'x' as a")
    assert house.deploy().rebuilt
    assert house.value("select count(*) from pg_trigger where tgname = 'noted'") == 1


def test_an_error_names_file_statement_and_sqlstate(house):
    house.number("'no number'::integer", arguments="")
    house.write("sql/bi/zz_rows.sql", VIEW.format(columns="3 as a, 2 as b") + "grant select on yardstick_bi.nowhere to yardstick_bi;\n")
    with pytest.raises(Refusal) as refusal:
        house.deploy()
    text = str(refusal.value)
    assert re.search(r"^sql/bi/zz_rows\.sql, statement 3: 42P01: relation", text)
    assert "grant select on yardstick_bi.nowhere" in text
    assert house.value("select a from yardstick_bi.zz_rows") == 1, "nothing of a failed load stays"


def test_a_syntax_error_names_the_statement_it_stands_in(house):
    house.write("sql/bi/zz_rows.sql", VIEW.format(columns="3 as a, 2 as b") + "\ngrantt all;\n")
    with pytest.raises(Refusal, match=r"statement 3: 42601: syntax error"):
        house.deploy()


def test_a_missing_file_is_named(house):
    (house.folder / "sql/bi/zz_rows.sql").unlink()
    with pytest.raises(Refusal, match=r"LOAD_ORDER names sql/bi/zz_rows\.sql"):
        house.deploy()


def test_a_python_module_is_written_into_its_wrapper(house):
    (house.folder / "plpython" / "zz_twice.py").write_text("def twice(x):\n    return 2 * x\n")
    wrapper = """create or replace function yardstick_stats.zz_twice(x integer) returns integer
language plpython3u immutable strict set search_path = pg_catalog, pg_temp as $zz_twice$
# include: plpython/zz_twice.py
return twice(x)
$zz_twice$;
revoke execute on function yardstick_stats.zz_twice(integer) from public;
"""
    house.write("plpython/stats/zz_twice.sql", wrapper)
    house.deploy()
    assert house.value("select yardstick_stats.zz_twice(21)") == 42
    (house.folder / "plpython" / "zz_twice.py").write_text("def twice(x):\n    return 3 * x\n")
    assert house.deploy().loaded == ["plpython/stats/zz_twice.sql"]
    assert house.value("select yardstick_stats.zz_twice(21)") == 63


def test_a_session_in_the_way_is_waited_for_and_then_spoken_of(house, monkeypatch):
    monkeypatch.setattr(loader, "LOCK_TIMEOUT", "100ms")
    monkeypatch.setattr(deploy, "LOAD_ATTEMPTS", 2)
    house.view("5 as a, 2 as b")
    with psycopg.connect(house.database.dsn()) as reader:
        reader.execute("select * from yardstick_bi.zz_rows")
        with pytest.raises(Refusal, match="Another session holds what has to be replaced"):
            house.deploy()
    house.deploy()
    assert house.value("select a from yardstick_bi.zz_rows") == 5
