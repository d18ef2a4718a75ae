"""The wheel holds everything: installed elsewhere, it runs the demo."""

import os
import re
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from tests.support.commands import fetch, serving

ROOT = Path(__file__).parents[2]


@pytest.fixture
def interlocal(tmp_path: Path) -> Path:
    """The command of a wheel of this tree, in an environment of its own that borrows our dependencies."""
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    environment = tmp_path / "environment"
    venv.create(environment, symlinks=True)
    ours = sysconfig.get_path("purelib")
    (theirs,) = environment.glob("lib/python*/site-packages")
    # Last on its path, and without our editable install: that lives in a .pth file, which is only read at home.
    (theirs / "borrowed.pth").write_text(ours + "\n")
    python = environment / "bin" / "python"
    install = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(python),
        "install",
        "--no-index",
        "--no-deps",
        str(wheel),
    ]
    subprocess.run(install, check=True)
    where = [str(python), "-c", "import forum; print(forum.__file__)"]
    assert subprocess.check_output(where, cwd=tmp_path, text=True).startswith(str(theirs))
    return environment / "bin" / "interlocal"


def test_a_wheel_installed_elsewhere_runs_the_demo(interlocal: Path, tmp_path: Path):
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "INTERLOCAL_DATA": str(tmp_path / "data")}
    prepared = subprocess.run(
        [interlocal, "demo", "--no-serve"], cwd=tmp_path, env=environ, check=True, stdout=subprocess.PIPE
    )
    assert b"member@example.com" in prepared.stdout

    with serving([interlocal, "demo"], tmp_path, environ) as site:
        home, _response = fetch(site)
        cases, _response = fetch(f"{site}/cases/")
        case = re.search(r'<h\d class="feed__title"><a href="(/cases/[a-z0-9-]+)"', cases)
        assert case, "the list of cases leads to none"
        assert "<h1" in fetch(site + case[1])[0]
        stylesheet = re.search(r'href="(/static/[^"]+\.css)"', home)
        assert stylesheet, "the home page has no stylesheet"
        assert "@layer" in fetch(site + stylesheet[1])[0]
