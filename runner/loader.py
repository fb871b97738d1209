"""Makes the rooms what the files under sql/ and plpython/ say, in one transaction and with as little as possible."""

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path

from psycopg import errors as pg

from runner import ROOT, kill, rooms
from runner.errors import Refusal
from runner.script import ScriptError, run_script

LOAD_ORDER = ROOT / "sql" / "LOAD_ORDER"
LOCK_TIMEOUT = "5s"
LIVE = (Path(__file__).parent / "live.sql").read_text()

# What the server says when an object can't be replaced in place.
SHAPE_CHANGES = {"42P16", "42P13", "42723", "42710", "42P07", "42809", "42725", "2BP01", "42501"}


def load_order() -> list[str]:
    lines = (line.split("#")[0].strip() for line in LOAD_ORDER.read_text().splitlines())
    return [line for line in lines if line]


def source(path: str) -> str:
    """The text of a file, with the Python modules it includes written into it."""
    file = ROOT / path
    if not file.exists():
        raise Refusal(f"sql/LOAD_ORDER names {path}, which is not there.")

    def module(match):
        included = ROOT / match[1]
        if not included.exists():
            raise Refusal(f"{path} includes {match[1]}, which is not there.")
        return included.read_text().rstrip("\n")

    return re.sub(r"^# include: (\S+)$", module, file.read_text(), flags=re.M)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass
class Result:
    loaded: list[str] = field(default_factory=list)
    rebuilt: str | None = None
    notes: list[str] = field(default_factory=list)


@dataclass
class State:
    """What the files say, what was recorded, and what stands in the catalog."""

    texts: dict[str, str]
    recorded: dict[str, tuple[str, str, bool]]  # sha256 of the text, of what stood in the catalog; since the last migration
    objects: dict[str, list[tuple]]
    strangers: list[tuple]
    is_comparable: bool = True  # recorded by the same reading of the catalog, on the same version of the server

    def live(self, path: str) -> str:
        return digest("\n".join(sorted(f"{kind} {identity}\n{state}" for _, _, kind, identity, _, state in self.objects.get(path, []))))

    def stale(self) -> list[str]:
        if not self.is_comparable:
            return list(self.texts)
        return [path for path, text in self.texts.items() if self.recorded.get(path, ("", ""))[0] != digest(text)]

    def changed_by_hand(self) -> list[str]:
        if not self.is_comparable:
            return []
        return [
            path for path, text in self.texts.items()
            if path in self.recorded and self.recorded[path][0] == digest(text) and self.recorded[path][1] != self.live(path)
        ]  # fmt: skip

    def is_out_of_reach(self, path: str, live: str) -> bool:
        """Loading the file again has not brought back what stood there when it was loaded first."""
        text, was, is_recent = self.recorded.get(path, ("", "", False))
        in_data_room = rooms.room_of(path)[0] == rooms.DATA_ROOM
        return self.is_comparable and in_data_room and is_recent and text == digest(self.texts[path]) and was != live

    def missing(self) -> list[str]:
        return [path for path in self.changed_by_hand() if path not in self.objects]

    def dropped_files(self) -> list[str]:
        return [path for path in self.recorded if path not in self.texts]


def survey(connection) -> State:
    texts = {path: source(path) for path in load_order()}
    owner_of = {}
    for path in texts:
        schema, _ = rooms.room_of(path)
        owner_of[schema, "table" if path.startswith("sql/tables/") else "code", Path(path).stem] = path
    recorded = {}
    if connection.execute("select to_regclass('yardstick.code_files')").fetchone()[0]:
        # A table that a migration has changed since is expected to look different.
        rows = connection.execute(
            "select path, sha256, live_sha256, "
            "loaded_at > coalesce((select max(a.applied_at) from yardstick_migrations.applied as a), '-infinity') "
            "from yardstick.code_files"
        )
        recorded = {row[0]: row[1:] for row in rows}
    objects, strangers = {}, []
    for row in connection.execute(LIVE, {"rooms": [rooms.DATA_ROOM, *rooms.CODE_ROOMS]}):
        path = owner_of.get((row[0], "table" if row[2] == "table" else "code", row[1]))
        if path:
            objects.setdefault(path, []).append(row)
        elif row[0] in rooms.CODE_ROOMS:
            strangers.append(row)
    return State(texts, recorded, objects, strangers, not recorded or read_with(connection) == fingerprint(connection))


