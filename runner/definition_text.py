"""Writes a metric definition as YAML: the same definition always gives the same bytes, and any YAML reader reads it back."""

import json
import re
from decimal import Decimal

import yaml

from runner.definition_files import Reader

WIDTH = 100
# A key longer than 1,024 characters has to be announced.
LONGEST_KEY = 900
HEADER = "# yaml-language-server: $schema=metric.schema.json\n"

KEYS = (
    "metric_name", "display_name", "description", "metric_category", "metric_type", "unit_of_measure", "calculation_method",
    "data_sources", "calculation_formula", "parameters", "aggregation_levels", "time_windows", "target_value", "target_low",
    "target_high", "threshold_config", "direction", "refresh_frequency", "retention_days", "is_active", "is_public",
    "owner_id", "tags",
)  # fmt: skip
INNER_KEYS = ("source", "sources", "function", "key", "metric", "agg", "p", "value", "where", "unit", "lag", "weight", "over_time", "accuracy")
LAST_KEYS = ("measures", "metrics", "fill")
# One line each, however short: what is added or changed is then one line of a diff.
ALWAYS_APART = ("data_sources", "measures", "metrics")
DEFAULTS = {
    "aggregation_levels": ["org"],
    "time_windows": ["monthly"],
    "refresh_frequency": "daily",
    "is_active": True,
    "is_public": False,
    "data_sources": {},
}

# Outside of these a character is written as an escape. A fixed list, for what is printable changes with each Unicode.
ESCAPED = re.compile(
    "[\0-\x08\x0b-\x1f\x7f-\xa0\xad\u061c\u115f\u1160\u17b4\u17b5\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\U000e0000-\U000e0fff]"
)
PLAIN = re.compile(r"[^\W_](?:[^\n\t:#]|:(?=\S)|(?<! )#)*", re.S)
NAMED_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}
# What one reader or another takes for something else than a text.
AMBIGUOUS = re.compile(r"y|n|yes|no|on|off|true|false|null|~|=|<<|[-+.0-9][-+.0-9_:,eExXoOa-fA-FtTzZ ]*", re.I)


def tidy(definition: dict) -> dict:
    """Without what counts as left out: null, and what holds when nothing is said."""
    kept = without_nulls(definition)
    return {
        key: value for key, value in kept.items()
        if not (key in DEFAULTS and canonical(value) == canonical(DEFAULTS[key]))
    }  # fmt: skip


def without_nulls(value):
    """As jsonb_strip_nulls does: from objects, not from lists."""
    if isinstance(value, dict):
        return {key: without_nulls(inner) for key, inner in value.items() if inner is not None}
    return [without_nulls(inner) for inner in value] if isinstance(value, list) else value


