"""Every rollback takes back its own migration, nothing less and nothing more."""

from pathlib import Path

import pytest

from runner.testing import schema_dump

FOLDER = Path(__file__).resolve().parents[2] / "migrations"
FORWARD = sorted(path for path in FOLDER.glob("[0-9]*.sql") if not path.name.endswith(".rollback.sql"))


def back(path: Path) -> Path:
    return path.with_suffix(".rollback.sql")


def run(database, path: Path) -> None:
    with database.connect() as connection, connection.transaction():
        connection.execute(path.read_text(encoding="utf-8"))


def without_extension(dump: list[str]) -> list[str]:
    return [line for line in dump if "EXTENSION" not in line]


@pytest.mark.parametrize("path", FORWARD, ids=lambda path: path.stem)
def test_says_why_and_what_it_depends_on(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    number = FORWARD.index(path)
    assert lines[0].startswith("-- ") and not lines[0].startswith("-- depends")
    depends = [line for line in lines if line.startswith("-- depends: ")]
    assert depends == ([f"-- depends: {FORWARD[number - 1].stem}"] if number else [])
    assert int(path.name[:4]) == number + 1
    assert back(path).exists()


def test_each_takes_back_its_own_migration(empty_database):
    before = without_extension(schema_dump(empty_database))
    for path in FORWARD:
        run(empty_database, path)
        after = schema_dump(empty_database)
        run(empty_database, back(path))
        assert without_extension(schema_dump(empty_database)) == before, f"{back(path).name} leaves something, or takes too much"
        run(empty_database, path)
        again = schema_dump(empty_database)
        assert again == after, f"{path.name} makes something else the second time"
        before = without_extension(again)


def test_all_the_way_down_and_up(empty_database):
    for path in FORWARD:
        run(empty_database, path)
    first = schema_dump(empty_database)
    for path in reversed(FORWARD):
        run(empty_database, back(path))
    with empty_database.connect() as connection:
        left = connection.execute("select nspname from pg_namespace where nspname like 'yardstick%'").fetchall()
    assert left == []
    for path in FORWARD:
        run(empty_database, path)
    assert schema_dump(empty_database) == first


def test_the_rooms_stay_while_somebody_leans_on_them(empty_database):
    """A function of the data room goes with the room, but not what somebody else made of it."""
    for path in FORWARD[:2]:
        run(empty_database, path)
    run(empty_database, back(FORWARD[1]))
    with empty_database.connect() as connection:
        connection.execute("create function yardstick.left_over() returns integer language sql as 'select 1'")
        connection.execute("create view outsider as select yardstick.left_over()")
        with pytest.raises(Exception, match="outsider"), connection.transaction():
            connection.execute(back(FORWARD[0]).read_text(encoding="utf-8"))
        connection.execute("drop view outsider")
    run(empty_database, back(FORWARD[0]))
