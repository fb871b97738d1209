"""What `make check` finds without a database."""

import hashlib
import shutil

import pytest

from runner import ROOT, checks, loader, migrations


@pytest.fixture
def files(tmp_path, monkeypatch):
    for name in ("migrations", "sql", "plpython", "runner"):
        shutil.copytree(ROOT / name, tmp_path / name)
    monkeypatch.setattr(checks, "ROOT", tmp_path)
    monkeypatch.setattr(loader, "ROOT", tmp_path)
    monkeypatch.setattr(loader, "LOAD_ORDER", tmp_path / "sql" / "LOAD_ORDER")
    monkeypatch.setattr(migrations, "FOLDER", tmp_path / "migrations")
    return tmp_path


def test_the_files_are_in_order(files):
    assert checks.frozen() + checks.migration_files() + checks.load_order() == []


def test_a_file_that_is_not_loaded(files):
    (files / "sql/bi/forgotten.sql").write_text("select 1;")
    assert checks.load_order() == ["sql/bi/forgotten.sql is not in sql/LOAD_ORDER"]


def test_a_file_that_is_not_there_or_named_twice(files):
    order = files / "sql/LOAD_ORDER"
    order.write_text(order.read_text() + "sql/bi/none.sql\nsql/bi/metrics.sql\n")
    assert checks.load_order() == [
        "sql/LOAD_ORDER names sql/bi/none.sql, which is not there",
        "sql/LOAD_ORDER names sql/bi/metrics.sql twice",
    ]


def test_a_migration_without_a_way_back(files):
    (files / "migrations/9001.add_nothing.sql").write_text("-- Why.\nselect 1;\n")
    faults = checks.migration_files()
    assert "migrations/9001.add_nothing.sql: there is no 9001.add_nothing.rollback.sql" in faults
    assert any("has no order" in fault for fault in faults)


def test_a_released_file_is_never_edited(files):
    name = migrations.files()[0].name
    digest = hashlib.sha256((files / "migrations" / name).read_bytes()).hexdigest()
    frozen = files / "migrations/FROZEN"
    frozen.write_text(frozen.read_text() + f"{digest}  {name}\n{digest}  0000.gone.sql\n")
    assert checks.frozen() == ["migrations/0000.gone.sql was released and is missing: restore it."]
    with open(files / "migrations" / name, "a") as file:
        file.write("\n")
    assert any("has been edited" in fault for fault in checks.frozen())