def digits(value: int | Decimal) -> str:
    """A number without exponent and without zeros at its end."""
    text = format(value, "f" if isinstance(value, Decimal) else "d")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def canonical(value) -> str:
    """JSON with sorted keys: equal for what jsonb holds equal. The server reads it, numbers exactly as written."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)}: {canonical(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(canonical, value)) + "]"
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return digits(value)
    return json.dumps(value)


def as_yaml(definition: dict) -> str:
    """The text of a file with this one definition."""
    return HEADER + "\n".join(mapping_lines(tidy(definition), KEYS)) + "\n"


def ordered(value: dict, keys: tuple = INNER_KEYS) -> list:
    def rank(key):
        if key in keys:
            return 0, keys.index(key), key
        return (2, LAST_KEYS.index(key), key) if key in LAST_KEYS else (1, 0, key)

    return sorted(value, key=rank)


def mapping_lines(value: dict, keys: tuple = INNER_KEYS) -> list[str]:
    lines = []
    for key in ordered(value, keys):
        text = scalar(key, flow=True)
        if len(text) > LONGEST_KEY:
            first, *rest = value_lines(value[key], WIDTH)
            lines += [f"? {text}", f":{first}", *rest]
        else:
            # The names in there are the author's: they stand in the order of the alphabet, whatever they are called.
            within = () if key in ("measures", "metrics", "parameters") else INNER_KEYS
            first, *rest = value_lines(value[key], len(text) + 1, key in ALWAYS_APART, within)
            lines += [f"{text}:{first}", *rest]
    return lines


def value_lines(value, used: int, apart: bool = False, keys: tuple = INNER_KEYS) -> list[str]:
    """What follows a key: the rest of its line, and the lines below, indented by two."""
    if isinstance(value, str):
        return text_lines(value)
    if not isinstance(value, (dict, list)):
        return [" " + scalar(value)]
    if not apart or not value:
        line = flow(value, keys)
        if line is not None and (len(line) + used < WIDTH or not value):
            return [" " + line]
    if isinstance(value, dict):
        return ["", *("  " + line if line else line for line in mapping_lines(value, keys))]
    lines = [""]
    for item in value:
        first, *rest = value_lines(item, 4)
        lines += [f"  -{first}", *("  " + line if line else line for line in rest)]
    return lines


def flow(value, keys: tuple = INNER_KEYS) -> str | None:
    """On one line, when there is nothing nested in it and no text of several lines."""
    parts = list(value.values()) + list(value) if isinstance(value, dict) else value
    if any((isinstance(part, (dict, list)) and part) or (isinstance(part, str) and ("\n" in part or len(part) > WIDTH)) for part in parts):
        return None
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(key, flow=True)}: {scalar(value[key], flow=True)}" for key in ordered(value, keys)) + "}"
    return "[" + ", ".join(scalar(part, flow=True) for part in value) + "]"


def scalar(value, flow: bool = False) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, (int, Decimal)):
        return digits(value)
    if isinstance(value, (dict, list)):
        return "{}" if isinstance(value, dict) else "[]"
    if is_plain(value, flow):
        return value
    if ESCAPED.search(value) or "\n" in value or "\t" in value:
        return quoted(value)
    return "'" + value.replace("'", "''") + "'"


def is_plain(text: str, flow: bool) -> bool:
    if not PLAIN.fullmatch(text) or text.endswith((" ", ":")) or ESCAPED.search(text) or AMBIGUOUS.fullmatch(text):
        return False
    if flow and re.search(r"[\[\]{},:?]", text):
        return False
    return all(
        resolver.resolve(yaml.ScalarNode, text, (True, False)) == "tag:yaml.org,2002:str" for resolver in RESOLVERS
    )


RESOLVERS = (Reader(""), yaml.SafeLoader(""))


def quoted(text: str) -> str:
    """Between double quotes, with escapes: holds any text."""

    def escape(match):
        character = match[0]
        if character in NAMED_ESCAPES:
            return NAMED_ESCAPES[character]
        return f"\\u{ord(character):04x}" if ord(character) < 0x10000 else f"\\U{ord(character):08x}"

    return '"' + re.sub(f'["\\\\\n\t]|{ESCAPED.pattern}', escape, text) + '"'


def text_lines(text: str) -> list[str]:
    """A text of several lines as a block, a long one folded; else on the line of its key."""
    lines = text.removesuffix("\n").split("\n")
    # Blanks that an editor would take away, or that a block would take for its indentation, are better seen.
    fits_a_block = (
        not ESCAPED.search(text)
        and lines[0] != "" and lines[-1] != ""
        and not any(line.endswith((" ", "\t")) or line.startswith("\t") for line in lines)
        and not lines[0].startswith(" ")
    )  # fmt: skip
    if "\n" in text and fits_a_block:
        return [" |" if text.endswith("\n") else " |-", *("  " + line if line else "" for line in lines)]
    if "\n" not in text and fits_a_block and len(text) > WIDTH and "  " not in text and "\t" not in text and " " in text:
        return [" >-", *("  " + line for line in folded(text))]
    return [" " + scalar(text)]


def folded(text: str) -> list[str]:
    """Broken at single blanks, which a reader puts back."""
    lines, line = [], ""
    for word in text.split(" "):
        if line and len(line) + 1 + len(word) > WIDTH:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line]
