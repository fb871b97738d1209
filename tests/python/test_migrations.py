"""What the runner makes of migrations that were edited, lost, half done or marked wrongly."""

import shutil
from contextlib import contextmanager

import psycopg
import pytest
from yoyo.exceptions import LockTimeout

from runner import ROOT, deploy, migrations, plcheck
from runner.errors import Refusal, explain


class Files:
    def __init__(self, folder, database):
        self.folder = folder
        self.database = database
        self.last = migrations.files()[-1].stem

    def add(self, name: str, text: str, back: str | None = "select 1;\n") -> None:
        (self.folder / f"{name}.sql").write_text(f"-- For a test.\n-- depends: {self.last}\n{text}")
        if back:
            (self.folder / f"{name}.rollback.sql").write_text(back)

    def deploy(self):
        return deploy.deploy(self.database.target)

    def value(self, query: str):
        with self.database.connect() as connection:
            return connection.execute(query).fetchone()[0]


@pytest.fixture
def files(tmp_path, monkeypatch, database):
    shutil.copytree(ROOT / "migrations", tmp_path / "migrations")
    monkeypatch.setattr(migrations, "FOLDER", tmp_path / "migrations")
    monkeypatch.setattr(plcheck, "check", lambda connection: None)
    return Files(tmp_path / "migrations", database)


def test_a_new_migration_is_applied_once(files):
    files.add("9001.add_thing", "create table public.thing (id int);\n", "drop table public.thing;\n")
    assert files.deploy().migrations == ["9001.add_thing"]
    assert files.deploy().migrations == []
    assert deploy.rollback(files.database.target, None, None) == ["9001.add_thing"]
    assert files.value("select to_regclass('public.thing')") is None


def test_an_edited_migration_is_refused(files):
    path = migrations.files()[2]
    path.write_text(path.read_text() + "\n-- later\n")
    with pytest.raises(Refusal, match=rf"migrations/{path.name} was edited after it was applied here"):
        files.deploy()


def test_a_lost_migration_is_refused(files):
    path = migrations.files()[-1]
    path.unlink()
    with pytest.raises(Refusal, match=rf"migrations/{path.name} was applied here and is missing"):
        files.deploy()


def test_a_frozen_migration_is_refused_before_anything_is_touched(files):
    frozen = files.folder / "FROZEN"
    frozen.write_text(frozen.read_text() + f"{'0' * 64}  {migrations.files()[0].name}\n")
    with pytest.raises(Refusal, match="was released and has been edited"):
        files.deploy()


def test_a_failing_migration_leaves_nothing_and_is_named(files):
    files.add("9001.fail", "create table public.thing (id int);\nselect 1 / 0;\n")
    with pytest.raises(Refusal) as refusal:
        files.deploy()
    assert str(refusal.value).startswith("migrations/9001.fail.sql, statement 2: 22012: division by zero")
    assert files.value("select to_regclass('public.thing')") is None
    files.add("9001.fail", "create table public.thing (id int);\n", "drop table public.thing;\n")
    assert files.deploy().migrations == ["9001.fail"]


def test_a_migration_that_changes_role_still_signs_for_itself(files):
    files.add("9001.as_owner", "set local role yardstick_owner;\ncreate table yardstick.zz (id int);\n",
              "drop table yardstick.zz;\n")  # fmt: skip
    assert files.deploy().migrations == ["9001.as_owner"]
    assert files.value("select relowner::regrole::text from pg_class where relname = 'zz'") == "yardstick_owner"


def test_what_yoyo_forgot_or_made_up_is_put_right(files):
    with files.database.connect() as connection:
        connection.execute("delete from yardstick_migrations._yoyo_migration where migration_id like '0003%'")
        connection.execute("insert into yardstick_migrations.yoyo_lock (locked, ctime, pid) values (1, now(), 1)")
    assert files.deploy().migrations == []
    assert files.value("select count(*) from yardstick_migrations._yoyo_migration") == len(migrations.files())


def test_a_rollback_that_was_killed_before_yoyo_knew_is_done(files):
    files.add("9001.add_thing", "create table public.thing (id int);\n", "drop table public.thing;\n")
    files.deploy()
    with files.database.connect() as connection:
        connection.execute("drop table public.thing; delete from yardstick_migrations.applied where id like '9001%'")
    assert files.deploy().migrations == ["9001.add_thing"]


def test_an_index_is_built_concurrently_after_a_killed_build(files):
    with files.database.connect() as connection:
        connection.execute("create table public.host (id int); insert into public.host values (1), (1)")
        with pytest.raises(Exception, match="could not create unique index"):
            connection.execute("create unique index concurrently host_id on public.host (id)")
        connection.execute("delete from public.host")
    files.add("9001.index_host", "-- transactional: false\ncreate unique index concurrently host_id on public.host (id);\n",
              "-- transactional: false\ndrop index concurrently public.host_id;\n")  # fmt: skip
    assert files.deploy().migrations == ["9001.index_host"]
    assert files.value("select indisvalid from pg_index where indexrelid = 'public.host_id'::regclass")


def test_a_table_in_use_is_not_waited_for_without_end(files, monkeypatch):
    files.add("9001.alter", "set local lock_timeout = '100ms';\nalter table yardstick.jobs add column zz int;\n")
    with files.database.connect(autocommit=False) as reader:
        reader.execute("select * from yardstick.jobs")
        with pytest.raises(Refusal) as refusal:
            files.deploy()
    assert explain(refusal.value).startswith("Another session holds what has to be changed")


def test_no_way_back_without_its_file(files):
    files.add("9001.one_way", "select 1;\n", back=None)
    files.deploy()
    with pytest.raises(Refusal, match=r"There is no way back from 9001\.one_way"):
        deploy.rollback(files.database.target, None, None)
    with pytest.raises(Refusal, match="No applied migration is called 7777"):
        deploy.rollback(files.database.target, "7777", None)


def test_what_yoyo_takes_for_a_lock_is_said_as_it_was():
    class FullDisk:
        @contextmanager
        def lock(self):
            try:
                raise psycopg.errors.DiskFull("no space left")
            except psycopg.Error:
                raise LockTimeout("Database locked")  # noqa: B904
            yield

    with pytest.raises(psycopg.errors.DiskFull), migrations.alone(FullDisk()):
        pass
