"""Verify an export of the audit log, with Python alone:

    python3 verify_audit.py EXPORT [HEADS]

EXPORT  what `yardstick audit export` wrote
HEADS   what `yardstick audit head` wrote before, kept where nobody who runs the server writes
"""

import hashlib
import json
import sys
from datetime import datetime, timedelta, timezone

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)  # noqa: UP017, for Python before 3.11
MICROSECOND = timedelta(microseconds=1)


def instant(text):
    return str((datetime.fromisoformat(text.replace("Z", "+00:00")) - EPOCH) // MICROSECOND)


def field(value):
    """Null is a hyphen; a text is its length in bytes, a colon, its bytes in UTF-8, a comma."""
    if value is None:
        return b"-"
    text = str(value).encode()
    return b"%d:%s," % (len(text), text)


def hash_of(row):
    names = ("transaction_id", "login_name", "user_id", "action", "subject", "subject_id", "old_row", "new_row", "reason")
    values = [
        "yardstick audit 1", row["previous_hash"], row["organization"], row["sequence_no"],
        instant(row["occurred_at"]), instant(row["recorded_at"]), *(row[name] for name in names),
    ]  # fmt: skip
    return hashlib.sha256(b"".join(map(field, values))).hexdigest()


def problems(rows, heads):
    number, last, hashes, organization = 0, "0" * 64, {}, None
    for row in rows:
        number += 1
        organization = organization or row["organization"]
        try:
            is_whole = row["row_hash"] == hash_of(row)
        except (KeyError, TypeError, ValueError):
            is_whole = False
        if not is_whole:
            yield f"row {number}: its hash is another one: it was changed"
        if row.get("sequence_no") != number or row.get("organization") != organization:
            yield f"row {number}: another row stands in its place: rows were removed, put in or moved"
        if row.get("previous_hash") != last:
            yield f"row {number}: it does not follow on the row before"
        last = hashes[number] = row.get("row_hash")
    known = [head for head in heads if head["organization"] == organization]
    if heads and not known:
        yield f"there is no head of {organization}"
    for head in known:
        if head["sequence_no"] > number:
            yield f"head {head['sequence_no']}: the export ends with row {number}: it was cut"
        elif hashes.get(head["sequence_no"]) != head["hash"]:
            yield f"head {head['sequence_no']}: that row has another hash: the chain was written anew"


def read(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    rows = read(sys.argv[1])
    found = list(problems(rows, read(sys.argv[2]) if len(sys.argv) == 3 else []))
    print("\n".join(found) or f"whole: {len(rows)} rows, the last {rows[-1]['row_hash'] if rows else 'none'}")
    sys.exit(1 if found else 0)
