"""How a database stands to the files: what is pending, stale, changed by hand, missing or in no file."""

from dataclasses import dataclass

import psycopg

from runner import loader, migrations
from runner.errors import Refusal


@dataclass
class Status:
    applied: list[str]
    pending: list[str]
    faults: list[str]
    new: list[str]
    stale: list[str]
    changed_by_hand: list[str]
    missing: list[str]
    not_in_sql: list[str]
    file_gone: list[str]

    @property
    def is_clean(self) -> bool:
        return not (
            self.pending or self.faults or self.new or self.stale
            or self.changed_by_hand or self.missing or self.not_in_sql or self.file_gone
        )  # fmt: skip


def refuse_who_may_not_look(connection: psycopg.Connection) -> None:
    """Rights, policies and bodies of every object can only be compared by somebody who may see them all."""
    if connection.execute("select current_setting('is_superuser')").fetchone()[0] != "on":
        raise Refusal(
            f"{connection.info.user} is not a superuser, and only one can read how the database stands to the files: "
            "name a superuser in DATABASE_URL."
        )


def look(connection: psycopg.Connection) -> Status:
    refuse_who_may_not_look(connection)
    done = migrations.applied(connection)
    with connection.transaction():
        connection.execute("set local search_path = pg_catalog, pg_temp")
        state = loader.survey(connection)
    missing = state.missing()
    return Status(
        applied=sorted(done),
        pending=[path.stem for path in migrations.files() if path.stem not in done],
        faults=migrations.faults(done),
        new=[path for path in state.texts if path not in state.recorded],
        stale=[path for path in state.stale() if path in state.recorded],
        changed_by_hand=[path for path in state.changed_by_hand() if path not in missing],
        missing=missing,
        not_in_sql=[row[3] for row in state.strangers],
        file_gone=state.dropped_files(),
    )
