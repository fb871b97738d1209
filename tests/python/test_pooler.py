"""A real pgbouncer in transaction mode with one server connection: the context of one client never reaches the next."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg
import pytest

PGBOUNCER = shutil.which("pgbouncer", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
CONTEXT = "yardstick.context"
LOGIN = "pooled_app"
ROLE = """select yardstick_api.sync_role('{"external_id": "x", "role_name": "x"}')"""


class Pool:
    """Two clients of it share one session of the server."""

    def __init__(self, database, folder: Path):
        assert PGBOUNCER, "pgbouncer is not installed: apt install pgbouncer"
        self.database, self.folder = database, folder
        server = psycopg.conninfo.conninfo_to_dict(database.dsn())
        (folder / "users.txt").write_text(f'"{LOGIN}" ""\n')
        (folder / "pgbouncer.ini").write_text(
            "[databases]\n"
            f"pooled = host={server['host']} port={server['port']} dbname={server['dbname']} user={LOGIN} pool_size=1\n"
            "[pgbouncer]\n"
            f"unix_socket_dir = {folder}\nlisten_addr =\nlisten_port = 6432\nauth_type = trust\nauth_file = {folder}/users.txt\n"
            f"pool_mode = transaction\nclient_login_timeout = 5\nserver_login_retry = 1\nmax_client_conn = 20\ndefault_pool_size = 1\nlogfile = {folder}/log\npidfile = {folder}/pid\n"
        )
        # It refuses to run as root; the server's own user may enter the folder of its socket.
        self.user = pwd.getpwnam(database.cluster.server_user) if os.geteuid() == 0 else None
        if self.user:
            for path in (folder, *folder.iterdir()):
                os.chown(path, self.user.pw_uid, self.user.pw_gid)
        self.process = subprocess.Popen(
            [PGBOUNCER, "-q", str(folder / "pgbouncer.ini")],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            user=self.user.pw_uid if self.user else None, group=self.user.pw_gid if self.user else None,
            extra_groups=[] if self.user else None,
        )  # fmt: skip
        for _ in range(100):
            if (folder / ".s.PGSQL.6432").exists():
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise AssertionError(f"pgbouncer did not start: {self.process.stderr.read() if self.process.poll() is not None else ''}")

    def client(self) -> psycopg.Connection:
        connection = psycopg.connect(host=str(self.folder), port=6432, dbname="pooled", user=LOGIN, autocommit=True, connect_timeout=10)
        connection.prepare_threshold = None
        return connection

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stderr.close()


@pytest.fixture
def organizations(database):
    with database.connect() as admin:
        admin.execute(f"drop role if exists {LOGIN}")
        admin.execute(f"create role {LOGIN} login in role yardstick_app")
        found = [
            admin.execute(
                "select yardstick_api.sync_organization(jsonb_build_object('external_id', %s::text, 'organization_name', %s::text))",
                [name, name],
            ).fetchone()[0]
            for name in ("acme", "birch")
        ]
        for organization in found:
            admin.execute("select yardstick_api.bind_login(%s, %s, 'trusted')", [LOGIN, organization])
    return found


@pytest.fixture
def pool(database, organizations, cluster):
    folder = Path(tempfile.mkdtemp(prefix="ys-pool-", dir="/tmp"))
    made = Pool(database, folder)
    yield made
    made.stop()
    shutil.rmtree(folder, ignore_errors=True)


def pid(connection):
    return connection.execute("select pg_backend_pid()").fetchone()[0]


def refused(connection, statement=ROLE):
    with pytest.raises(psycopg.Error) as caught:
        connection.execute(statement)
    return caught.value.sqlstate


def roles_of(database, organization):
    with database.connect() as admin:
        return admin.execute("select count(*) from yardstick.roles where organization_id = %s", [organization]).fetchone()[0]


def test_the_clients_do_share_a_session(pool):
    with pool.client() as first, pool.client() as second:
        assert pid(first) == pid(second)


def test_the_context_is_not_carried_to_the_next_client(pool, organizations):
    acme, birch = organizations
    with pool.client() as first, pool.client() as second:
        with first.transaction():
            first.execute("select yardstick_api.use_organization(%s)", [acme])
            first.execute(ROLE)
        assert refused(second) == "YS004"
        assert refused(first) == "YS004"
        with second.transaction():
            second.execute("select yardstick_api.use_organization(%s)", [birch])
            second.execute(ROLE)
        assert refused(first) == "YS004"
    assert (roles_of(pool.database, acme), roles_of(pool.database, birch)) == (1, 1)


def test_a_plain_session_set_is_worth_nothing_to_anybody(pool, organizations):
    acme, _ = organizations
    with pool.client() as first, pool.client() as second:
        with first.transaction():
            first.execute("select yardstick_api.use_organization(%s)", [acme])
            stamp = first.execute(f"select current_setting('{CONTEXT}')").fetchone()[0]
        for setting in (stamp, str(acme), "garbage"):
            first.execute(f"select set_config('{CONTEXT}', %s, false)", [setting])
            # It is still there for the next client, and says nothing.
            assert second.execute(f"select current_setting('{CONTEXT}')").fetchone()[0] == setting
            assert refused(second) == "YS004"
            assert refused(first) == "YS004"


def test_a_choice_in_a_session_with_an_old_set_counts_and_ends(pool, organizations):
    acme, birch = organizations
    with pool.client() as first, pool.client() as second:
        with first.transaction():
            first.execute("select yardstick_api.use_organization(%s)", [acme])
            stamp = first.execute(f"select current_setting('{CONTEXT}')").fetchone()[0]
        first.execute(f"select set_config('{CONTEXT}', %s, false)", [stamp])
        with second.transaction():
            second.execute("select yardstick_api.use_organization(%s)", [birch])
            second.execute(ROLE)
        assert refused(second) == "YS004"
    assert (roles_of(pool.database, acme), roles_of(pool.database, birch)) == (0, 1)


def test_a_client_that_breaks_off_leaves_nothing(pool, organizations):
    acme, _ = organizations
    with pool.client() as second:
        first = pool.client()
        first.autocommit = False
        first.execute("select yardstick_api.use_organization(%s)", [acme])
        first.execute(ROLE)
        first.close()
        assert refused(second) == "YS004"
    assert roles_of(pool.database, acme) == 0
