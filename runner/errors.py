"""What went wrong, in one line that says what to do."""

import errno
import re

import psycopg

DISK_FULL = "The disk is full: make room where the server keeps its data, then run this again."


class Refusal(Exception):
    """Something the reader can mend. The text is all they see."""


def server_words(error: psycopg.Error) -> str:
    """Condition and message of a server error, on one line."""
    message = error.diag.message_primary or " ".join(str(error).split())
    return f"{error.sqlstate}: {message}" if error.sqlstate else message


def explain(error: BaseException) -> str | None:
    """The line for an error we know how to speak of; None for one we don't."""
    if getattr(error, "sqlstate", None) == "53100" or getattr(error, "errno", None) == errno.ENOSPC:
        return DISK_FULL
    if getattr(error, "sqlstate", None) == "55P03":
        return f"Another session holds what has to be changed; end its transaction and run this again. ({error})"
    if getattr(error, "sqlstate", None) == "25006":
        return f"The server takes no changes: it is a standby, or its database is read-only. Run this on the primary. ({server_words(error)})"
    if isinstance(error, Refusal):
        return str(error)
    if isinstance(error, psycopg.Error):
        if error.sqlstate is None:
            return connection_words(error)
        hint = f" {error.diag.message_hint}" if error.diag.message_hint else ""
        return f"The server refused: {server_words(error)}.{hint}"
    if isinstance(error, PermissionError):
        return f"{error.filename} may not be read or written by this user."
    return None


def connection_words(error: psycopg.Error) -> str:
    text = " ".join(str(error).split())
    if "password authentication failed" in text:
        return "Wrong password: the server does not accept it for this user. Correct DATABASE_URL (or ~/.pgpass)."
    if "no password supplied" in text:
        return "The server asks for a password: put it into DATABASE_URL or ~/.pgpass."
    if "No space left on device" in text or "could not write init file" in text:
        return DISK_FULL
    if "authentication failed" in text or "no pg_hba.conf entry" in text or re.search(r'role ".*" (does not exist|is not permitted)', text):
        return f"The server lets no such login in: correct the user in DATABASE_URL, or pg_hba.conf on the server. ({text})"
    if "database" in text and "does not exist" in text:
        return f"The server has no such database; create it first. ({text})"
    if "Connection refused" in text or "No such file or directory" in text:
        return f"No server answers there. For the embedded one: yardstick up. ({text})"
    return f"The server could not be reached: {text}"
