"""yardstick metrics: definitions in files, under version control."""

import sys
from pathlib import Path

import click
import psycopg
from rich.console import Console
from rich.markup import escape

from runner.errors import Refusal, explain
from runner.target import Target

console = Console(highlight=False, soft_wrap=True)
COLOURS = {"+": "green", "-": "red", "~": "yellow", " ": "dim"}
SIGNS = {"new": "+", "changed": "~", "brought back": "+", "missing": "-"}


@click.group()
def metrics():
    """Keep metric definitions as YAML files: see docs/metrics-as-code.md."""


def folder_argument(command):
    return click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))(command)


def organization_option(command):
    return click.option("--organization", metavar="ID", help="Of this organization (uuid or external_id); else of the platform.")(command)


def retire_option(command):
    return click.option("--retire-missing", is_flag=True, help="Retire the metrics that no file defines.")(command)


def opened() -> psycopg.Connection:
    from runner import metrics_store
    from runner.cli import started

    connection = started(Target()).connect()
    if not connection.execute("select to_regnamespace('yardstick_api') is not null").fetchone()[0] or not metrics_store.has_function(
        connection, "yardstick_api.export_metrics()"
    ):
        connection.close()
        raise Refusal("This database has no Yardstick of this version: yardstick deploy brings it.")
    return connection


def tell_refusals(bad) -> None:
    for complaint in bad.complaints:
        console.print(f"[red]refused[/red]  {escape(complaint)}")


@metrics.command()
@folder_argument
@organization_option
def validate(folder, organization):
    """Check the files: against the schema, then against a database when there is one. Exits 1 when something is wrong."""
    from runner import definition_files

    try:
        definitions = definition_files.read(folder)
    except definition_files.BadFiles as bad:
        tell_refusals(bad)
        console.print(f"{len(bad.complaints)} problems; nothing was asked of a database")
        sys.exit(1)
    console.print(f"[green]ok[/green]       {len(definitions)} definitions fit the schema")
    try:
        connection = opened_if_there()
    except (Refusal, psycopg.OperationalError) as error:
        console.print(f"[yellow]note[/yellow]     no database was asked: {escape(explain(error))}")
        return
    from runner import metrics as code
    from runner import metrics_store

    failed = 0
    with connection:
        chosen = organization and metrics_store.find_organization(connection, organization)
        for definition, checks in code.reports(connection, definitions, chosen):
            wrong = [check for check in checks if not check["passed"]]
            last = next((check["detail"] for check in checks if check["check_name"] == "last_value"), "")
            if not wrong:
                # Of the platform's there is no value, and that need not be said of each.
                last = "" if last.startswith("no value: choose") else last
                console.print(f"[green]ok[/green]       {definition.name}" + (f"  [dim]{escape(last)}[/dim]" if last else ""))
                continue
            failed += 1
            told = [check for check in wrong if not check["detail"].startswith("not checked: ")] or wrong
            for check in told:
                console.print(f"[red]refused[/red]  {escape(code.complaint(definition, check['detail']))}")
    console.print(f"{len(definitions)} definitions, {failed} of them wrong" if failed else f"{len(definitions)} definitions, all of them right")
    sys.exit(1 if failed else 0)


def opened_if_there() -> psycopg.Connection:
    """An embedded server that does not run is not started for this."""
    target = Target()
    if target.cluster and not target.cluster.is_running():
        raise Refusal("the embedded server does not run; start it with: yardstick up")
    return opened()


@metrics.command()
@folder_argument
@organization_option
@retire_option
def plan(folder, organization, retire_missing):
    """Show what apply would change. Exits 0 when that is nothing, 2 when there are changes, 1 when files are refused."""
    from runner import definition_files, metrics_store
    from runner import metrics as code

    try:
        definitions = definition_files.read(folder)
        with opened() as connection:
            chosen = organization and metrics_store.find_organization(connection, organization)
            changes = code.plan(connection, definitions, chosen, retire_missing)
    except definition_files.BadFiles as bad:
        tell_refusals(bad)
        sys.exit(1)
    for change in changes:
        show(change, retire_missing)
    console.print(f"plan: {summary(changes, retire_missing)}")
    sys.exit(2 if is_work(changes, retire_missing) else 0)


