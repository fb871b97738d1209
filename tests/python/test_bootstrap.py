"""A machine that has everything is left alone."""

import os
import subprocess
import time

import pytest

from runner import ROOT

BOOTSTRAP = ROOT / "runner" / "bootstrap.sh"


@pytest.mark.skipif(not (ROOT / ".venv/.stamp-test").exists(), reason="this checkout runs in another venv")
@pytest.mark.parametrize("extra", ["run", "test", "client"])
def test_a_second_run_installs_nothing(tmp_path, extra):
    for tool in ("apt-get", "apt-cache", "sudo", "pip"):
        (tmp_path / tool).write_text("#!/bin/sh\necho called $0 >&2\nexit 99\n")
        (tmp_path / tool).chmod(0o755)
    start = time.monotonic()
    done = subprocess.run(
        [BOOTSTRAP, extra], env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        stdin=subprocess.DEVNULL, capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert time.monotonic() - start < 5


def test_make_lists_its_targets():
    done = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True)
    for target in ("demo", "test", "deploy", "bench", "check", "docs", "psql", "down", "clean"):
        assert f"  make {target} " in done.stdout
