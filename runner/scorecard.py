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
    if unit == "%":
        return f"{text} %"
    return text if unit in (None, "count", "ratio") else f"{text} {unit}"


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


def scorecard(title: str, rows: list[dict], history: str) -> Table:
    """rows: metric_category, display_name, metric_value, unit_of_measure, targets, direction, change_pct, movement, status, history."""
    table = Table(title=f"[bold]{escape(title)}[/bold]", title_justify="left", box=None, pad_edge=False)
    table.add_column("", style="dim")
    table.add_column("metric")
    table.add_column("value", justify="right")
    table.add_column("target", justify="right")
    table.add_column("change", justify="right")
    table.add_column("status")
    table.add_column(history)
    category = None
    for row in rows:
        table.add_row(
            "" if row["metric_category"] == category else escape(row["metric_category"] or ""),
            escape(row["display_name"]),
            number(row["metric_value"], row["unit_of_measure"]),
            target(row),
            change(row),
            STATUS.get(row["status"], ""),
            f"[cyan]{sparkline(row['history'])}[/cyan]",
        )
        category = row["metric_category"]
    return table


def alerts(rows: list[dict]) -> Table:
    """rows: severity, alert_name, scope_name, organization_name, metric_value, threshold_value, unit_of_measure."""
    table = Table(title="[bold]Open alerts[/bold]", title_justify="left", box=None, pad_edge=False)
    for heading in ("severity", "alert", "where", "value", "limit", "period"):
        table.add_column(heading, justify="right" if heading in ("value", "limit") else "left")
    for row in rows:
        colour = {"critical": "red", "warning": "yellow"}.get(row["severity"], "blue")
        table.add_row(
            f"[{colour}]{row['severity']}[/{colour}]",
            escape(row["alert_name"]),
            escape(f"{row['scope_name']}, {row['organization_name']}"),
            number(row["metric_value"], row["unit_of_measure"]),
            number(row["threshold_value"], row["unit_of_measure"]),
            escape(f"{row['time_window']}, {row['period_date']:%d %b %Y}"),
        )
    return table
