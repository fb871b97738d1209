"""Chains of the audit: written by many at once, tampered with, exported, verified without a database, restored."""

import json
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from runner import ROOT, audit

PLATFORM = "00000000-0000-0000-0000-000000000000"


def organization(connection, name):
    return connection.execute(
        "select yardstick_api.sync_organization(%s)::text", [json.dumps({"external_id": name, "organization_name": name})]
    ).fetchone()[0]


def change(connection, chain, count, name="role"):
    for number in range(count):
        connection.execute(
            "insert into yardstick.roles (organization_id, role_name) values (%s, %s)", [chain, f"{name} {number}"]
        )


def found(connection, chain, head=None):
    rows = connection.execute(
        "select sequence_no, problem from yardstick_api.verify_audit(%s, %s, %s)",
        [chain, head and head["sequence_no"], head and head["hash"]],
    )
    return rows.fetchall()


def test_many_writers_leave_one_chain(database):
    """32 at once, each with transactions of its own, in two organizations by turns: no fork, no gap, no deadlock."""
    with database.connect() as connection:
        chains = [organization(connection, name) for name in ("acme", "birch")]
        before = dict(connection.execute("select organization_id::text, sequence_no from yardstick.audit_heads").fetchall())
    gate = Barrier(32)

    def write(number):
        with database.connect(autocommit=False) as writer:
            gate.wait()
            for turn in range(5):
                # One in three changes both, half of them the other way round.
                for chain in chains[:: 1 if number % 2 else -1] if turn % 3 == 0 else [chains[turn % 2]]:
                    change(writer, chain, 1, f"{number} {turn}")
                writer.commit()

    with ThreadPoolExecutor(32) as pool:
        list(pool.map(write, range(32)))
    with database.connect() as connection:
        for chain, expected in zip(chains, (32 * 4, 32 * 3), strict=True):
            assert found(connection, chain) == []
            rows = connection.execute(
                "select count(*), max(sequence_no), count(distinct previous_hash) from yardstick.audit_log where organization_id = %s",
                [chain],
            ).fetchone()
            total = before[chain] + expected
            assert rows == (total, total, total)
        assert connection.execute("select count(*) from yardstick.audit_queue").fetchone()[0] == 0


# --- Tampering: a superuser with triggers off

COLUMNS = {
    "login_name": "login_name || 'x'", "user_id": "gen_random_uuid()", "action": "'approve'", "subject": "subject || 's'",
    "subject_id": "coalesce(subject_id, '') || '0'", "old_row": "'{}'", "new_row": "new_row || '{\"is_active\": false}'",
    "reason": "'because'", "transaction_id": "transaction_id + 1",
}  # fmt: skip


def flip(connection, chain, last, dice):
    column, value = dice.choice(list(COLUMNS.items()))
    number = dice.randint(1, last)
    connection.execute(
        f"update yardstick.audit_log set {column} = {value} where organization_id = %s and sequence_no = %s", [chain, number]
    )


def flip_a_bit(connection, chain, last, dice):
    column = dice.choice(["row_hash", "previous_hash"])
    connection.execute(
        f"update yardstick.audit_log set {column} = set_bit({column}, %s, 1 - get_bit({column}, %s)) "
        "where organization_id = %s and sequence_no = %s",
        [bit := dice.randrange(256), bit, chain, dice.randint(1, last)],
    )


def delete(connection, chain, last, dice):
    number = dice.randint(1, last)
    many = dice.choice([1, 1, 3])
    connection.execute(
        "delete from yardstick.audit_log where organization_id = %s and sequence_no between %s and %s", [chain, number, number + many - 1]
    )
    if dice.random() < 0.5:  # and closes the gap
        renumber(connection, chain, number, -many)


