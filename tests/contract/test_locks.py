"""The lock files: complete, verifiable, and in step with pyproject.toml."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
RUNTIME, DEVELOPMENT = "requirements.lock", "requirements-dev.lock"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
WANTED = [
    *PROJECT["project"]["dependencies"],
    *(wanted for extra in PROJECT["project"]["optional-dependencies"].values() for wanted in extra),
    *PROJECT["dependency-groups"]["build"],
]


def locked(name: str) -> list[str]:
    """Each requirement of a lock file, with its hashes, on one line."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / name).read_text(), flags=re.MULTILINE)
    return text.replace("\\\n", " ").splitlines()


def versions(name: str) -> dict[str, set[str]]:
    """Package -> pinned versions: more than one where Pythons or systems differ."""
    pinned: dict[str, set[str]] = {}
    for line in locked(name):
        requirement = Requirement(line.partition("--hash")[0].strip())
        (specifier,) = requirement.specifier
        assert specifier.operator == "=="
        pinned.setdefault(canonicalize_name(requirement.name), set()).add(specifier.version)
    return pinned


@pytest.mark.parametrize("name", [RUNTIME, DEVELOPMENT])
def test_every_line_is_a_pinned_package_with_its_hashes(name):
    lines = locked(name)
    assert len(lines) > 20
    assert [line for line in lines if not re.match(r"[\w.-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line)] == []


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        (RUNTIME, WANTED),
        (DEVELOPMENT, WANTED + PROJECT["dependency-groups"]["dev"]),
    ],
    ids=[RUNTIME, DEVELOPMENT],
)
def test_the_lock_satisfies_the_project(name, wanted):
    pinned = versions(name)
    for requirement in map(Requirement, wanted):
        found = pinned.get(canonicalize_name(requirement.name))
        assert found, f"{requirement} is not in {name}: run make lock"
        assert all(map(requirement.specifier.contains, found)), (
            f"{name} has {found} for {requirement}: run make lock"
        )


def test_development_adds_to_the_runtime_and_changes_nothing_in_it():
    development = versions(DEVELOPMENT)
    assert {package: development.get(package) for package in versions(RUNTIME)} == versions(RUNTIME)
