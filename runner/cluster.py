"""The embedded cluster: a private server with its own port and socket folder, and no TCP unless asked."""

import errno
import fcntl
import ipaddress
import os
import pwd
import re
import shutil
import stat
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from runner.errors import Refusal

DATABASE = "yardstick"
CRON_DATABASE = "postgres"
NEEDED_BYTES = 300 * 1024 * 1024
LOGINS_FROM_THE_START = ("postgres", "yardstick_worker", "yardstick_formula_login")


def default_state() -> Path:
    if os.environ.get("YARDSTICK_STATE"):
        return Path(os.environ["YARDSTICK_STATE"])
    if os.getuid() == 0:
        return Path("/var/lib/yardstick")
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base) / "yardstick"


def default_port() -> int:
    text = os.environ.get("YARDSTICK_PORT", "5477")
    if not (text.isdecimal() and 1024 <= int(text) <= 65535):
        raise Refusal(f"YARDSTICK_PORT is {text!r}: it has to be a number from 1024 to 65535.")
    return int(text)


def newest_bin() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise Refusal("No PostgreSQL server is installed: runner/bootstrap.sh installs one.")
    return found[-1].parent


def is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


@dataclass
class Cluster:
    state: Path = field(default_factory=default_state)
    socket: Path = field(
        default_factory=lambda: Path(os.environ.get("YARDSTICK_SOCKET", f"/tmp/yardstick-{os.getuid()}"))
    )
    port: int = field(default_factory=default_port)
    listen: str = field(default_factory=lambda: os.environ.get("YARDSTICK_LISTEN", ""))
    for_tests: bool = False  # nothing is synced to disk, and any login is trusted

    @property
    def data(self) -> Path:
        return self.state / "data"

    @property
    def log(self) -> Path:
        return self.state / "server.log"

    @property
    def server_user(self) -> str:
        return "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name

    @property
    def bin(self) -> Path:
        if not (self.data / "PG_VERSION").exists():
            return newest_bin()
        version = (self.data / "PG_VERSION").read_text().strip()
        path = Path(f"/usr/lib/postgresql/{version}/bin")
        if not (path / "postgres").exists():
            raise Refusal(
                f"{self.data} was made by PostgreSQL {version}, which is no longer installed: "
                f"install postgresql-{version}, or remove the cluster with: make clean"
            )
        return path

    @property
    def version(self) -> int:
        return int(self.bin.parent.name)

    def conninfo(self, role: str | None = None, dbname: str = DATABASE) -> str:
        return psycopg.conninfo.make_conninfo(
            host=str(self.socket), port=self.port, user=role or "postgres", dbname=dbname
        )

    def run(self, *command: str | Path) -> subprocess.CompletedProcess:
        """Run a program of the server as the user it belongs to (initdb and postgres refuse root)."""
        prefix = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        return subprocess.run(
            [*prefix, *map(str, command)], cwd="/", stdin=subprocess.DEVNULL, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ, "LC_ALL": "C.UTF-8"},
        )  # fmt: skip

    def is_running(self) -> bool:
        if not (self.data / "postmaster.pid").exists():
            return False
        return self.run(self.bin / "pg_ctl", "status", "-D", self.data).returncode == 0

    @contextmanager
    def alone(self):
        """One shell at a time makes, starts or stops a cluster."""
        self.make_folder(self.state)
        with open(self.state / ".lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def make_folder(self, path: Path) -> None:
        if path.is_symlink():
            raise Refusal(f"{path} is a symbolic link; remove it or choose another folder.")
        owner = pwd.getpwnam(self.server_user)
        name = "YARDSTICK_SOCKET" if path == self.socket else "YARDSTICK_STATE"
        if not path.exists():
            try:
                path.mkdir(parents=True, mode=0o700)
            except OSError as error:
                if error.errno == errno.ENOSPC:
                    raise
                raise Refusal(f"{path} can't be made ({error.strerror}); name another folder in {name}.") from None
            if os.getuid() == 0:
                os.chown(path, owner.pw_uid, owner.pw_gid)
        found = path.stat()
        if found.st_uid != owner.pw_uid or not stat.S_ISDIR(found.st_mode):
            raise Refusal(f"{path} belongs to someone else; remove it or name another folder in {name}.")
        path.chmod(0o700)

    def up(self) -> bool:
        """Make and start what is missing; True when something was."""
        if len(str(self.socket)) > 90:
            raise Refusal(f"The socket folder {self.socket} has too long a name; set YARDSTICK_SOCKET to a short one.")
        with self.alone():
            created = not (self.data / "PG_VERSION").exists()
            if created:
                self.create()
            changed = self.configure()
            running = self.is_running()
            # A cleaner of /tmp may have taken the socket of a running server away.
            if running and (changed or not (self.socket / f".s.PGSQL.{self.port}").exists()):
                self.check(self.run(self.bin / "pg_ctl", "stop", "-D", self.data, "-m", "fast", "-w"), "stopped")
                running = False
            if not running:
                self.start()
            self.make_database()
            return created or not running

    def create(self) -> None:
        free = shutil.disk_usage(self.state).free
        if free < NEEDED_BYTES:
            raise Refusal(
                f"The disk is full: {self.state} has {free // 2**20} MB left, a cluster needs "
                f"{NEEDED_BYTES // 2**20} MB. Make room or name another folder in YARDSTICK_STATE."
            )
        # A killed initdb leaves half a folder: it is made beside its place and moved when it is whole.
        half = self.state / "data.making"
        shutil.rmtree(half, ignore_errors=True)
        command = [self.bin / "initdb", "-D", half, "-U", "postgres", "-A", "peer", "-E", "UTF8", "--locale=C.UTF-8"]
        self.check(self.run(*command, *(["--no-sync"] if self.for_tests else [])), "made")
        half.rename(self.data)

    def configure(self) -> bool:
        """Write the configuration; True when a running server has to be started again for it."""
        lines = [
            f"port = {self.port}",
            f"unix_socket_directories = '{self.socket}'",
            "unix_socket_permissions = 0700",
            f"listen_addresses = '{self.listen}'",
            "log_min_messages = warning",
        ]
        if (Path("/usr/share/postgresql") / str(self.version) / "extension" / "pg_cron.control").exists():
            lines += [
                "shared_preload_libraries = 'pg_cron'",
                f"cron.database_name = '{CRON_DATABASE}'",
                "cron.log_statement = off",
            ]
            # pg_cron of PostgreSQL 15 runs background workers one after another: there it connects instead.
            if self.version < 16:
                lines += ["cron.use_background_workers = off", f"cron.host = '{self.socket}'"]
            else:
                lines += ["cron.use_background_workers = on"]
        if self.for_tests:
            lines += ["fsync = off", "synchronous_commit = off", "full_page_writes = off", "max_connections = 60"]
        main = self.data / "postgresql.conf"
        if "include_if_exists = 'yardstick.conf'" not in main.read_text():
            self.write(main, main.read_text() + "\ninclude_if_exists = 'yardstick.conf'\n")
        method = "trust" if self.for_tests else "peer map=own"
        hba = [f"local all all {method}", f"local replication all {method}"]
        hba += [f"host all all {addresses} scram-sha-256" for addresses in self.admitted()]
        if self.write(self.data / "pg_hba.conf", "\n".join(hba) + "\n") and self.is_running():
            self.run(self.bin / "pg_ctl", "reload", "-D", self.data)
        if not (self.data / "pg_ident.conf").read_text().startswith("own "):
            self.write_logins(LOGINS_FROM_THE_START)
        return self.write(self.data / "yardstick.conf", "\n".join(lines) + "\n")

    def admitted(self) -> list[str]:
        """From where logins are taken: from this machine, and from all others where another address is listened on."""
        addresses = {address.strip() for address in self.listen.split(",")} - {"", "localhost"}
        return ["127.0.0.1/32", "::1/128"] if all(is_loopback(address) for address in addresses) else ["all"]

    def write(self, path: Path, text: str) -> bool:
        if path.exists() and path.read_text() == text:
            return False
        path.write_text(text)
        owner = pwd.getpwnam(self.server_user)
        if os.getuid() == 0:
            os.chown(path, owner.pw_uid, owner.pw_gid)
        path.chmod(0o600)
        return True

    def write_logins(self, logins) -> bool:
        """One line for each role: only from 16 on may a pattern stand for the database role."""
        users = sorted({self.server_user, pwd.getpwuid(os.getuid()).pw_name})
        lines = [f'own {user} "{login}"' for user in users for login in sorted(set(logins))]
        return self.write(self.data / "pg_ident.conf", "\n".join(lines) + "\n")

    def admit_logins(self) -> None:
        """Let the owner of the cluster log in as every role that can log in."""
        with psycopg.connect(self.conninfo(dbname=CRON_DATABASE), autocommit=True) as connection:
            logins = [row[0] for row in connection.execute("select rolname from pg_roles where rolcanlogin")]
            if self.write_logins({*logins, *LOGINS_FROM_THE_START}):
                connection.execute("select pg_reload_conf()")

    def start(self) -> None:
        self.make_folder(self.socket)
        lock = self.socket / f".s.PGSQL.{self.port}.lock"
        if lock.exists():
            pid, data = lock.read_text().split("\n")[:2]
            if data != str(self.data) and Path(f"/proc/{pid.strip()}").exists():
                raise Refusal(
                    f"Port {self.port} in {self.socket} is taken by the server of {data} (process {pid.strip()}): "
                    "stop that one, or choose another with YARDSTICK_PORT."
                )
        before = self.log.stat().st_size if self.log.exists() else 0
        done = self.run(self.bin / "pg_ctl", "start", "-D", self.data, "-l", self.log, "-w", "-t", "60")
        if done.returncode:
            with open(self.log, errors="replace") as log:
                log.seek(before)
                done.stdout += log.read()
        self.check(done, "started")

    def check(self, done: subprocess.CompletedProcess, verb: str) -> None:
        if done.returncode == 0:
            return
        text = done.stdout
        if "No space left on device" in text:
            raise Refusal(f"The disk is full: the cluster in {self.state} could not be {verb}. Make room and run this again.")
        if "Address already in use" in text or "already in use" in text:
            raise Refusal(
                f"Port {self.port} is taken (address {self.listen or self.socket}): stop what listens there, "
                "or choose another with YARDSTICK_PORT."
            )
        said = [line for line in text.splitlines() if re.search(r"FATAL|error:|ERROR|could not", line)]
        raise Refusal(f"The cluster could not be {verb}: {(said or [text.strip() or 'no reason given'])[0].strip()} (log: {self.log})")

    def make_database(self) -> None:
        with psycopg.connect(self.conninfo(dbname=CRON_DATABASE), autocommit=True) as connection:
            if connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone():
                return
            connection.execute(f"create database {DATABASE}")
            keep_to_ourselves(connection, DATABASE)

    def down(self) -> bool:
        if not self.data.exists():
            return False
        with self.alone():
            if not self.is_running():
                return False
            self.check(self.run(self.bin / "pg_ctl", "stop", "-D", self.data, "-m", "fast", "-w"), "stopped")
            return True

    def remove(self) -> bool:
        if not self.state.exists():
            return False
        self.down()
        for path in (self.data, self.state / "data.making"):
            shutil.rmtree(path, ignore_errors=True)
        for path in (self.log, self.state / ".lock"):
            path.unlink(missing_ok=True)
        for folder in (self.state, self.socket):
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
        return True


def keep_to_ourselves(connection: psycopg.Connection, database: str) -> None:
    """On a cluster of our own nobody makes objects or temporary tables but who needs to."""
    name = psycopg.sql.Identifier(database)
    connection.execute(psycopg.sql.SQL("revoke create, temporary on database {} from public").format(name))
