"""Rules about the files themselves, which no review has to remember."""

import hashlib
import json
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Past this a module becomes a package of the same name.
MOST_LINES = 400
# The one place that turns a string into markup; templates reach it as the filter `safe_html`.
MARKUP_DOOR = "forum/web/render.py"


def tracked(*patterns: str) -> list[Path]:
    """The files that are in the repository, or will be with the next commit."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def offences(pattern: str, *where: str, flags: re.RegexFlag = re.NOFLAG) -> list[str]:
    """`file:line: text` for each match in the text files of these places."""
    found = []
    for path in tracked(*where):
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for match in re.finditer(pattern, text, flags):
            line = text.count("\n", 0, match.start()) + 1
            found.append(f"{path.relative_to(ROOT)}:{line}: {match[0].strip()}")
    return found


def test_no_module_grows_past_its_limit():
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in tracked("forum/*.py")
    }
    assert lengths, "git lists no file of the package"
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES} == {}


def test_only_one_place_makes_markup_of_a_string():
    found = [
        offence
        for offence in offences(r"\bMarkup\(", "forum/*.py")
        if not offence.startswith(MARKUP_DOOR + ":")
    ]
    assert found == []


def test_templates_never_switch_escaping_off():
    assert offences(r"\|\s*safe\b|autoescape", "templates") == []


def test_only_what_the_renderer_made_enters_a_page_unescaped():
    # What holds rendered HTML is called so: `html`, or `body_html` and the like.
    assert offences(r"\{\{(?:(?!(?:\b|_)html\s*\|)[^}])*\|\s*safe_html", "templates") == []


@pytest.mark.parametrize(
    "pattern",
    [
        r"<[^>{]*\sstyle\s*=",
        r"<style\b",
        r"<[a-z][^>]*\son[a-z]+\s*=",
        r"<script\b(?![^>]*\bsrc=)(?![^>]*type=[\"']application/(?:ld\+)?json)",
        r"javascript:",
    ],
    ids=["style attribute", "style element", "event handler", "script without src", "javascript: address"],
)
def test_templates_hold_nothing_that_the_content_security_policy_blocks(pattern):
    # A mail is no page: the programs that read it know no stylesheets, only styles in the mail itself.
    pages = ("templates", ":(exclude)templates/*/mail.html", ":(exclude)templates/emails/layout.html")
    assert offences(pattern, *pages, flags=re.IGNORECASE) == []


def test_files_of_others_are_the_ones_in_the_list_with_their_licences():
    static = ROOT / "static"
    entries = json.loads((static / "vendor" / "VENDOR.json").read_text())
    listed = {entry["file"]: entry["sha256"] for entry in entries}
    licences = {entry["licence_file"] for entry in entries}
    assert [name for name in sorted(licences) if not (static / name).is_file()] == []
    assert {name: hashlib.sha256((static / name).read_bytes()).hexdigest() for name in listed} == listed
    theirs = {path.relative_to(static).as_posix() for path in tracked("static/vendor", "static/fonts")}
    assert theirs - set(listed) - licences == {"vendor/VENDOR.json"}


def test_nothing_names_one_persons_machine():
    assert offences(r"(?<![\w.\-/~%}])/(?:work|root|home|Users)/\w[\w./-]*") == []


def test_nothing_names_where_packages_come_from():
    # Everybody has their own index; a lock or a setting that names one works only for some.
    hosts = r"\b(?:pypi|pythonhosted|npmjs|crates)\.(?:org|com|io|dev)\b|[\w.]+\.debian\.org"
    assert offences(rf"{hosts}|--(?:extra-)?index-url|--find-links|--trusted-host", "*.lock", "*.toml") == []
    assert offences(hosts) == []