def fingerprint(connection) -> str:
    """The way the catalog is read now: servers of another version write the same object differently."""
    return digest(f"{LIVE}\n{connection.info.server_version // 10000}")


def read_with(connection) -> str | None:
    if not connection.execute("select to_regclass('yardstick_migrations.reader')").fetchone()[0]:
        return None
    row = connection.execute("select fingerprint from yardstick_migrations.reader").fetchone()
    return row[0] if row else None


def load(connection) -> Result:
    """The whole loader; the caller has opened the transaction."""
    connection.execute("set local search_path = pg_catalog, pg_temp")
    connection.execute(f"set local lock_timeout = '{LOCK_TIMEOUT}'")
    connection.execute("set local check_function_bodies = off")
    connection.execute("set local client_min_messages = warning")
    if not connection.execute("select to_regclass('yardstick.code_files')").fetchone()[0]:
        return Result(notes=["no code is loaded: the migrations make no table yardstick.code_files"])
    notes = put_row_security_back(connection)
    result = bring_up_to_date(connection)
    result.notes[:0] = notes
    return result


def put_row_security_back(connection) -> list[str]:
    """A table with policies, or a partition of one, guards its rows against its owner too, whatever was done by hand."""
    found = connection.execute(
        """
        select c.oid::regclass::text
        from pg_class as c
        where c.relnamespace = 'yardstick'::regnamespace and c.relkind in ('r', 'p')
        and not (c.relrowsecurity and c.relforcerowsecurity)
        and exists (select from pg_policy as p where p.polrelid = coalesce(pg_partition_root(c.oid), c.oid))
        order by 1
        """
    ).fetchall()
    for (name,) in found:
        connection.execute(f"alter table {name} enable row level security, force row level security")
    return [f"row-level security was put back on {name}" for (name,) in found]


def bring_up_to_date(connection) -> Result:
    before = survey(connection)
    if before.strangers:
        return rebuild(connection, before, f"{before.strangers[0][3]} has no file")
    changed = before.stale() + before.changed_by_hand()
    todo = [path for path in before.texts if path in changed]
    if not todo and not before.dropped_files():
        return Result()
    try:
        with connection.transaction():
            return replay(connection, before, todo)
    except ScriptError as error:
        if error.sqlstate not in SHAPE_CHANGES:
            raise
        reason = str(error).splitlines()[0]
    except ShapeChange as change:
        reason = str(change)
    return rebuild(connection, before, reason)


class ShapeChange(Exception):
    """An object can't become what its file says while the old one stands."""


def replay(connection, before: State, todo: list[str]) -> Result:
    result = Result(loaded=todo)
    for number, path in enumerate(todo):
        rooms.take_back(connection, [row[3] for row in before.objects.get(path, [])])
        run_file(connection, path, before.texts[path])
        if number == len(todo) // 2:
            kill.here("loader")
    drop_left_overs(connection, before, todo)
    after = survey(connection)
    if after.strangers:
        raise ShapeChange(f"{after.strangers[0][3]} has no file any more")
    by_hand = set(before.changed_by_hand())
    for path in todo:
        still_differs = path in by_hand and after.live(path) != before.recorded[path][1]
        if still_differs and rooms.room_of(path)[0] in rooms.CODE_ROOMS:
            raise ShapeChange(f"{path} was changed by hand")
    finish(connection, before, result, todo)
    return result


