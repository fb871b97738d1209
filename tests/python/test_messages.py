"""What goes wrong on a machine is said in one line that tells what to do."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from runner import ROOT, cluster, deploy
from runner.cluster import Cluster
from runner.errors import Refusal
from runner.testing import Database

YARDSTICK = Path(sys.executable).parent / "yardstick"
as_root = pytest.mark.skipif(os.getuid() != 0, reason="mounts a small file system")


@pytest.fixture
def folder():
    """A short path that the server's user can reach."""
    made = Path(tempfile.mkdtemp(prefix="ys-msg-", dir="/tmp"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def another(folder):
    """Makes clusters of their own, and stops them at the end."""
    made = []

    def make(name="state", **settings) -> Cluster:
        made.append(Cluster(**{"state": folder / name, "socket": folder / "s", "port": 5479, "for_tests": True, **settings}))
        return made[-1]

    yield make
    for one in made:
        one.down()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextmanager
def small_disk(path: Path, megabytes: int):
    path.mkdir(exist_ok=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "none", path], capture_output=True)
    if mounted.returncode:
        pytest.skip("nothing can be mounted here")
    shutil.chown(path, "postgres", "postgres")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", path], check=True)


def fill(path: Path) -> None:
    with open(path, "wb", buffering=0) as filler, suppress(OSError):
        while filler.write(bytes(4096)):
            pass
    os.truncate(path, path.stat().st_size - 400_000)  # a session needs a little room to start


def refused(*command, **environment) -> str:
    """The one line a failing command prints."""
    done = subprocess.run(
        command, env={**os.environ, **environment}, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    return done.stderr


def test_socket_taken(cluster, another):
    ours = cluster.cluster
    with pytest.raises(Refusal, match=r"^Port 5478 in .* is taken by the server of .*YARDSTICK_PORT"):
        another(socket=ours.socket, port=ours.port).up()


def test_port_taken(another):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        with pytest.raises(Refusal, match=rf"^Port {port} is taken .*YARDSTICK_PORT"):
            another(port=port, listen="127.0.0.1").up()


def test_a_port_that_is_none():
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    done = subprocess.run([YARDSTICK, "up"], env={**environment, "YARDSTICK_PORT": "lots"}, capture_output=True, text=True)
    assert (done.returncode, done.stderr.startswith("yardstick: YARDSTICK_PORT is 'lots'")) == (1, True)


def test_two_clusters_live_side_by_side(another, folder):
    one, other = another("a", port=5479), another("b", port=5480)
    assert one.up() and other.up()
    assert not one.up()


def own_address() -> str:
    """An address of this machine that is no loopback; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this machine has no network address")
        return probe.getsockname()[0]


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "own", "*"])
def test_whoever_has_a_password_gets_in_by_the_address_that_is_listened_on(another, address):
    listen = own_address() if address == "own" else address
    served = another(listen=listen, port=free_port())
    served.up()
    with Database(served, "postgres").connect() as connection:
        connection.execute("create role guest login password 'right'")
    host = own_address() if listen == "*" else listen
    place = {"host": host, "port": served.port, "dbname": "yardstick", "user": "guest"}
    with psycopg.connect(**place, password="right") as connection:
        assert connection.execute("select current_user").fetchone() == ("guest",)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(**place, password="wrong")


def test_an_address_of_the_machine_alone_lets_nobody_in_from_elsewhere(another):
    served = another(listen="127.0.0.1, ::1, localhost")
    served.up()
    lines = (served.data / "pg_hba.conf").read_text().splitlines()
    assert {line.split()[3] for line in lines if line.startswith("host")} == {"127.0.0.1/32", "::1/128"}


def test_the_owner_of_a_cluster_takes_a_physical_copy_of_it(another, folder):
    served = another(for_tests=False)
    served.up()
    shutil.chown(folder, served.server_user)
    done = served.run(
        served.bin / "pg_basebackup", "-h", served.socket, "-p", str(served.port), "-U", "postgres", "-c", "fast", "-D", folder / "copy"
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert (folder / "copy" / "PG_VERSION").read_text().strip() == str(served.version)


def test_the_lines_for_logins_hold_at_once_in_a_cluster_that_runs(another):
    # As one has it that was started by an earlier version.
    served = another()
    served.up()
    (served.data / "pg_hba.conf").write_text("local postgres all trust\n")
    served.run(served.bin / "pg_ctl", "reload", "-D", served.data)
    with pytest.raises(psycopg.OperationalError, match=r"no pg_hba\.conf entry"):
        for _ in range(100):
            psycopg.connect(served.conninfo()).close()
            time.sleep(0.1)
    served.up()
    assert psycopg.connect(served.conninfo()).execute("select current_database()").fetchone() == ("yardstick",)


@pytest.mark.skipif(os.getuid() != 0, reason="gives a folder away")
def test_socket_folder_of_someone_else(another, folder):
    (folder / "s").mkdir()
    shutil.chown(folder / "s", "nobody")
    with pytest.raises(Refusal, match=r"belongs to someone else.*YARDSTICK_SOCKET"):
        another().up()


def test_a_folder_that_cannot_be_made(another):
    with pytest.raises(Refusal, match=r"^/proc/nowhere/state can't be made .*YARDSTICK_STATE"):
        another(state=Path("/proc/nowhere/state")).up()


@as_root
def test_disk_too_small_for_a_cluster(another, folder):
    with small_disk(folder / "state", 40), pytest.raises(Refusal, match=r"^The disk is full: .* MB left"):
        another().up()


@as_root
def test_disk_full_while_the_cluster_is_made(another, folder, monkeypatch):
    monkeypatch.setattr(cluster, "NEEDED_BYTES", 0)
    with small_disk(folder / "state", 25), pytest.raises(Refusal, match=r"^The disk is full: the cluster"):
        another().up()


@as_root
def test_disk_full_during_a_deploy(another, folder):
    # A cluster of its own: while the disk is full its checkpoints fail, for all its databases.
    served = another()
    served.up()
    with small_disk(folder / "space", 30), Database(served, "postgres").connect() as connection:
        connection.execute(f"create tablespace small location '{folder / 'space'}'")
        connection.execute("create database small tablespace small")
        fill(folder / "space" / "filler")
        assert "The disk is full: make room" in refused(YARDSTICK, "deploy", DATABASE_URL=Database(served, "small").dsn())
        (folder / "space" / "filler").unlink()
        connection.execute("drop database small with (force)")
        connection.execute("drop tablespace small")


def test_wrong_password(another):
    served = another(listen="127.0.0.1", port=free_port())
    served.up()
    with Database(served, "postgres").connect() as connection:
        connection.execute("create role boss superuser login password 'right'")
    url = f"postgresql://boss:{{}}@127.0.0.1:{served.port}/yardstick"
    assert "Wrong password" in refused(YARDSTICK, "deploy", DATABASE_URL=url.format("wrong"))
    done = subprocess.run([YARDSTICK, "plan"], env={**os.environ, "DATABASE_URL": url.format("right")}, capture_output=True)
    assert done.returncode == 0


def test_no_password(another, folder):
    served = another(listen="127.0.0.1", port=free_port())
    served.up()
    url = f"postgresql://postgres@127.0.0.1:{served.port}/yardstick"
    assert "asks for a password" in refused(YARDSTICK, "deploy", DATABASE_URL=url, PGPASSFILE=str(folder / "none"))


def test_nobody_listens():
    url = f"postgresql://postgres@127.0.0.1:{free_port()}/yardstick"
    assert "No server answers there" in refused(YARDSTICK, "deploy", DATABASE_URL=url)


def test_no_such_database(cluster):
    url = cluster.cluster.conninfo(dbname="nowhere")
    assert "no such database" in refused(YARDSTICK, "deploy", DATABASE_URL=url)


def test_not_a_connection_string():
    assert "DATABASE_URL is not a connection string" in refused(YARDSTICK, "status", DATABASE_URL="postgres//x")


def test_not_a_superuser(cluster, empty_database):
    with cluster.admin() as connection:
        connection.execute("drop role if exists plain_deployer")
        connection.execute("create role plain_deployer login createdb createrole")
    url = empty_database.dsn("plain_deployer")
    assert "plain_deployer is not a superuser" in refused(YARDSTICK, "deploy", DATABASE_URL=url)


@pytest.mark.parametrize("command", ["plan", "status"])
def test_not_a_superuser_who_only_looks(database, command):
    said = refused(YARDSTICK, command, DATABASE_URL=database.dsn("yardstick_worker"))
    assert "yardstick_worker is not a superuser" in said


def test_a_server_that_takes_no_changes(database):
    url = psycopg.conninfo.make_conninfo(database.dsn(), options="-c default_transaction_read_only=on")
    assert "takes no changes" in refused(YARDSTICK, "deploy", DATABASE_URL=url)
    assert "takes no changes" in refused(YARDSTICK, "rollback", "--steps", "1", DATABASE_URL=url)


def test_a_login_the_server_does_not_know(cluster):
    url = cluster.cluster.conninfo("nobody_of_that_name", dbname="postgres")
    assert "lets no such login in" in refused(YARDSTICK, "deploy", DATABASE_URL=url)


@pytest.mark.parametrize("command", ["psql", "dsn"])
def test_a_role_that_is_no_login_here(another, command):
    ours = another()
    place = {"YARDSTICK_STATE": str(ours.state), "YARDSTICK_SOCKET": str(ours.socket), "YARDSTICK_PORT": str(ours.port)}
    assert "stranger is not a role that can log in" in refused(YARDSTICK, command, "--role", "stranger", **place)


def test_server_too_old(empty_database, monkeypatch):
    monkeypatch.setattr(deploy, "MINIMUM_SERVER_VERSION", 990000)
    with pytest.raises(Refusal, match=r"^The server is too old: it is PostgreSQL \d+.*needed is 99 or later"):
        deploy.deploy(empty_database.target)


def test_extension_missing(empty_database, monkeypatch):
    monkeypatch.setattr(deploy, "REQUIRED_EXTENSIONS", ("plnowhere",))
    with pytest.raises(Refusal, match=r"^The server lacks the extension plnowhere: install it there"):
        deploy.deploy(empty_database.target)


def test_without_the_scheduler_the_rest_is_deployed(another):
    served = another()
    served.up()
    settings = (served.data / "yardstick.conf").read_text()
    kept = "\n".join(line for line in settings.splitlines() if "cron" not in line)
    (served.data / "yardstick.conf").write_text(kept + "\n")
    served.check(served.run(served.bin / "pg_ctl", "restart", "-D", served.data, "-l", served.log, "-w"), "restarted")
    done = subprocess.run(
        [YARDSTICK, "deploy"], env={**os.environ, "DATABASE_URL": served.conninfo()}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "pg_cron is not loaded: jobs are not registered" in done.stdout


def elsewhere(mounts: str, *command) -> subprocess.CompletedProcess:
    """Run a command on a machine that looks different, and on nothing else."""
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", mounts + ' && exec "$@"', "sh", *map(str, command)],
        stdin=subprocess.DEVNULL, capture_output=True, text=True,
    )  # fmt: skip
    if done.stderr.startswith(("mount", "unshare")):
        pytest.skip("nothing can be mounted here")
    return done


def machine_without_postgresql(*command) -> subprocess.CompletedProcess:
    return elsewhere("mount -t tmpfs none /usr/lib/postgresql && mount -t tmpfs none /usr/share/postgresql", *command)


@as_root
@pytest.mark.parametrize("lacks", ["plpython3u", "plpgsql_check", "pg_cron"])
def test_a_machine_without_an_extension(folder, lacks):
    ours = Cluster(state=folder / "state", socket=folder / "s", port=5479)
    extensions = Path(f"/usr/share/postgresql/{ours.version}/extension")
    shutil.copytree(extensions, folder / "extension", ignore=shutil.ignore_patterns(f"{lacks}*"))
    (folder / "extension").chmod(0o755)
    place = ["env", f"YARDSTICK_STATE={ours.state}", f"YARDSTICK_SOCKET={ours.socket}", f"YARDSTICK_PORT={ours.port}"]
    try:
        done = elsewhere(f"mount --bind {folder / 'extension'} {extensions}", *place, YARDSTICK, "deploy")
    finally:
        ours.down()
    if lacks == "plpython3u":
        assert done.returncode == 1
        assert done.stderr.startswith("yardstick: The server lacks the extension plpython3u: install it there")
        assert len(done.stderr.strip().splitlines()) == 1
    else:
        assert done.returncode == 0, done.stdout + done.stderr
        assert f"note: {lacks} is not" in done.stdout


@as_root
def test_no_sudo(folder):
    (folder / "runner").mkdir()
    shutil.copy(ROOT / "runner" / "bootstrap.sh", folder / "runner")
    shutil.copy(ROOT / "pyproject.toml", folder)
    tools = folder / "bin"
    tools.mkdir()
    for place in ("/usr/bin", "/bin"):
        for tool in Path(place).iterdir():
            if tool.name != "sudo" and not (tools / tool.name).exists():
                (tools / tool.name).symlink_to(tool)
    path = f"PATH={tools}"
    done = machine_without_postgresql("runuser", "-u", "nobody", "--", "env", path, "sh", str(folder / "runner/bootstrap.sh"))
    assert done.returncode == 1
    assert "there is no sudo here; have an administrator run: apt-get install postgresql-" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@as_root
def test_no_server_installed():
    done = machine_without_postgresql(str(YARDSTICK), "up")
    assert done.returncode == 1
    assert "PostgreSQL" in done.stderr and "Traceback" not in done.stderr
