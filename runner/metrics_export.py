"""Metrics kept as code: the database written down as files."""

import os
import shutil
from pathlib import Path

import psycopg

from runner.definition_files import SCHEMA, BadFiles, files_of, read_file
from runner.definition_text import HEADER, as_yaml
from runner.errors import Refusal
from runner.metrics_store import stored_metrics, working

SCHEMA_COPY = "metric.schema.json"


def export(connection: psycopg.Connection, folder: Path, organization: str | None) -> tuple[list[Path], list[Path], int]:
    """One file for each metric in use. Returns the files written and removed, and how many metrics there are."""
    with working(connection, organization, keep=False):
        metrics = {name: row["definition"] for name, row in stored_metrics(connection).items() if row["status"] != "retired"}
    if folder.exists() and not folder.is_dir():
        raise Refusal(f"{folder} is no folder.")
    wanted = {folder / f"{name}.yaml": as_yaml(definition) for name, definition in metrics.items()}
    gone = []
    for path in files_of(folder) if folder.exists() else []:
        if not is_exported(path):
            raise Refusal(
                f"{path} was not written by yardstick metrics export, and would define its metrics a second time:"
                " name an empty folder, or remove it."
            )
        if path not in wanted:
            gone.append(path)
    folder.mkdir(parents=True, exist_ok=True)
    written = [path for path, text in wanted.items() if not path.exists() or path.read_bytes() != text.encode()]
    for path in written:
        half = path.with_name(f".{path.name}.half")
        half.write_bytes(wanted[path].encode())
        os.replace(half, path)
    for path in gone:
        path.unlink()
    shutil.copyfile(SCHEMA, folder / SCHEMA_COPY)
    return written, gone, len(metrics)


def is_exported(path: Path) -> bool:
    """One metric under its own name, with the line that export begins with."""
    if not path.read_bytes().startswith(HEADER.encode()):
        return False
    try:
        found = read_file(path)
    except BadFiles:
        return False
    return len(found) == 1 and isinstance(found[0].body, dict) and found[0].body.get("metric_name") == path.stem
