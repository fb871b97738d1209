"""The versioned part: yoyo runs migrations/, and yardstick_migrations.applied says what was run, byte for byte."""

import hashlib
import re
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg
from yoyo import get_backend
from yoyo.exceptions import LockTimeout
from yoyo.migrations import Migration, MigrationList, PostApplyHookMigration, StepCollector, topological_sort

from runner import ROOT, kill
from runner.errors import Refusal
from runner.script import run_script

FOLDER = ROOT / "migrations"
SCHEMA = "yardstick_migrations"


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def files() -> list[Path]:
    return sorted(path for path in FOLDER.glob("[0-9]*.sql") if not path.name.endswith(".rollback.sql"))


def hashes() -> dict[str, str]:
    return {path.stem: sha256(path) for path in files()}


def rollback_file(path: Path) -> Path:
    return path.with_suffix(".rollback.sql")


def frozen() -> dict[str, str]:
    """Name of each released file and the sha256 it has for ever."""
    lines = (FOLDER / "FROZEN").read_text().splitlines()
    pairs = [line.split() for line in lines if line.strip() and not line.startswith("#")]
    return {name: digest for digest, name in pairs}


def frozen_faults() -> list[str]:
    faults = []
    for name, digest in frozen().items():
        path = FOLDER / name
        if not path.exists():
            faults.append(f"migrations/{name} was released and is missing: restore it.")
        elif sha256(path) != digest:
            faults.append(f"migrations/{name} was released and has been edited: restore it and write a new migration.")
    return faults


class FileMigration(Migration):
    """A migration whose file goes to the server whole, and that signs for itself in its own transaction."""

    def load(self):
        if self.loaded:
            return
        path = Path(self.path)
        self.source = path.read_text()
        head = re.findall(r"^--\s*(depends|transactional)\s*:\s*(.*)$", self.source, re.M)
        self.use_transactions = ("transactional", "false") not in [(key, value.strip()) for key, value in head]
        names = {name for key, value in head if key == "depends" for name in value.split()}
        known = {migration.id: migration for migration in self.siblings}
        if unknown := names - known.keys():
            raise Refusal(f"{path.name} depends on {', '.join(sorted(unknown))}, which is not in migrations/.")
        self._depends = {known[name] for name in names}
        collector = StepCollector(migration=self)
        collector.add_step(self.apply_file, self.roll_back_file)
        collector.add_step(self.sign, self.unsign)
        self.steps = collector.create_steps(self.use_transactions)

    def process_steps(self, backend, direction, force=False):
        super().process_steps(backend, direction, force)
        kill.here(f"{direction}:{self.id[:4]}")

    def apply_file(self, connection):
        if self.use_transactions:
            # One that has to wait longer holds up everybody who comes after it.
            connection.execute("set local lock_timeout = '5s'")
        else:
            drop_invalid_index(connection, self.source)
        run_script(connection, self.source, f"migrations/{Path(self.path).name}")

    def roll_back_file(self, connection):
        path = rollback_file(Path(self.path))
        if not path.exists():
            raise Refusal(f"migrations/{path.name} is missing: there is no way back from {self.id}.")
        run_script(connection, path.read_text(), f"migrations/{path.name}")

    def sign(self, connection):
        connection.execute("reset role")
        connection.execute(
            f"insert into {SCHEMA}.applied (id, sha256) values (%s, %s)", [self.id, sha256(Path(self.path))]
        )

    def unsign(self, connection):
        connection.execute("reset role")
        connection.execute(f"delete from {SCHEMA}.applied where id = %s", [self.id])


def drop_invalid_index(connection, text: str) -> None:
    """A killed concurrent build leaves an invalid index behind, under the name the next try needs."""
    found = re.search(r"create\s+(?:unique\s+)?index\s+concurrently\s+(?:if\s+not\s+exists\s+)?(\w+)\s+on\s+(?:only\s+)?(\w+)\.", text, re.I)
    if not found:
        return
    name = f"{found[2]}.{found[1]}"
    query = "select 1 from pg_index where indexrelid = to_regclass(%s) and not indisvalid"
    if connection.execute(query, [name]).fetchone():
        connection.execute(f"drop index concurrently {name}")


