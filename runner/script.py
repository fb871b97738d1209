"""Sends a file to the server whole, and says which statement of it failed."""

import psycopg
import sqlparse
from psycopg import generators, pq

from runner.errors import Refusal, server_words


class ScriptError(Refusal):
    """A statement of a file was refused."""

    def __init__(self, name: str, number: int, statement: str, error: psycopg.Error):
        self.sqlstate = error.sqlstate
        self.cause = error
        first = next((line.strip() for line in statement.splitlines() if line.strip()[:2] not in ("", "--")), "")
        lines = [f"{name}, statement {number}: {server_words(error)}", f"  {first[:150]}"]
        for label, text in (("detail", error.diag.message_detail), ("hint", error.diag.message_hint)):
            if text:
                lines.append(f"  {label}: {text}")
        if error.diag.context:
            lines.append(f"  in: {error.diag.context.splitlines()[0]}")
        super().__init__("\n".join(lines))


def run_script(connection: psycopg.Connection, text: str, name: str) -> None:
    """Run every statement of a text; the server splits it, so nothing has to be parsed here."""
    pgconn = connection.pgconn
    pgconn.send_query(text.encode())
    results = connection.wait(generators.execute(pgconn))
    for number, result in enumerate(results, 1):
        if result.status in (pq.ExecStatus.FATAL_ERROR, pq.ExecStatus.BAD_RESPONSE):
            error = psycopg.errors.error_from_result(result, encoding="utf-8")
            statements = [s for s in sqlparse.split(text) if s.strip()]
            # A syntax error is found before the first statement runs; its position leads to the statement.
            position = error.diag.statement_position
            if number == 1 and position:
                number = statement_at(text, statements, int(position))
            statement = statements[number - 1] if number <= len(statements) else text
            raise ScriptError(name, number, statement, error)
        if result.status in (pq.ExecStatus.COPY_IN, pq.ExecStatus.COPY_OUT):
            raise Refusal(f"{name}, statement {number}: copy from or to the client has no place here")


def statement_at(text: str, statements: list[str], position: int) -> int:
    start = 0
    for number, statement in enumerate(statements, 1):
        start = text.index(statement, start) + len(statement)
        if position <= start:
            return number
    return len(statements)
