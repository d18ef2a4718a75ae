"""Files to import, cut from the real content that ships."""

import json
from pathlib import Path
from typing import Any

from forum.content.actions import STARTER, Report, import_files, librarian
from forum.topics.actions import load_services


def starter(name: str) -> list[dict[str, Any]]:
    """The records of one of the files that ship: "cases", "questions", "resources", "guides" or "domains"."""
    return json.loads((STARTER / f"{name}.json").read_text())


def load_starter_services() -> None:
    """What posts may be about. The places, of which there are many, are not needed for an import."""
    load_services(starter("domains"))


def a_guide(*refs: str) -> dict[str, Any]:
    """A guide in which these posts, at least three, stand in this order."""
    return starter("guides")[0] | {
        "items": [{"ref": ref, "note": f"What {ref} is good for."} for ref in refs],
        "start_here": [refs[0]],
    }


def write_file(folder: Path, records: Any, name: str = "records.json") -> Path:
    """A file that holds these records."""
    path = folder / name
    path.write_text(json.dumps(records))
    return path


def import_a_little(folder: Path) -> Report:
    """Import two cases, a question, a resource and a guide to three of them."""
    load_starter_services()
    cases, question, resource = starter("cases")[:2], starter("questions")[0], starter("resources")[0]
    refs = [f"case:{case['slug']}" for case in cases] + [f"question:{question['slug']}"]
    files = {"cases": cases, "questions": [question], "resources": [resource], "guides": [a_guide(*refs)]}
    paths = [write_file(folder, records, f"{name}.json") for name, records in files.items()]
    return import_files(paths, librarian())
