"""The functions applications call, written into docs/api.md from the catalog."""

import re

import psycopg
from psycopg.rows import dict_row

BETWEEN = re.compile(r"(<!-- functions: .*? -->\n).*(<!-- end of functions -->)", re.S)
# A comment ends with what the function refuses: "YS003: no such metric. YS004: ..."
REFUSALS = re.compile(r"(?=\bYS\d{3}: )")

FUNCTIONS = """
select
    p.proname as name,
    pg_get_function_arguments(p.oid) as arguments,
    pg_get_function_result(p.oid) as result,
    obj_description(p.oid, 'pg_proc') as comment,
    array(
        select distinct acl.grantee::regrole::text
        from aclexplode(p.proacl) as acl
        where acl.grantee <> p.proowner
        order by 1
    ) as callers
from pg_proc as p
where p.pronamespace = 'yardstick_api'::regnamespace
order by p.proname
"""


def short(text: str) -> str:
    text = text.replace("timestamp with time zone", "timestamptz").replace("DEFAULT", "default")
    return re.sub(r"NULL::\w+", "null", text)


def parts(text: str) -> list[str]:
    """Arguments, or columns of a result, one by one."""
    return [part.strip() for part in re.split(r", (?=\w+ [a-z])", short(text)) if part.strip()]


def signature(function: dict) -> str:
    arguments, result = parts(function["arguments"]), short(function["result"])
    head = f"yardstick_api.{function['name']}("
    if len(arguments) > 3:
        head += "\n    " + ",\n    ".join(arguments) + "\n"
    else:
        head += ", ".join(arguments)
    if result.startswith("TABLE("):
        columns = ",\n    ".join(parts(result.removeprefix("TABLE(").removesuffix(")")))
        result = f"table (\n    {columns}\n)"
    return f"{head}) returns {result}"


def section(function: dict) -> str:
    meaning, *refusals = (part.strip() for part in REFUSALS.split(function["comment"]))
    text = f"\n### {function['name']}\n\n```sql\n-- for {', '.join(function['callers'])}\n{signature(function)}\n```\n\n{meaning}\n"
    if refusals:
        text += "\n" + "".join(f"- `{refusal[:5]}` {refusal[7:].rstrip('.')}\n" for refusal in refusals)
    return text


def generate(connection: psycopg.Connection, page: str) -> str:
    """The page with its list of functions brought up to date."""
    found = connection.cursor(row_factory=dict_row).execute(FUNCTIONS).fetchall()
    text = "".join(section(function) for function in found)
    return BETWEEN.sub(lambda match: f"{match[1]}{text}\n{match[2]}", page)
