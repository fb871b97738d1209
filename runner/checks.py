"""What can be said about the files without a database: `make check`."""

import re
import subprocess
import sys
import time
from pathlib import Path

from runner import ROOT, loader, migrations, rooms
from runner.errors import Refusal

TOOLS = Path(sys.executable).parent


def frozen() -> list[str]:
    return migrations.frozen_faults()


def migration_files() -> list[str]:
    """Every migration can be undone, has a number of its own and says what it comes after."""
    faults, numbers, previous = [], set(), None
    for path in migrations.files():
        if not re.fullmatch(r"\d{4}\.[a-z]+_[a-z0-9_]+", path.stem):
            faults.append(f"migrations/{path.name}: the name is not NNNN.verb_what.sql")
        if path.stem[:4] in numbers:
            faults.append(f"migrations/{path.name}: another migration has this number")
        numbers.add(path.stem[:4])
        if not migrations.rollback_file(path).exists():
            faults.append(f"migrations/{path.name}: there is no {migrations.rollback_file(path).name}")
        text = path.read_text()
        if not text.startswith("-- "):
            faults.append(f"migrations/{path.name}: the first line does not say why")
        depends = re.findall(r"^-- depends: (.*)$", text, re.M)
        if previous and previous.stem not in " ".join(depends).split():
            faults.append(f"migrations/{path.name}: it does not depend on {previous.stem}, and so has no order")
        previous = path
    for path in migrations.FOLDER.glob("*.rollback.sql"):
        if not (migrations.FOLDER / path.name.replace(".rollback.sql", ".sql")).exists():
            faults.append(f"migrations/{path.name}: there is no migration it undoes")
    return faults


def load_order() -> list[str]:
    """LOAD_ORDER names every file once, and every file it names is there."""
    listed = loader.load_order()
    there = {
        path.relative_to(ROOT).as_posix()
        for folder in ("sql", "plpython/stats") for path in (ROOT / folder).rglob("*.sql")
    }  # fmt: skip
    faults = [f"{path} is not in sql/LOAD_ORDER" for path in sorted(there - set(listed))]
    faults += [f"sql/LOAD_ORDER names {path}, which is not there" for path in listed if path not in there]
    faults += [f"sql/LOAD_ORDER names {path} twice" for path in sorted({p for p in listed if listed.count(p) > 1})]
    for path in sorted(there & set(listed)):
        try:
            rooms.room_of(path)
            loader.source(path)
        except Refusal as refusal:
            faults.append(str(refusal))
    return faults


def forward_files() -> list[str]:
    return [str(path.relative_to(ROOT)) for path in migrations.files()]


def tool(*command: str):
    def run() -> list[str]:
        done = subprocess.run([str(TOOLS / command[0]), *command[1:]], cwd=ROOT, capture_output=True, text=True)
        return [] if done.returncode == 0 else (done.stdout + done.stderr).strip().splitlines()

    return run


def checks():
    return (
        ("frozen files", frozen),
        ("migrations and their rollbacks", migration_files),
        ("sql/LOAD_ORDER", load_order),
        ("ruff", tool("ruff", "check", ".")),
        ("squawk", tool("squawk", "--config", ".squawk.toml", "--reporter", "gcc", *forward_files())),
        ("sqlfluff", tool("sqlfluff", "lint", "--processes", "2", "--disable-progress-bar", "sql/bi", "migrations")),
    )


def main() -> int:
    failed = 0
    for name, check in checks():
        start = time.monotonic()
        faults = check()
        print(f"{'FAILED' if faults else 'ok':<6}  {name} ({time.monotonic() - start:.1f} s)")
        for fault in faults:
            print(f"        {fault}")
        failed += bool(faults)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
