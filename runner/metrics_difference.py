"""Metrics kept as code: how two definitions differ, as lines."""

import difflib
from collections.abc import Iterator

from runner.definition_text import ESCAPED, INNER_KEYS, KEYS, canonical, ordered, quoted

SHORT = 60


def leaves(value, path: str = "") -> Iterator[tuple[str, str]]:
    """Each value that is no object, under its dotted path."""
    if isinstance(value, dict) and value:
        for key in ordered(value, INNER_KEYS if path else KEYS):
            yield from leaves(value[key], f"{path}.{shown(key)}" if path else shown(key))
    else:
        yield path, value if isinstance(value, str) else canonical(value)


def difference(old: dict, new: dict) -> list[tuple[str, str]]:
    """Lines that begin with +, - or a blank, the sign apart."""
    before, after = dict(leaves(old)), dict(leaves(new))
    lines = []
    for path in sorted({**before, **after}, key=lambda path: KEYS.index(path.split(".")[0])):
        then, now = before.get(path), after.get(path)
        if then == now:
            continue
        if then is None or now is None:
            sign, text = ("+", now) if then is None else ("-", then)
            first, *rest = text.split("\n")
            lines.append((sign, f"{path}: {shown(first)}"))
            lines += [(sign, f"  {shown(line)}") for line in rest]
        elif "\n" in then + now or max(len(then), len(now)) > SHORT:
            lines.append((" ", f"{path}:"))
            for line in list(difflib.unified_diff(then.split("\n"), now.split("\n"), n=2, lineterm=""))[2:]:
                lines.append((line[0], f"  {shown(line[1:])}") if line[0] in "+-" else (" ", f"  {shown(line)}"))
        else:
            lines.append(("~", f"{path}: {shown(then)} -> {shown(now)}"))
    return lines


def shown(text: str) -> str:
    """What a terminal would take for a command is shown as an escape."""
    return quoted(text) if ESCAPED.search(text) else text
