"""Metric definitions in YAML files: read with the line of every key, and held against docs/metric.schema.json."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import yaml

from runner import ROOT
from runner.errors import Refusal

SCHEMA = ROOT / "docs" / "metric.schema.json"
MOST_NODES = 200_000  # an alias of an alias of an alias grows without end
MOST_DIGITS = 1000


class Reader(yaml.SafeLoader):
    """Scalars as YAML 1.2 and editors read them: yes, no, on, 12:30 and 2026-01-01 are texts, 1e5 is a number."""

    yaml_implicit_resolvers = {}  # noqa: RUF012


for kind, pattern, first in (
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    ("int", r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$", list("-+0123456789")),
    ("float", r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)$", list("-+.0123456789")),
    ("nan", r"^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$", list("-+.")),
):
    Reader.add_implicit_resolver(f"tag:yaml.org,2002:{kind}", re.compile(pattern), first)


@dataclass
class Definition:
    """One definition, and where it stands."""

    file: Path
    body: dict
    lines: dict[tuple, int]  # the line of each key, by its path

    @property
    def name(self) -> str:
        return self.body["metric_name"]

    def line(self, path: tuple = ()) -> int:
        """The line of a key; of one that is not there, that of the object that lacks it."""
        while path not in self.lines:
            path = path[:-1]
        return self.lines[path]

    def place(self, path: tuple = ()) -> str:
        return f"{self.file}:{self.line(path)}"

    def children(self) -> list[str]:
        """The metrics it is made of."""
        metrics = (self.body.get("data_sources") or {}).get("metrics") or {}
        return [child["metric"] if isinstance(child, dict) else child for child in metrics.values()]


class BadFiles(Refusal):
    """Everything that is wrong with the files, one complaint a line."""

    def __init__(self, complaints: list[str]):
        self.complaints = complaints
        super().__init__("\n".join(complaints))


def files_of(folder: Path) -> list[Path]:
    """The YAML files of a folder and its subfolders in order of their names; what begins with a dot is left alone."""
    if folder.is_file():
        return [folder]
    if not folder.is_dir():
        raise Refusal(f"{folder} is neither a folder nor a file.")
    return sorted(
        path for path in folder.rglob("*")
        if path.suffix in (".yaml", ".yml") and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )  # fmt: skip


# --- One file


class Builder:
    """Turns the nodes of a file into what JSON can hold."""

    def __init__(self, file: Path):
        self.file = file
        self.lines: dict[tuple, int] = {}
        self.built = 0
        self.open: set[int] = set()

    def refuse(self, node, problem: str):
        raise BadFiles([f"{self.file}:{node.start_mark.line + 1}: {problem}"])

    def build(self, node, path: tuple):
        self.built += 1
        if self.built > MOST_NODES or id(node) in self.open:
            self.refuse(node, "the file grows without end through its aliases")
        self.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node)
        self.open.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            value = [self.build(child, (*path, place)) for place, child in enumerate(node.value)]
        else:
            value = {}
            for key_node, child in node.value:
                key = self.scalar(key_node) if isinstance(key_node, yaml.ScalarNode) else None
                if not isinstance(key, str):
                    self.refuse(key_node, "a key has to be a text; put it into quotes")
                if key in value:
                    self.refuse(key_node, f"{dotted((*path, key))}: stands twice")
                self.lines[*path, key] = key_node.start_mark.line + 1
                value[key] = self.build(child, (*path, key))
        self.open.remove(id(node))
        return value

    def scalar(self, node):
        kind, text = node.tag.removeprefix("tag:yaml.org,2002:"), node.value
        if kind == "str":
            if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
                self.refuse(node, "a text holds a character that cannot be stored (U+0000, or half a pair)")
            return text
        if kind == "null":
            return None
        if kind == "bool" and text.lower() in ("true", "false"):
            return text.lower() == "true"
        if kind in ("int", "float"):
            try:
                found = int(text, 0) if text[:2] in ("0o", "0x") else number(text)
            except (ArithmeticError, ValueError):
                found = None
            if found is not None:
                return found
        self.refuse(node, f"{text[:60]!r} is no value of a definition; write it as a text or a number")


def number(text: str) -> int | Decimal:
    """Exactly as written; a whole one as int."""
    found = Decimal(text)
    if not found.is_finite() or abs(found.adjusted()) > MOST_DIGITS or len(text) > MOST_DIGITS:
        raise ValueError(text)
    return int(found) if found == found.to_integral_value() else found


def dotted(path: tuple) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")[:200]


def read_file(file: Path) -> list[Definition]:
    """Its definitions, whatever they hold."""
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise BadFiles([f"{file}:{line}: is not written in UTF-8"]) from None
    try:
        node = Reader(text).get_single_node()
        if node is None:
            return []
        builder = Builder(file)
        value = builder.build(node, ())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{file}:{mark.line + 1}" if mark else str(file)
        raise BadFiles([f"{where}: is no YAML: {' '.join(filter(None, (error.context, error.problem)))}"]) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise BadFiles([f"{file}:{line}: the character U+{ord(text[error.position]):04X} has to be written as an escape"]) from None
    except RecursionError:
        raise BadFiles([f"{file}: is nested too deeply"]) from None
    if value is None:
        return []
    entries = [((), value)] if not isinstance(value, list) else [((place,), entry) for place, entry in enumerate(value)]
    return [
        Definition(file, body, {path[len(at) :]: line for path, line in builder.lines.items() if path[: len(at)] == at})
        for at, body in entries
    ]


# --- The schema


def schema_validator():
    """Of one definition."""
    from jsonschema import Draft202012Validator

    schema = json.loads(SCHEMA.read_text(), parse_float=Decimal)
    return Draft202012Validator({"$defs": schema["$defs"], "$ref": "#/$defs/definition"})


def words(error) -> Iterator[tuple[tuple, str]]:
    """Path and problem, in the words of the database where it has some."""
    path, schema, found = tuple(error.absolute_path), error.schema, error.instance
    if error.validator == "required":
        for key in error.validator_value:
            if key not in found:
                message = schema.get("properties", {}).get(key, {}).get("errorMessage", "")
                yield (*path, key), message if message.startswith("is required") else "is required"
    elif error.validator == "additionalProperties" and error.validator_value is False:
        for key in found:
            if key not in schema.get("properties", {}):
                known = sorted(schema["properties"])
                near = get_close_matches(key, known, 1)
                meant = f"did you mean {near[0]}?" if near else f"known keys are {', '.join(known)}"
                yield (*path, key), f"unknown key; {meant}"
    else:
        said = schema.get("errorMessage")
        if not said and error.validator == "enum":
            said = "must be one of " + ", ".join(choice for choice in error.validator_value if choice is not None)
        if error.parent is None and "propertyNames" in error.relative_schema_path:
            yield (*path, found), said or error.message
            return
        got = json.dumps(found, ensure_ascii=False, default=str)
        yield path, f"{said or error.message}; got {got if len(got) <= 80 else got[:77] + '...'}"


def problems(definition: Definition, validator) -> list[tuple[tuple, str]]:
    """What the schema has against a definition: path and problem, one for each key, in the order of the file."""
    found: dict[tuple, tuple[int, str]] = {}
    for error in validator.iter_errors(definition.body):
        # A rule of one method knows better than the list of all keys.
        depth = len(error.absolute_schema_path)
        for path, problem in words(error):
            if path not in found or depth > found[path][0]:
                found[path] = depth, problem
    return sorted(((path, problem) for path, (_, problem) in found.items()), key=lambda p: (definition.line(p[0]), str(p[0])))


# --- A folder


def read(folder: Path) -> list[Definition]:
    """The definitions of a folder, each after those it is made of; refused with all that is wrong with them."""
    files = files_of(folder)
    if not files:
        raise Refusal(f"{folder} holds no .yaml file.")
    complaints, definitions = [], []
    for file in files:
        try:
            definitions += read_file(file)
        except BadFiles as bad:
            complaints += bad.complaints
    validator = schema_validator()
    places: dict[str, str] = {}
    for definition in definitions:
        wrong = problems(definition, validator)
        complaints += [f"{definition.place(path)}: {dotted(path) + ': ' if path else ''}{problem}" for path, problem in wrong]
        name = definition.body.get("metric_name") if isinstance(definition.body, dict) else None
        if isinstance(name, str) and name in places:
            complaints.append(f"{definition.place(('metric_name',))}: metric_name: {name} is defined in {places[name]} as well")
        elif isinstance(name, str):
            places[name] = definition.place()
    if complaints:
        raise BadFiles(complaints)
    return children_first(definitions)


def children_first(definitions: list[Definition]) -> list[Definition]:
    """Metrics after those they are made of, and otherwise by name."""
    named = {definition.name: definition for definition in definitions}
    graph = {name: sorted(c for c in named[name].children() if c in named) for name in sorted(named)}
    try:
        return [named[name] for name in TopologicalSorter(graph).static_order()]
    except CycleError as error:
        circle = error.args[1]
        raise BadFiles(
            [f"{named[circle[0]].place(('data_sources',))}: data_sources.metrics: in a circle: {' <- '.join(circle)}"]
        ) from None