def insert(connection, chain, last, dice):
    """A copy of some row, with a hash of its own that is right for its place."""
    number = dice.randint(1, last + 1)
    renumber(connection, chain, number, 1)
    connection.execute(
        """
        insert into yardstick.audit_log
        select
            r.organization_id, r.sequence_no, r.occurred_at, r.recorded_at, r.transaction_id, r.login_name, r.user_id, r.action,
            r.subject, r.subject_id, r.old_row, r.new_row, r.reason, r.previous_hash,
            yardstick.audit_hash(
                r.previous_hash, r.organization_id, r.sequence_no, r.occurred_at, r.recorded_at, r.transaction_id, r.login_name,
                r.user_id, r.action, r.subject, r.subject_id, r.old_row::text, r.new_row::text, r.reason
            )
        from (
            select
                l.organization_id, %(number)s::bigint as sequence_no, l.occurred_at, l.recorded_at, l.transaction_id,
                l.login_name, l.user_id, 'approve' as action, l.subject, l.subject_id, l.old_row, l.new_row, l.reason,
                coalesce(
                    (select p.row_hash from yardstick.audit_log as p where p.organization_id = %(chain)s and p.sequence_no = %(number)s - 1),
                    decode(repeat('00', 32), 'hex')
                ) as previous_hash
            from yardstick.audit_log as l
            where l.organization_id = %(chain)s and l.sequence_no <> %(number)s
            order by l.sequence_no desc
            limit 1
        ) as r
        """,
        {"chain": chain, "number": number},
    )


def reorder(connection, chain, last, dice):
    one, other = dice.sample(range(1, last + 1), 2)
    if dice.random() < 0.5:  # only what they say changes places
        connection.execute(
            """
            update yardstick.audit_log as l
            set action = o.action, subject = o.subject, subject_id = o.subject_id, old_row = o.old_row, new_row = o.new_row, row_hash = o.row_hash
            from yardstick.audit_log as o
            where l.organization_id = %(chain)s and o.organization_id = %(chain)s
                and l.sequence_no in (%(one)s, %(other)s) and o.sequence_no = %(one)s + %(other)s - l.sequence_no
            """,
            {"chain": chain, "one": one, "other": other},
        )
        return
    for number, place in ((one, 100000), (other, one), (100000, other)):
        connection.execute(
            "update yardstick.audit_log set sequence_no = %s where organization_id = %s and sequence_no = %s", [place, chain, number]
        )


def back_date(connection, chain, last, dice):
    column = dice.choice(["occurred_at", "recorded_at"])
    connection.execute(
        f"update yardstick.audit_log set {column} = {column} - %s * interval '1 microsecond' where organization_id = %s and sequence_no = %s",
        [dice.choice([1, 1_000_000, 31_536_000_000_000, 2 * 63_931_075_200_000_000]), chain, dice.randint(1, last)],
    )


def renumber(connection, chain, start, by):
    for step in (1_000_000, by - 1_000_000):
        connection.execute(
            "update yardstick.audit_log set sequence_no = sequence_no + %s where organization_id = %s and sequence_no >= %s",
            [step, chain, start],
        )


@pytest.fixture(scope="module")
def tampered(cluster):
    """A chain of 60 rows and more, for one superuser after another."""
    made = cluster.clone()
    with made.connect() as connection:
        chain = organization(connection, "acme")
        change(connection, chain, 50)
        connection.execute("update yardstick.roles set may_approve = '{owner}' where role_name like 'role 1%'")
        connection.execute("delete from yardstick.roles where role_name in ('role 2', 'role 3')")
        assert found(connection, chain) == []
        yield connection, chain
    cluster.drop(made)


class TakenBack(Exception):
    pass


def everything(connection):
    return connection.execute("select l::text from yardstick.audit_log as l order by organization_id, sequence_no").fetchall()


