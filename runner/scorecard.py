"""What the BI views say, drawn for a terminal."""

from rich.markup import escape
from rich.table import Table

BARS = "▁▂▃▄▅▆▇█"
STATUS = {
    "on_track": "[green]on track[/green]",
    "at_risk": "[yellow]at risk[/yellow]",
    "off_track": "[red]off track[/red]",
}
MOVEMENT = {"better": "green", "worse": "red"}


def sparkline(values: list[float | None]) -> str:
    """One bar a period between the smallest and the largest value; a blank where there is none."""
    known = [value for value in values if value is not None]
    if not known:
        return ""
    low, span = min(known), max(known) - min(known)
    return "".join(
        " " if value is None else BARS[round((value - low) / span * (len(BARS) - 1)) if span else 3] for value in values
    )


def number(value: float | None, unit: str | None = None) -> str:
    if value is None:
        return "-"
    text = f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:,.1f}"
    if abs(value) < 1 and value != int(value):
        text = f"{value:.2f}"
    short = {"minutes": "min", "days": "d", "hours": "h", "count": "", "ratio": "", "points": "", None: ""}
    return f"{text} {short.get(unit, unit)}".rstrip()


def target(row: dict) -> str:
    signs = {"higher_better": "≥ ", "lower_better": "≤ "}
    if row.get("target_low") is not None:
        return f"{number(row['target_low'])} to {number(row['target_high'])}"
    if row["target_value"] is None:
        return ""
    return signs.get(row["direction"], "") + number(row["target_value"])


def change(row: dict) -> str:
    if row["change_pct"] is None:
        return ""
    colour = MOVEMENT.get(row["movement"])
    text = f"{row['change_pct']:+.1f} %"
    return f"[{colour}]{text}[/{colour}]" if colour else text


def new_table(title: str, *columns: tuple[str, str]) -> Table:
    """Columns side by side in 80 characters: what is too long ends in an ellipsis, nothing is folded."""
    table = Table(
        title=f"[bold]{escape(title)}[/bold]", title_justify="left", box=None, padding=(0, 1, 0, 0), pad_edge=False
    )
    for heading, justify in columns:
        table.add_column(heading, justify=justify, no_wrap=True, overflow="ellipsis")
    return table


def scorecard(title: str, rows: list[dict], history: str) -> Table:
    """rows: metric_category, display_name, metric_value, unit_of_measure, targets, changes, status, history."""
    left, right = "left", "right"
    table = new_table(
        title,
        ("metric", left),
        ("value", right),
        ("target", right),
        ("change", right),
        ("status", left),
        (history, left),
    )
    for column in table.columns[1:]:
        column.min_width = 8
    table.columns[5].min_width = 13
    category = None
    for row in rows:
        if row["metric_category"] != category:
            category = row["metric_category"]
            table.add_row(f"[dim]{escape(category or 'other')}[/dim]")
        table.add_row(
            " " + escape(row["display_name"]),
            number(row["metric_value"], row["unit_of_measure"]),
            target(row),
            change(row),
            STATUS.get(row["status"], ""),
            f"[cyan]{sparkline(row['history'])}[/cyan]",
        )
    return table


def alerts(rows: list[dict]) -> Table:
    """rows: organization_name, severity, alert_name, scope_name, values, unit_of_measure, time_window, period_date."""
    left, right = "left", "right"
    table = new_table(
        "Open alerts",
        ("severity", left),
        ("alert", left),
        ("where", left),
        ("value", right),
        ("limit", right),
        ("period", left),
    )
    organization = None
    for row in rows:
        if row["organization_name"] != organization:
            organization = row["organization_name"]
            table.add_row("", f"[dim]{escape(organization)}[/dim]")
        colour = {"critical": "red", "warning": "yellow"}.get(row["severity"], "blue")
        table.add_row(
            f"[{colour}]{row['severity']}[/{colour}]",
            escape(row["alert_name"]),
            escape(row["scope_name"]),
            number(row["metric_value"], row["unit_of_measure"]),
            number(row["threshold_value"], row["unit_of_measure"]),
            f"{row['time_window']}, {row['period_date']:%d %b}",
        )
    return table
