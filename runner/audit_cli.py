"""yardstick audit: the chains of the audit log, exported and verified."""

import sys
from contextlib import nullcontext
from pathlib import Path

import click
import psycopg
from rich.console import Console
from rich.markup import escape

from runner import audit as audits
from runner.target import Target

console = Console(highlight=False, soft_wrap=True)


def opened() -> psycopg.Connection:
    from runner.cli import started

    return started(Target()).connect()


@click.group()
def audit():
    """Export and verify the audit log: docs/audit.md."""


ORGANIZATION = "Its id or external_id, or platform for what concerns every organization."


@audit.command("head")
@click.option("--organization", help=ORGANIZATION + " Without it, every chain.")
@click.option("--out", type=click.Path(dir_okay=False), help="Append to this file; without it, print.")
def audit_head(organization, out):
    """Export the heads of the chains, to be kept where no DBA of this server writes."""
    with opened() as connection:
        heads = audits.heads(connection, organization)
    with open(out, "a") if out else nullcontext(sys.stdout) as file:
        file.writelines(audits.line(head) for head in heads)
    if out:
        console.print(f"exported: {len(heads)} heads to {escape(out)}")


@audit.command("verify")
@click.option("--organization", help=ORGANIZATION + " Without it, every chain.")
@click.option("--heads", type=click.Path(exists=True, dir_okay=False), help="Heads exported before.")
def audit_verify(organization, heads):
    """Read whole chains and say what was changed; exits 3 when anything was."""
    exported = audits.read_heads(Path(heads)) if heads else {}
    sound = True
    with opened() as connection:
        for chain, problems in audits.verify(connection, exported, organization):
            console.print(f"{chain}  {f'{len(problems)} problems' if problems else 'whole'}")
            for sequence_no, problem, detail in problems:
                console.print(f"  {sequence_no:>8}  {problem:<13}  {escape(detail)}")
            sound = sound and not problems
    sys.exit(0 if sound else 3)


@audit.command("export")
@click.option("--organization", required=True, help=ORGANIZATION)
@click.option("--out", type=click.Path(dir_okay=False), help="Write to this file; without it, print.")
def audit_export(organization, out):
    """Write a chain as JSON lines, which docs/verify_audit.py verifies without a database."""
    with opened() as connection, open(out, "w") if out else nullcontext(sys.stdout) as file:
        count = 0
        for entry in audits.entries(connection, organization):
            file.write(audits.line(entry))
            count += 1
    if out:
        console.print(f"exported: {count} rows to {escape(out)}")
