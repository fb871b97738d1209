"""yardstick: what a DBA types."""

import os
import sys

import click
import psycopg
from rich.console import Console
from rich.markup import escape

from runner import ROOT
from runner.audit_cli import audit
from runner.errors import Refusal, explain
from runner.metrics_cli import metrics
from runner.target import Target

console = Console(highlight=False, soft_wrap=True)
complaints = Console(stderr=True, highlight=False, soft_wrap=True)


def say(line: str) -> None:
    console.print(f"  [dim]{escape(line)}[/dim]")


def started(target: Target) -> Target:
    """The embedded cluster is brought up by whatever needs it; a server of the user's is theirs."""
    if target.cluster and target.cluster.up():
        say(f"server started in {target.cluster.state}, socket {target.cluster.socket}, port {target.cluster.port}")
    return target


def admit(target: Target, role: str) -> None:
    """Let the owner of the embedded cluster log in as a role that was made since the last deploy."""
    with target.connect() as connection:
        if not connection.execute("select 1 from pg_roles where rolname = %s and rolcanlogin", [role]).fetchone():
            raise Refusal(f"{role} is not a role that can log in.")
    target.cluster.admit_logins()


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli():
    """Governed metrics inside PostgreSQL. Works on the embedded cluster, or on the server DATABASE_URL names."""


@cli.command()
def up():
    """Make and start the embedded cluster."""
    target = Target()
    if not target.cluster:
        raise Refusal("DATABASE_URL names a server of your own: there is nothing to start.")
    started(target)
    console.print(f"running: {target.cluster.conninfo()}")


@cli.command()
@click.option("--remove", is_flag=True, help="Remove the cluster and every row in it as well.")
def down(remove):
    """Stop the embedded cluster."""
    from runner.cluster import Cluster

    cluster = Cluster()
    stopped = cluster.remove() if remove else cluster.down()
    console.print(("removed" if remove else "stopped") if stopped else "nothing was running")


@cli.command()
def deploy():
    """Bring the database up to date with migrations/, sql/ and plpython/."""
    deploy_and_tell(started(Target()))


def deploy_and_tell(target: Target) -> None:
    from runner import deploy as deploying

    report = deploying.deploy(target, say)
    if report.rebuilt:
        say(f"code rooms built anew: {report.rebuilt}")
    elif report.loaded:
        say("loaded " + (", ".join(report.loaded) if len(report.loaded) <= 5 else f"{len(report.loaded)} files"))
    if report.jobs:
        say("jobs registered: " + ", ".join(report.jobs))
    for note in report.notes:
        console.print(f"  [yellow]note:[/yellow] {escape(note)}")
    if report.did_nothing:
        console.print("nothing to deploy: the database is up to date")
    else:
        console.print(
            f"deployed: {len(report.migrations)} migrations, {len(report.loaded)} files, {len(report.jobs)} jobs"
        )


@cli.command()
def plan():
    """Say what a deploy would do, and do nothing."""
    from runner import rooms, status

    with started(Target()).connect() as connection:
        found = status.look(connection)
        for fault in found.faults:
            console.print(f"refuses    {escape(fault)}")
        for name in found.pending:
            console.print(f"apply      {name}")
        for verb, paths in (
            ("load", found.new), ("replace", found.stale), ("restore", found.changed_by_hand + found.missing),
            ("rebuild, for it is in no file:", found.not_in_sql), ("forget", found.file_gone),
        ):  # fmt: skip
            for path in paths:
                console.print(f"{verb:<10} {escape(path)}")
        if found.not_in_sql:
            rows = connection.execute(rooms.OUTSIDERS, {"rooms": list(rooms.CODE_ROOMS)}).fetchall()
            for outsider, leans_on in rows:
                console.print(f"refuses    {escape(outsider)} is not ours and leans on {escape(leans_on)}")
    if found.is_clean:
        console.print("nothing to deploy: the database is up to date")
    sys.exit(3 if found.faults else 0)


