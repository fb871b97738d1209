"""What bench/RESULTS.md keeps: a section for each workload, written anew when that one is run."""

import os
import platform
import re
from datetime import date
from pathlib import Path

FILE = Path(__file__).parent / "RESULTS.md"


def read() -> tuple[str, dict[str, str]]:
    title, *sections = re.split(r"^## ", FILE.read_text() if FILE.exists() else "# Results\n", flags=re.M)
    return title, {section.split("\n", 1)[0]: section.split("\n", 1)[1].strip() for section in sections}


def section(heading: str) -> str:
    return read()[1].get(heading, "")


def keep(heading: str, paragraphs: list[str]) -> None:
    title, kept = read()
    kept[heading] = "\n\n".join(paragraphs)
    FILE.write_text(title.strip() + "".join(f"\n\n## {name}\n\n{text}" for name, text in kept.items()) + "\n")


def machine() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return f"{os.cpu_count()} x {models[0] if models else platform.machine()}"


def setting(version: str) -> str:
    return f"PostgreSQL {version}, Python {platform.python_version()}, {machine()}, {date.today()}"