def rebuild(connection, before: State, reason: str) -> Result:
    rooms.refuse_outsiders(connection, rooms.CODE_ROOMS, f"The code rooms have to be built anew ({reason}), and that")
    rooms.empty(connection, rooms.CODE_ROOMS)
    todo = list(before.texts)
    for number, path in enumerate(todo):
        if rooms.room_of(path)[0] == rooms.DATA_ROOM:
            rooms.take_back(connection, [row[3] for row in before.objects.get(path, [])])
        if path.startswith("sql/functions/"):
            replace_or_drop(connection, path, before)
        else:
            run_file(connection, path, before.texts[path])
        if number == len(todo) // 2:
            kill.here("loader")
    drop_left_overs(connection, before, [path for path in todo if path.startswith("sql/functions/")])
    result = Result(loaded=todo, rebuilt=reason)
    finish(connection, before, result, todo)
    return result


def run_file(connection, path: str, text: str) -> None:
    _, owner = rooms.room_of(path)
    connection.execute("reset role")
    if owner and not text.startswith("-- as: deployer"):
        connection.execute(f"set local role {owner}")
    run_script(connection, text, path)
    connection.execute("reset role")


def replace_or_drop(connection, path: str, before: State) -> None:
    """A function of the data room keeps its triggers while it can; with another shape it has to go first."""
    try:
        with connection.transaction():
            run_file(connection, path, before.texts[path])
        return
    except ScriptError as error:
        if error.sqlstate not in SHAPE_CHANGES:
            raise
    for row in before.objects.get(path, []):
        drop_restrict(connection, row[3], path)
    run_file(connection, path, before.texts[path])


def drop_restrict(connection, identity: str, path: str) -> None:
    try:
        connection.execute(f"drop routine if exists {identity} restrict")
    except pg.DependentObjectsStillExist as error:
        raise Refusal(f"{path}: {identity} can't be dropped: {' '.join((error.diag.message_detail or '').split())}") from None


def drop_left_overs(connection, before: State, todo: list[str]) -> None:
    """A routine that its file did not touch is an old signature, or its file is gone."""
    old = {(row[3], row[4]) for path in todo for row in before.objects.get(path, []) if row[2] == "routine"}
    now = survey(connection)
    for path in todo:
        for row in now.objects.get(path, []):
            if (row[3], row[4]) in old:
                if row[0] in rooms.CODE_ROOMS:
                    raise ShapeChange(f"{path} gives {row[3]} another signature")
                drop_restrict(connection, row[3], path)
    for path in before.dropped_files():
        if path.startswith("sql/functions/"):
            found = connection.execute(
                "select oid::regprocedure::text from pg_proc where proname = %s and pronamespace = 'yardstick'::regnamespace",
                [Path(path).stem],
            ).fetchall()
            for (identity,) in found:
                drop_restrict(connection, identity, path)


def finish(connection, before: State, result: Result, todo: list[str]) -> None:
    """Record what stands there now."""
    after = survey(connection)
    for path in todo:
        live, text = after.live(path), digest(after.texts[path])
        if before.is_out_of_reach(path, live):
            # What was recorded stays, and so status keeps saying it.
            result.notes.append(f"{path}: what was changed by hand is not put right by loading it; put it right by hand")
            continue
        connection.execute(
            "insert into yardstick.code_files (path, sha256, object_names, live_sha256, loaded_at) values (%s, %s, %s, %s, clock_timestamp()) "
            "on conflict (path) do update set sha256 = excluded.sha256, object_names = excluded.object_names, "
            "live_sha256 = excluded.live_sha256, loaded_at = excluded.loaded_at",
            [path, text, sorted(row[3] for row in after.objects.get(path, [])), live],
        )
    for path in before.dropped_files():
        connection.execute("delete from yardstick.code_files where path = %s", [path])
    if read_with(connection) != fingerprint(connection):
        connection.execute("delete from yardstick_migrations.reader")
        connection.execute("insert into yardstick_migrations.reader (fingerprint) values (%s)", [fingerprint(connection)])


# What the post-apply hook has done in this process, for the deploy that called it.
results: list[Result] = []


def load_for_hook(connection) -> None:
    results.append(load(connection))
