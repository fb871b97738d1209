"""The audit outside the database: its heads, its chains as files, and what is wrong with them."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from runner.errors import Refusal

HEAD_KEYS = {"organization", "sequence_no", "hash"}

# The time as text: a year that Python cannot hold is to be seen, not to stop the export.
ENTRIES = """
select
    organization_id::text as organization, sequence_no,
    to_char(occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as occurred_at,
    to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as recorded_at,
    transaction_id, login_name, user_id::text, action, subject, subject_id, old_row, new_row, reason, previous_hash, row_hash
from yardstick_ops.audit_log
where organization_id = %s
order by sequence_no
"""


def chain_of(connection: psycopg.Connection, organization: str) -> str:
    """The id of the chain that a DBA names: an id or external_id, or `platform`."""
    if organization == "platform":
        return "00000000-0000-0000-0000-000000000000"
    if re.fullmatch(r"[0-9a-fA-F-]{36}", organization):
        return organization.lower()
    found = connection.execute(
        "select organization_id::text from yardstick_ops.audit_chains where external_id = %s", [organization]
    ).fetchone()
    if not found:
        raise Refusal(f"There is no audit of {organization}: give the id or external_id of an organization, or say platform.")
    return found[0]


def heads(connection: psycopg.Connection, organization: str | None = None) -> list[dict]:
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    chain = organization and chain_of(connection, organization)
    rows = connection.execute(
        "select organization_id::text, sequence_no, row_hash from yardstick_ops.audit_chains "
        "where sequence_no is not null and (%(chain)s::uuid is null or organization_id = %(chain)s) order by organization_id",
        {"chain": chain},
    ).fetchall()
    return [{"organization": row[0], "sequence_no": row[1], "hash": row[2], "exported_at": now} for row in rows]


def entries(connection: psycopg.Connection, organization: str) -> Iterator[dict]:
    """A chain from its first row on, as it was hashed."""
    with connection.transaction(), connection.cursor(name="audit", row_factory=psycopg.rows.dict_row) as cursor:
        cursor.itersize = 1000
        yield from cursor.execute(ENTRIES, [chain_of(connection, organization)])


def read_heads(path: Path) -> dict[str, list[dict]]:
    """Organization -> heads exported before, oldest first."""
    found = {}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        try:
            head = json.loads(line)
            is_head = isinstance(head, dict) and head.keys() >= HEAD_KEYS
        except ValueError:
            is_head = False
        if not is_head:
            raise Refusal(f"{path}, line {number} is no head: the file has to come from yardstick audit head.")
        found.setdefault(head["organization"], []).append(head)
    return {organization: sorted(lines, key=lambda head: head["sequence_no"]) for organization, lines in found.items()}


def verify(connection: psycopg.Connection, exported: dict[str, list[dict]], organization: str | None = None):
    """Each chain with what is wrong with it: (sequence_no, problem, detail)."""
    rows = connection.execute("select organization_id::text from yardstick_ops.audit_chains").fetchall()
    chains = sorted({row[0] for row in rows} | exported.keys())
    if organization:
        chains = [chain_of(connection, organization)]
    for chain in chains:
        older, newest = exported.get(chain, [])[:-1], (exported.get(chain) or [{}])[-1]
        problems = connection.execute(
            "select sequence_no, problem, detail from yardstick_api.verify_audit(%s, %s, %s)",
            [chain, newest.get("sequence_no"), newest.get("hash")],
        ).fetchall()
        for head in older:
            found = connection.execute(
                "select row_hash from yardstick_ops.audit_log where organization_id = %s and sequence_no = %s",
                [chain, head["sequence_no"]],
            ).fetchone()
            if found != (head["hash"],):
                problems.append((head["sequence_no"], "expected head", f"the head exported at {head.get('exported_at')} is not in it"))
        yield chain, problems


def line(entry: dict) -> str:
    return json.dumps(entry, ensure_ascii=False) + "\n"