@metrics.command()
@folder_argument
@organization_option
@retire_option
@click.option("--reason", metavar="TEXT", help="Why; needed to retire.")
def apply(folder, organization, retire_missing, reason):
    """Bring the database in line with the files: all of them or, when one is refused, none."""
    from runner import definition_files, metrics_store
    from runner import metrics as code

    try:
        definitions = definition_files.read(folder)
        with opened() as connection:
            chosen = organization and metrics_store.find_organization(connection, organization)
            changes = code.apply(connection, definitions, chosen, retire_missing, reason)
    except definition_files.BadFiles as bad:
        tell_refusals(bad)
        console.print("nothing was changed")
        sys.exit(1)
    for change in changes:
        if change.is_work or change.verb == "missing":
            verb = "retired" if change.verb == "missing" and retire_missing else "kept" if change.verb == "missing" else change.verb
            sign = SIGNS[change.verb] if verb != "kept" else " "
            note = "  in no file; --retire-missing retires it" if verb == "kept" else "  a draft: it is calculated when it is approved" if change.waits else ""
            console.print(f"[{COLOURS[sign]}]{sign} {verb:<12}[/] {change.name}" + (f"[dim]{note}[/dim]" if note else ""))
    console.print(f"applied: {summary(changes, retire_missing)}" if is_work(changes, retire_missing) else f"nothing to change: {summary(changes, retire_missing)}")


@metrics.command()
@folder_argument
@organization_option
def export(folder, organization):
    """Write every metric in use to DIR, one file each, with the schema beside them."""
    from runner import metrics_export, metrics_store

    with opened() as connection:
        chosen = organization and metrics_store.find_organization(connection, organization)
        written, gone, count = metrics_export.export(connection, folder, chosen)
    for path in written:
        console.print(f"written    {escape(str(path))}")
    for path in gone:
        console.print(f"removed    {escape(str(path))}")
    console.print(f"exported: {count} metrics, {len(written)} files written, {len(gone)} removed")


# --- What a plan looks like


def is_work(changes, retire: bool) -> bool:
    return any(change.is_work or (retire and change.verb == "missing") for change in changes)


def summary(changes, retire: bool) -> str:
    counts = {verb: sum(change.verb == verb for change in changes) for verb in (*SIGNS, "unchanged")}
    parts = [f"{counts['new']} new", f"{counts['changed']} changed", f"{counts['unchanged']} unchanged"]
    if counts["brought back"]:
        parts.insert(2, f"{counts['brought back']} brought back")
    if counts["missing"]:
        parts.append(f"{counts['missing']} {'retired' if retire else 'in no file and kept'}")
    return ", ".join(parts)


def show(change, retire: bool) -> None:
    from runner import metrics_difference

    if change.verb == "unchanged":
        return
    sign = SIGNS[change.verb]
    if change.verb == "missing" and not retire:
        console.print(f"  kept         {change.name}[dim]  in no file; --retire-missing retires it[/dim]")
        return
    verb = "retire" if change.verb == "missing" else change.verb
    where = f"[dim]  {escape(change.definition.place())}[/dim]" if change.definition else ""
    console.print(f"[{COLOURS[sign]}]{sign} {verb:<12}[/] [bold]{change.name}[/bold]{where}")
    if change.verb == "new":
        console.print(f"      {escape(metrics_difference.shown(change.new['display_name']))}, {method(change.new)}")
    if change.verb in ("changed", "brought back"):
        for line_sign, line in metrics_difference.difference(change.old, change.new):
            console.print(f"    [{COLOURS[line_sign]}]{line_sign} {escape(line)}[/]")
    if change.impact:
        show_impact(change.impact)


def method(definition: dict) -> str:
    windows = ", ".join(definition.get("time_windows", ["monthly"]))
    return f"{definition['calculation_method']} for {', '.join(definition.get('aggregation_levels', ['org']))}; {windows}"


def show_impact(impact) -> None:
    if impact.reaches:
        console.print(f"    reaches: {', '.join(impact.reaches)}")
    if impact.note:
        console.print(f"    [yellow]values:[/yellow] {escape(impact.note)}")
    if impact.stored:
        parts = ", ".join(f"{row['value_count']:,} {row['time_window']} ({row['levels']})" for row in impact.stored)
        total = sum(row["value_count"] for row in impact.stored)
        organizations = max(row["organization_count"] for row in impact.stored)
        whose = "1 organization" if organizations == 1 else f"{organizations} organizations"
        console.print(f"    values: {total:,} of {whose} would be calculated anew: {parts}")
    elif not impact.note:
        console.print("    values: none is stored yet")
    for row in impact.beside:
        console.print(f"    {row['time_window']}: {row['line']}")
    latest: dict = {}
    for row in impact.latest:
        value = "none" if row["metric_value"] is None else f"{row['metric_value'].normalize():f}"
        latest.setdefault((row["organization_name"], row["time_window"]), []).append(f"{row['first_day']}: {value}")
    for (name, window), values in latest.items():
        console.print(f"    now, {window}, {escape(name)}: {', '.join(values)}")
