"""docs/api.md lists what the catalog has, and its worked example gives what it says."""

import os
import re
import subprocess

from psycopg import sql

from runner import ROOT, api_docs

PAGE = ROOT / "docs" / "api.md"
EXAMPLE = PAGE.read_text().split("## A worked example")[1].split("\n## ")[0]


def test_the_page_lists_every_function(deployed):
    with deployed.connect() as connection:
        wanted = api_docs.generate(connection, PAGE.read_text())
    assert PAGE.read_text() == wanted, "run make docs and commit docs/api.md"


def test_every_code_in_a_comment_is_explained():
    text = PAGE.read_text()
    assert set(re.findall(r"^- `(YS\d{3})`", text, re.M)) <= set(re.findall(r"^\| `(YS\d{3})`", text, re.M))


def psql(database, role: str, script: str) -> str:
    """What psql prints for a script, wherever its reader sits."""
    program = [database.cluster.bin / "psql", "-X", "-v", "ON_ERROR_STOP=1", "-d", database.dsn(role)]
    elsewhere = {**os.environ, "PGOPTIONS": "-c timezone=Asia/Kathmandu"}
    done = subprocess.run(program, input=script, capture_output=True, text=True, env=elsewhere)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_worked_example_gives_what_it_says(cluster, database):
    setting_up, recording, reading = re.findall(r"```sql\n(.*?)```", EXAMPLE, re.S)
    printed = re.search(r"```text\n(.*?)```", EXAMPLE, re.S)[1]
    login = f"portal_{database.name}"  # roles belong to the cluster, which other tests share
    try:
        psql(database, "postgres", re.sub(r"\bportal\b", login, setting_up))
        psql(database, login, recording)
        with database.connect() as connection:
            connection.execute("call yardstick_engine.calculate_due()")
        lines = [line.rstrip() for line in psql(database, login, reading).splitlines()]
        assert lines == printed.splitlines()
    finally:
        with cluster.admin() as connection:
            connection.execute(sql.SQL("drop role if exists {}").format(sql.Identifier(login)))
