"""Which database is meant: the one DATABASE_URL names, or the embedded one."""

import os

import psycopg

from runner.cluster import Cluster
from runner.errors import Refusal


class Target:
    def __init__(self, conninfo: str | None = None):
        url = conninfo or os.environ.get("DATABASE_URL")
        self.cluster = None if url else Cluster()
        try:
            self.given = psycopg.conninfo.conninfo_to_dict(url) if url else None
        except psycopg.ProgrammingError as error:
            raise Refusal(f"DATABASE_URL is not a connection string: {' '.join(str(error).split())}") from None

    @property
    def is_embedded(self) -> bool:
        return self.cluster is not None

    def conninfo(self, role: str | None = None, dbname: str | None = None) -> str:
        if self.cluster:
            return self.cluster.conninfo(role, **({"dbname": dbname} if dbname else {}))
        changed = {key: value for key, value in (("user", role), ("dbname", dbname)) if value}
        return psycopg.conninfo.make_conninfo(**{**self.given, **changed})

    def connect(self, dbname: str | None = None, autocommit: bool = True) -> psycopg.Connection:
        return psycopg.connect(
            self.conninfo(dbname=dbname), autocommit=autocommit, connect_timeout=15, application_name="yardstick deploy"
        )
