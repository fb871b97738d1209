"""The queries of docs/compliance.md run as the page says, and those that must come back empty do."""

import re

import pytest

from runner import ROOT
from tests.python.test_quality import as_of, shown  # noqa: F401

PAGE = (ROOT / "docs" / "compliance.md").read_text()
QUERIES = {
    int(number): (title, re.search(r"```sql\n(.*?)```", text, re.S)[1], "For a DBA" in text)
    for number, title, text in re.findall(r"^### (\d+)\. (.*?)\n(.*?)(?=^### |\Z)", PAGE, re.S | re.M)
}
EMPTY = {1, 2}


@pytest.mark.parametrize("number", QUERIES)
def test_a_query_shows_its_evidence(shown, number):  # noqa: F811
    connection, _ = shown
    title, query, is_for_dba = QUERIES[number]
    login = "metric_reviewer" if is_for_dba else "nordwerk_bi"
    connection.execute(f"set session authorization {login}")
    try:
        rows = connection.execute(query).fetchall()
    finally:
        connection.execute("reset session authorization")
    assert bool(rows) == (number not in EMPTY), title


def test_every_evidence_that_is_pointed_at_is_there():
    pointed = {int(number) for number in re.findall(r"\[(\d+)\]\(#", PAGE)}
    assert pointed == set(QUERIES)
