"""docs/bi.md lists what the catalog has, and its examples run. `YARDSTICK_ACCEPT=1` writes the list anew."""

import os
import re

import pytest

from runner import ROOT

PAGE = ROOT / "docs" / "bi.md"
BETWEEN = re.compile(r"(<!-- columns: .*? -->\n).*(<!-- end of columns -->)", re.S)


def columns(connection) -> str:
    text = ""
    for view, comment in connection.execute(
        "select relname, obj_description(oid, 'pg_class') from pg_class "
        "where relnamespace = 'yardstick_bi'::regnamespace and relkind = 'v' order by relname"
    ).fetchall():
        text += f"\n### {view}\n\n{comment}\n\n| column | type | what |\n|---|---|---|\n"
        for row in connection.execute(
            "select attname, format_type(atttypid, atttypmod), col_description(attrelid, attnum) from pg_attribute "
            "where attrelid = format('yardstick_bi.%%I', %s::text)::regclass and attnum > 0 and not attisdropped order by attnum",
            [view],
        ):
            name, kind, what = row
            text += f"| `{name}` | {kind.replace('timestamp with time zone', 'timestamptz')} | {what} |\n"
    return text + "\n"


def test_the_page_lists_every_view_and_column(deployed):
    with deployed.connect() as connection:
        wanted = BETWEEN.sub(lambda found: found[1] + columns(connection) + found[2], PAGE.read_text())
    if os.environ.get("YARDSTICK_ACCEPT"):
        PAGE.write_text(wanted)
    assert PAGE.read_text() == wanted, "docs/bi.md is behind: run this test with YARDSTICK_ACCEPT=1"


@pytest.mark.parametrize("number", range(len(re.findall(r"```sql\n", PAGE.read_text()))))
def test_its_examples_run(deployed, number):
    query = re.findall(r"```sql\n(.*?)```", PAGE.read_text(), re.S)[number]
    with deployed.connect() as connection:
        connection.execute(query)