@pytest.mark.parametrize("number", range(50))
def test_tampering_is_found(tampered, number):
    connection, chain = tampered
    dice = random.Random(number)
    deed = (flip, flip_a_bit, delete, insert, reorder, back_date)[number % 6]
    head = audit.heads(connection, chain)[0]
    last = head["sequence_no"]
    with pytest.raises(TakenBack), connection.transaction():
        connection.execute("set local session_replication_role = replica")
        was = everything(connection)
        deed(connection, chain, last, dice)
        if everything(connection) != was:
            assert found(connection, chain), deed.__name__
        else:
            assert deed is flip, "nothing was done"
        raise TakenBack


def rewrite(connection, chain):
    """What a superuser does who knows the rules: every hash anew, and the head."""
    connection.execute(
        f"""
        do $rewrite$
        declare
            r    yardstick.audit_log;
            last bytea := decode(repeat('00', 32), 'hex');
        begin
            for r in select * from yardstick.audit_log where organization_id = '{chain}' order by sequence_no loop
                update yardstick.audit_log set previous_hash = last, row_hash = yardstick.audit_hash(
                    last, r.organization_id, r.sequence_no, r.occurred_at, r.recorded_at, r.transaction_id, r.login_name, r.user_id,
                    r.action, r.subject, r.subject_id, r.old_row::text, r.new_row::text, r.reason
                )
                where organization_id = r.organization_id and sequence_no = r.sequence_no returning row_hash into last;
            end loop;
            update yardstick.audit_heads as h set sequence_no = l.sequence_no, row_hash = l.row_hash
            from (select * from yardstick.audit_log where organization_id = '{chain}' order by sequence_no desc limit 1) as l
            where h.organization_id = l.organization_id;
        end
        $rewrite$
        """
    )


@pytest.mark.parametrize("deed", ["cut", "rewritten"])
def test_a_cut_tail_and_a_rewritten_chain_are_found_against_a_head(tampered, deed):
    connection, chain = tampered
    head = audit.heads(connection, chain)[0]
    with pytest.raises(TakenBack), connection.transaction():
        connection.execute("set local session_replication_role = replica")
        if deed == "cut":
            connection.execute("delete from yardstick.audit_log where organization_id = %s and sequence_no > 40", [chain])
        else:
            connection.execute("update yardstick.audit_log set login_name = 'nobody' where organization_id = %s and sequence_no = 7", [chain])
        rewrite(connection, chain)
        assert found(connection, chain) == [], "by itself it is whole"
        assert found(connection, chain, head) == [(head["sequence_no"], "expected head")]
        raise TakenBack


# --- Files