def read() -> MigrationList:
    migrations = [FileMigration(path.stem, str(path), str(FOLDER)) for path in files()]
    for migration in migrations:
        migration.siblings = migrations
    hook = FOLDER / "post-apply.py"
    hooks = [PostApplyHookMigration(hook.stem, str(hook), str(FOLDER))] if hook.exists() else []
    return MigrationList(topological_sort(migrations), hooks)


BOOKS = f"""
create schema if not exists {SCHEMA};
comment on schema {SCHEMA} is 'Which migrations this database has seen; written by the runner.';
create table if not exists {SCHEMA}.applied (
    id text primary key, sha256 text not null, applied_at timestamptz not null default clock_timestamp()
);
comment on table {SCHEMA}.applied is 'One row per applied migration, with the sha256 of the text that was run.';
create table if not exists {SCHEMA}.reader (fingerprint text primary key);
comment on table {SCHEMA}.reader is
'How the catalog was read when the code was loaded; what was recorded can only be compared when it is read the same way.';
"""


def prepare(connection: psycopg.Connection) -> None:
    """The place where the runner keeps its own books."""
    if connection.execute("select to_regclass(%s)", [f"{SCHEMA}.reader"]).fetchone()[0]:
        return
    with connection.transaction():
        connection.execute("set local client_min_messages = warning")
        connection.execute(BOOKS)


def applied(connection: psycopg.Connection) -> dict[str, str]:
    if not connection.execute("select to_regclass(%s)", [f"{SCHEMA}.applied"]).fetchone()[0]:
        return {}
    return dict(connection.execute(f"select id, sha256 from {SCHEMA}.applied order by id").fetchall())


def faults(done: dict[str, str]) -> list[str]:
    """What has been done to files that must not change any more."""
    on_disk = hashes()
    found = frozen_faults()
    for name, digest in done.items():
        if name not in on_disk:
            found.append(f"migrations/{name}.sql was applied here and is missing: restore it.")
        elif on_disk[name] != digest:
            found.append(f"migrations/{name}.sql was edited after it was applied here: restore it, or roll it back first.")
    return found


def backend(conninfo: str):
    """yoyo's own connection, with its tables in a schema of their own."""
    given = psycopg.conninfo.conninfo_to_dict(conninfo)
    dbname = given.pop("dbname", None) or psycopg.conninfo.conninfo_to_dict(conninfo).get("user", "")
    arguments = {**{key: str(value) for key, value in given.items()}, "schema": SCHEMA}
    return get_backend(f"postgresql+psycopg:///{quote(dbname)}?{urlencode(arguments)}")


@contextmanager
def alone(store):
    """yoyo takes whatever keeps it from writing its lock, a full disk too, for a lock somebody has."""
    try:
        with store.lock():
            yield
    except LockTimeout as error:
        raise error.__context__ or error from None


def heal(store, migrations: MigrationList, done: dict[str, str]) -> None:
    """yoyo marks on another connection: what was killed in between is marked as the books say."""
    store.break_lock()
    marked = store.get_applied_migration_hashes()
    store.mark_migrations([m for m in migrations if m.id in done and m.hash not in marked])
    store.unmark_migrations([m for m in migrations if m.id not in done and m.hash in marked])


def apply_pending(store, migrations: MigrationList, connection, say) -> list[str]:
    pending = store.to_apply(migrations)
    names = []
    for migration in pending:
        with alone(store):
            store.apply_migrations_only(MigrationList([migration], []))
        names.append(migration.id)
        say(f"applied {migration.id}")
    missing = {m.id for m in migrations} - applied(connection).keys()
    if missing:
        raise Refusal(f"Not applied, though nothing failed: {', '.join(sorted(missing))}. Can the files be read?")
    return names


def roll_back(store, migrations: MigrationList, say) -> None:
    for migration in migrations:
        with alone(store):
            store.rollback_migrations(MigrationList([migration], []))
        say(f"rolled back {migration.id}")