@cli.command()
def status():
    """Show how the database stands to the files; exits 3 when they differ."""
    from runner import status as states

    with started(Target()).connect() as connection:
        found = states.look(connection)
    console.print(
        f"applied    {len(found.applied)} migrations" + (f", last {found.applied[-1]}" if found.applied else "")
    )
    for word, names in (
        ("fault", found.faults), ("pending", found.pending + found.new), ("stale", found.stale),
        ("by hand", found.changed_by_hand), ("missing", found.missing), ("no file", found.not_in_sql + found.file_gone),
    ):  # fmt: skip
        for name in names:
            console.print(f"{word:<10} {escape(name)}")
    if found.is_clean:
        console.print("the database is what the files say")
    sys.exit(0 if found.is_clean else 3)


@cli.command()
@click.option("--to", help="Keep everything up to this migration (its number or id); 0 keeps nothing.")
@click.option("--steps", type=click.IntRange(min=1), help="Take back this many; 1 when neither is said.")
def rollback(to, steps):
    """Take migrations back, unloading the code first. Rows of dropped tables are gone."""
    from runner import deploy as deploying

    if to and steps:
        raise Refusal("Say either --to or --steps.")
    taken = deploying.rollback(started(Target()), to, steps, say)
    console.print(f"rolled back: {len(taken)} migrations" if taken else "nothing to roll back")
    if taken:
        console.print("the code is unloaded; yardstick deploy brings it back")


@cli.command()
def unload():
    """Empty the code rooms and take the jobs away; every row stays."""
    from runner import deploy as deploying

    taken = deploying.unload(started(Target()), say)
    console.print(f"unloaded: the code rooms are empty, {len(taken)} jobs are gone, the data is kept")


@cli.command()
@click.argument("which", type=click.Choice(["quality", "flights"]), default="quality")
def demo(which):
    """Deploy, and show a platform of metrics at work."""
    target = started(Target())
    deploy_and_tell(target)
    from runner import demo as demonstration

    getattr(demonstration, which)(target.conninfo(), console)


@cli.command()
@click.option("--role", help="Log in as this role.")
def dsn(role):
    """Print the connection string."""
    target = Target()
    if target.cluster and role:
        admit(started(target), role)
    print(target.conninfo(role))


@cli.command(context_settings={"ignore_unknown_options": True})
@click.option("--role", help="Log in as this role.")
@click.option("-d", "--dbname", help="Another database of the same server.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def psql(role, dbname, arguments):
    """Open psql on the database; arguments go to psql."""
    target = started(Target())
    if target.cluster and role:
        admit(target, role)
    program = str(target.cluster.bin / "psql") if target.cluster else "psql"
    sys.stdout.flush()
    try:
        os.execvp(program, [program, "-d", target.conninfo(role, dbname), *arguments])
    except FileNotFoundError:
        raise Refusal("psql is not installed (Debian: postgresql-client).") from None


@cli.command()
def docs():
    """Write docs/data-model.md and the functions of docs/api.md from the catalog."""
    target = started(Target())
    deploy_and_tell(target)
    from runner import api_docs
    from runner import docs as documents

    with target.connect() as connection:
        pages = {
            ROOT / "docs" / "data-model.md": lambda text: documents.generate(connection),
            ROOT / "docs" / "api.md": lambda text: api_docs.generate(connection, text),
        }
        for path, write in pages.items():
            old = path.read_text() if path.exists() else ""
            new = write(old)
            if new != old:
                path.write_text(new)
            console.print(f"{'up to date' if new == old else 'written'}: docs/{path.name}")


@cli.command()
def doctor():
    """Look at machine, server and database, and change nothing; exits 3 when something is wrong."""
    from runner import doctor as doctors

    sound = True
    for finding in doctors.examine(Target()):
        mark = {"ok": "[green]ok[/green]  ", "note": "[yellow]note[/yellow]", "bad": "[red]bad[/red] "}[finding.verdict]
        console.print(f"{mark}  {finding.what:<12} {escape(finding.detail)}")
        sound = sound and finding.verdict != "bad"
    sys.exit(0 if sound else 3)


cli.add_command(metrics)
cli.add_command(audit)


def main() -> None:
    try:
        cli(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        # Not 2: that is how a plan says that there is something to do.
        sys.exit(1)
    except (Refusal, OSError, psycopg.Error) as error:
        words = explain(error)
        if words is None:
            words = f"{type(error).__name__}: {' '.join(str(error).split())}"
        complaints.print(f"[red]yardstick:[/red] {escape(words)}")
        sys.exit(1)
