"""One cluster for a run of the tests, one clone of the deployed template for each test that asks for `database`."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from runner.errors import Refusal
from runner.testing import TAP_TEMPLATE, TEMPLATE, Database, TestCluster

TESTS = Path(__file__).parent


class Stage:
    """The cluster of this run: made by the first who needs it, and by the controller before any worker starts."""

    def __init__(self):
        self.made: TestCluster | None = None
        self.owns_it = False
        self.tap: Database | None = None

    def cluster(self) -> TestCluster:
        if self.made is None:
            self.owns_it = True
            try:
                self.made = TestCluster.start()
                self.made.make_templates()
            except Refusal as refusal:
                pytest.exit(f"no test database: {refusal}", returncode=1)
        return self.made

    def tap_database(self) -> Database:
        if self.tap is None:
            self.tap = self.cluster().clone(TAP_TEMPLATE)
        return self.tap


STAGE = pytest.StashKey[Stage]()


def pytest_configure(config):
    config.stash[STAGE] = stage = Stage()
    if hasattr(config, "workerinput"):
        stage.made = TestCluster(Path(config.workerinput["yardstick_folder"]))
        findings = stage.made.folder / "findings"
        stage.made.findings = findings.read_text() if findings.exists() else None


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node):
    node.workerinput["yardstick_folder"] = str(node.config.stash[STAGE].cluster().folder)


def pytest_unconfigure(config):
    stage = config.stash.get(STAGE, None)
    if stage and stage.owns_it and stage.made:
        stage.made.stop()


@pytest.fixture(scope="session")
def cluster(request) -> TestCluster:
    """The cluster itself: for what concerns more than one database."""
    return request.config.stash[STAGE].cluster()


@pytest.fixture(scope="session")
def deployed(cluster) -> Database:
    """The template: read it, never write to it, and leave no connection open."""
    return Database(cluster.cluster, TEMPLATE)


@pytest.fixture
def database(cluster):
    """A fresh copy of the deployed template."""
    made = cluster.clone()
    yield made
    cluster.drop(made)


@pytest.fixture
def empty_database(cluster):
    """A database with nothing in it."""
    made = cluster.create(f"empty_{os.urandom(4).hex()}")
    yield made
    cluster.drop(made)


def pytest_collection_modifyitems(items):
    """What takes long comes first: in the end the small files keep both workers busy."""
    items.sort(key=lambda item: item.path.suffix != ".py")


def pytest_collect_file(file_path, parent):
    if file_path.suffix == ".sql" and {"pgtap", "laws"} & set(file_path.relative_to(TESTS).parts[:1]):
        return TapFile.from_parent(parent, path=file_path)
    if file_path.suffix == ".spec" and file_path.parent.name == "isolation":
        return IsolationFile.from_parent(parent, path=file_path)
    return None


class Complaint(Exception):
    """What a file that is not Python has to say."""


class FileItem(pytest.Item):
    def repr_failure(self, excinfo, style=None):
        if isinstance(excinfo.value, Complaint):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self):
        return self.path, 0, self.path.relative_to(TESTS).as_posix()


class TapFile(pytest.File):
    def collect(self):
        yield TapItem.from_parent(self, name=self.path.stem)


class TapItem(FileItem):
    """A pgTAP file: psql runs it in a transaction of its own that is rolled back."""

    def runtest(self):
        database = self.config.stash[STAGE].tap_database()
        program = database.cluster.bin / "psql"
        done = subprocess.run(
            [program, "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", database.dsn(), "-f", self.path],
            capture_output=True, text=True, stdin=subprocess.DEVNULL,
            env={**os.environ, "PGOPTIONS": "-c client_min_messages=warning"},
        )  # fmt: skip
        faults = tap_faults(done.stdout)
        if done.returncode:
            faults.append(f"psql ended with {done.returncode}")
        if faults or done.stderr.strip():
            said = [line for line in done.stdout.splitlines() if line.startswith(("not ok", "#"))]
            raise Complaint("\n".join([*faults, *said, done.stderr.strip()]))


def tap_faults(output: str) -> list[str]:
    """What is wrong with the output of a TAP file: nothing planned, too few or failing assertions."""
    plans = re.findall(r"^1\.\.(\d+)", output, re.M)
    results = re.findall(r"^(not ok|ok) \d+(.*)$", output, re.M)
    faults = []
    if len(plans) != 1:
        faults.append(f"{len(plans)} plans instead of one")
    elif int(plans[0]) != len(results):
        faults.append(f"planned {plans[0]} assertions, ran {len(results)}")
    failed = [name for verdict, name in results if verdict == "not ok"]
    if failed:
        faults.append(f"{len(failed)} of {len(results)} assertions failed")
    return faults


class IsolationFile(pytest.File):
    def collect(self):
        yield IsolationItem.from_parent(self, name=self.path.stem)


class IsolationItem(FileItem):
    """What two sessions do at once: PostgreSQL's own isolationtester, compared with tests/expected/."""

    def runtest(self):
        stage = self.config.stash[STAGE]
        database = stage.cluster().clone()
        try:
            tester = database.cluster.bin.parent / "lib/pgxs/src/test/isolation/isolationtester"
            if not tester.exists():
                raise Complaint(f"{tester} is missing (it comes with the package postgresql-client)")
            with open(self.path) as spec:
                done = subprocess.run([tester, database.dsn()], stdin=spec, capture_output=True, text=True, timeout=120)
        finally:
            stage.cluster().drop(database)
        expected = TESTS / "expected" / f"{self.path.stem}.out"
        if os.environ.get("YARDSTICK_ACCEPT") and done.returncode == 0:
            expected.write_text(done.stdout)
        wanted = expected.read_text() if expected.exists() else ""
        if done.returncode or done.stdout != wanted:
            raise Complaint(f"expected in tests/expected/{expected.name}:\n{wanted}\ngot:\n{done.stdout}\n{done.stderr}")