def offline(*files):
    done = subprocess.run(
        [sys.executable, "-I", "-S", ROOT / "docs" / "verify_audit.py", *files], capture_output=True, text=True, cwd="/"
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout.strip()


def test_an_export_is_verified_without_a_database(database, tmp_path):
    export, heads = tmp_path / "acme.jsonl", tmp_path / "heads.jsonl"
    with database.connect() as connection:
        # In whatever zone, and with what JSON and UTF-8 make difficult.
        connection.execute("set timezone = 'Australia/Lord_Howe'; set datestyle = 'German'; set extra_float_digits = -5")
        acme = organization(connection, "acme")
        change(connection, acme, 3, 'Qualität "\\\t\u2028\u0001 \U0001f9ea')
        heads.write_text("".join(map(audit.line, audit.heads(connection))))
        change(connection, acme, 2, "later")
        rows = list(audit.entries(connection, "acme"))
        assert list(audit.entries(connection, acme)) == rows
        assert dict(audit.verify(connection, audit.read_heads(heads))) == {PLATFORM: [], acme: []}
        assert [row["organization"] for row in audit.entries(connection, "platform")][:1] == [PLATFORM]
    lines = [audit.line(row) for row in rows]

    def said(changed, *files):
        export.write_text("".join(changed))
        return offline(export, *files)

    assert said(lines, heads) == (0, f"whole: 6 rows, the last {rows[-1]['row_hash']}")
    assert said(lines) == (0, f"whole: 6 rows, the last {rows[-1]['row_hash']}")
    assert said([line.replace("later 1", "later 2") for line in lines])[0] == 1
    assert said([line.replace('"is_active\\": true', '"is_active\\": false') for line in lines])[0] == 1
    assert said(lines[:2] + lines[3:])[0] == 1
    assert said([lines[1], lines[0], *lines[2:]])[0] == 1
    assert said(lines[:3]) == (0, f"whole: 3 rows, the last {rows[2]['row_hash']}")
    assert said(lines[:3], heads) == (1, "head 4: the export ends with row 3: it was cut")
    assert said([lines[0].replace("Z", "+00:00"), *lines[1:]], heads)[0] == 0, "it is the same instant"
    for name in rows[0]:
        if name != "row_hash":
            assert said([audit.line({**rows[0], name: "9"}), *lines[1:]])[0] == 1, name
    assert said([audit.line({"organization": acme}), *lines[1:]])[0] == 1


def test_the_runner_exports_and_verifies(database, tmp_path, monkeypatch):
    def yardstick(*arguments):
        return subprocess.run(
            [sys.executable, "-c", "from runner.cli import main; main()", *arguments], capture_output=True, text=True, cwd=ROOT
        )

    monkeypatch.setenv("DATABASE_URL", database.dsn())
    heads, export = tmp_path / "heads.jsonl", tmp_path / "export.jsonl"
    with database.connect() as connection:
        acme = organization(connection, "acme")
        change(connection, acme, 3)
        assert yardstick("audit", "head", "--out", str(heads)).stdout.strip().startswith("exported: 2 heads to")
        printed = json.loads(yardstick("audit", "head", "--organization", "acme").stdout)
        assert (printed["organization"], printed["sequence_no"]) == (acme, 4)
        change(connection, acme, 3, "later")
        yardstick("audit", "head", "--out", str(heads))
        assert len(heads.read_text().splitlines()) == 4, "heads are added, never overwritten"
        done = yardstick("audit", "export", "--organization", "acme", "--out", str(export))
        assert done.stdout.strip().startswith("exported: 7 rows to")
        assert offline(export, heads)[0] == 0
        done = yardstick("audit", "verify", "--heads", str(heads))
        assert (done.returncode, done.stdout.splitlines()) == (0, [f"{PLATFORM}  whole", f"{acme}  whole"])

        with connection.transaction():
            connection.execute("set local session_replication_role = replica")
            connection.execute("update yardstick.audit_log set reason = 'x' where organization_id = %s and sequence_no = 2", [acme])
            rewrite(connection, acme)
        assert yardstick("audit", "verify", "--organization", "acme").returncode == 0
        done = yardstick("audit", "verify", "--heads", str(heads))
        assert done.returncode == 3
        assert done.stdout.count("expected head") == 2
    done = yardstick("audit", "export", "--organization", "nobody")
    assert (done.returncode, done.stdout) == (1, "")
    assert "There is no audit of nobody" in done.stderr
    heads.write_text("{}\n")
    assert "line 1 is no head" in yardstick("audit", "verify", "--heads", str(heads)).stderr


def test_a_restored_chain_goes_on(database, empty_database, tmp_path):
    with database.connect() as connection:
        acme = organization(connection, "acme")
        change(connection, acme, 5)
        heads = {head["organization"]: [head] for head in audit.heads(connection)}
    dump, bin_folder = tmp_path / "dump", database.cluster.bin
    subprocess.run([bin_folder / "pg_dump", "-Fc", "-d", database.dsn(), "-f", dump], check=True)
    subprocess.run([bin_folder / "pg_restore", "--exit-on-error", "-d", empty_database.dsn(), dump], check=True)
    with empty_database.connect() as restored:
        restored.execute("set timezone = 'Asia/Kathmandu'")
        assert not any(problems for _, problems in audit.verify(restored, heads))
        change(restored, acme, 2, "later")
        assert not any(problems for _, problems in audit.verify(restored, heads))
        assert audit.heads(restored, acme)[0]["sequence_no"] == heads[acme][0]["sequence_no"] + 2
