"""What the pages point at is there: files, headings, commands, targets, views and functions."""

import re

import pytest

from runner import ROOT
from runner.cli import cli

PAGES = sorted(path.relative_to(ROOT).as_posix() for path in (*ROOT.glob("*.md"), *ROOT.glob("*/*.md")) if ".venv" not in path.parts)
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]*)(?:#([^)\s]+))?\)")


def anchors(text: str) -> set[str]:
    """Headings as the places that browsers of a repository make of them."""
    headings = re.findall(r"^#+ (.+)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    path = ROOT / page
    text = path.read_text()
    for file, anchor in LINK.findall(text):
        if file.startswith(("http:", "https:")):
            continue
        target = (path.parent / file) if file else path
        assert target.exists(), f"{page} points at {file}"
        if anchor:
            assert anchor in anchors(target.read_text()), f"{page} points at {file}#{anchor}"


@pytest.mark.parametrize("page", PAGES)
def test_commands_exist(page):
    text = (ROOT / page).read_text()
    code = "\n".join(re.findall(r"^```\w*\n.*?^```$|`[^`\n]+`", text, re.S | re.M))
    named = set(re.findall(r"(?:^|[`/])yardstick ([a-z]+)\b", code, re.M))
    assert named <= set(cli.commands), f"{page} names a command that is not there"
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    assert set(re.findall(r"(?:^|`)make ([a-z]+)\b", code, re.M)) <= targets, f"{page} names a target that is not there"


@pytest.mark.parametrize("page", PAGES)
def test_files_named_exist(page):
    text = (ROOT / page).read_text()
    for name in re.findall(r"`((?:sql|tests|runner|examples|migrations|docs|plpython)/(?!NNNN)[\w./-]+)`", text):
        assert (ROOT / name).exists(), f"{page} names {name}"


@pytest.mark.parametrize("page", PAGES)
def test_objects_named_exist(deployed, page):
    text = (ROOT / page).read_text()
    named = set(re.findall(r"\byardstick_(?:api|bi|ops|engine|stats)\.\w+", text))
    query = """
        select p.pronamespace::regnamespace || '.' || p.proname from pg_proc as p
        where p.pronamespace::regnamespace::text like 'yardstick%'
        union
        select c.relnamespace::regnamespace || '.' || c.relname from pg_class as c
        where c.relnamespace::regnamespace::text like 'yardstick%'
    """
    with deployed.connect() as connection:
        there = {row[0] for row in connection.execute(query)}
    assert named <= there | {name for name in named if name.endswith("_")}, f"{page} names an object that is not there"


def test_the_pages_give_every_code_one_meaning():
    codes = set()
    for path in ROOT.glob("sql/**/*.sql"):
        codes |= set(re.findall(r"errcode = '(YS\d{3})'", path.read_text()))
    listed = set(re.findall(r"^\| `(YS\d{3})`", (ROOT / "docs" / "api.md").read_text(), re.M))
    assert codes <= listed
