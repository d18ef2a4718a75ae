"""What a file may hold: a JSON list of cases, questions, resources or guides, each as a form would send it.

Everything is judged before anything is written, and every fault is told at once: file, record, field and reason.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forum.case_studies.forms import CaseShape
from forum.core.errors import Invalid, Problem
from forum.core.i18n import gettext as _
from forum.core.i18n import ngettext
from forum.core.shapes import Shape, load
from forum.guides.forms import GuideShape
from forum.links.addresses import normalize
from forum.questions.forms import QuestionShape
from forum.resources.forms import ResourceShape

# Bytes. Some five thousand cases; what is larger is more likely to be the wrong file.
LARGEST = 50 * 1024 * 1024
# In the order in which they are imported: guides point to the others.
SHAPES: Mapping[str, type[Shape]] = {
    "resource": ResourceShape,
    "case": CaseShape,
    "question": QuestionShape,
    "guide": GuideShape,
}
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_SLUG = 80


@dataclass(frozen=True, eq=False)
class Entry:
    """One record of a file, judged. `key`, its slug or a resource's address, is what finds its post again."""

    file: str
    number: int
    kind: str
    key: str
    record: dict[str, Any]

    @property
    def ref(self) -> str:
        """How other records refer to it: "case:slug"."""
        return f"{self.kind}:{self.key}"


@dataclass(frozen=True)
class Fault:
    """What is wrong with a file, or with a record of it (numbered from 1), or with one field of that."""

    file: str
    reason: str
    number: int = 0
    key: str = ""
    field: str = ""

    def __str__(self) -> str:
        where = [self.file]
        if self.number:
            where.append(f"record {self.number}" + (f" ({self.key})" if self.key else ""))
        if self.field:
            where.append(f"field {self.field}")
        return ": ".join([*where, self.reason])


class Faulty(Problem):
    """Files hold faults, so nothing of them was imported. `str` has one line for each fault."""

    status = 422

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = list(faults)
        n = len(faults)
        last = ngettext("%(n)d fault. Nothing was imported.", "%(n)d faults. Nothing was imported.", n) % {
            "n": n
        }
        super().__init__("\n".join([*map(str, faults), last]))


def read_files(paths: Sequence[Path]) -> tuple[list[Entry], list[Fault]]:
    """The records of all files that are sound, in the order of import, and what is wrong with the others."""
    entries: list[Entry] = []
    faults: list[Fault] = []
    first: dict[str, Entry] = {}
    for path in paths:
        try:
            records = _records(path)
            kind = _kind(records)
        except ValueError as error:
            faults.append(Fault(str(path), str(error)))
            continue
        schema = SHAPES[kind]()
        for number, record in enumerate(records, 1):
            try:
                entry = _entry(schema, str(path), number, kind, record)
            except Invalid as invalid:
                faults += faults_of(invalid, str(path), number, _name(record))
                continue
            earlier = first.setdefault(entry.ref, entry)
            if earlier is not entry:
                reason = _("This is record %(n)d of %(file)s already.") % {
                    "n": earlier.number,
                    "file": earlier.file,
                }
                faults.append(Fault(str(path), reason, number, entry.key))
                continue
            entries.append(entry)
    order = list(SHAPES)
    entries.sort(key=lambda entry: order.index(entry.kind))
    return entries, faults


def faults_of(invalid: Invalid, file: str, number: int, key: str) -> Iterator[Fault]:
    """What a schema or an action found wrong with one record."""
    for field, reason in invalid.faults.items():
        yield Fault(file, reason, number, key, field)


def _records(path: Path) -> list[Mapping[str, Any]]:
    """The list of records in a file. Raises ValueError with a sentence."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise ValueError(_("The file cannot be read: %(why)s.") % {"why": error.strerror}) from None
    if len(data) > LARGEST:
        raise ValueError(_("The file is larger than %(n)d MB.") % {"n": LARGEST // 1024**2})
    try:
        records = json.loads(
            data.decode("utf-8-sig"), parse_constant=_no_constant, object_pairs_hook=_each_name_once
        )
    except UnicodeDecodeError as error:
        raise ValueError(_("The file is not UTF-8 text: byte %(n)d is not.") % {"n": error.start}) from None
    except json.JSONDecodeError as error:
        where = {"line": error.lineno, "column": error.colno, "why": error.msg}
        raise ValueError(_("This is not JSON: line %(line)d, column %(column)d: %(why)s.") % where) from None
    except RecursionError:
        raise ValueError(_("The file is nested too deeply.")) from None
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise ValueError(_("The file does not hold a list of records: [{...}, {...}]."))
    if not records:
        raise ValueError(_("The list is empty."))
    return records


def _no_constant(name: str) -> None:
    raise ValueError(_("%(name)s is not a number that JSON has.") % {"name": name})


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A record. Python would quietly keep the last of two values of one name."""
    record = dict(pairs)
    if len(record) < len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(_("A record has two values for “%(name)s”.") % {"name": twice[:60]})
    return record


def _kind(records: Sequence[Mapping[str, Any]]) -> str:
    """The kind whose own fields, which no other kind has, appear in these records. Raises ValueError."""
    names = {name for record in records for name in record}
    fields = {kind: set(shape().fields) for kind, shape in SHAPES.items()}
    own = {
        kind: len(names & mine.difference(*(fields[other] for other in fields if other != kind)))
        for kind, mine in fields.items()
    }
    best, second = sorted(own, key=lambda kind: -own[kind])[:2]
    if own[best] == own[second]:
        raise ValueError(_("These records are neither cases nor questions, resources or guides."))
    return best


def _name(record: Mapping[str, Any]) -> str:
    """What to call a record that may be faulty."""
    return str(record.get("slug") or record.get("url") or "")[:100]


def _entry(schema: Shape, file: str, number: int, kind: str, record: Mapping[str, Any]) -> Entry:
    """Judge one record. Raises Invalid."""
    if kind == "resource":
        judged = load(schema, record)
        try:
            return Entry(file, number, kind, normalize(judged["url"]), judged)
        except ValueError:
            raise Invalid({"url": _("Enter a web address, such as https://example.org/page.")}) from None
    faults = {}
    slug = record.get("slug")
    if not isinstance(slug, str) or not SLUG.fullmatch(slug) or len(slug) > LONGEST_SLUG:
        faults["slug"] = _("Give it a name for its address, such as three-towns-one-inspector.")
    try:
        judged = load(schema, {name: value for name, value in record.items() if name != "slug"})
    except Invalid as invalid:
        raise Invalid(faults | invalid.faults) from None
    if faults:
        raise Invalid(faults)
    return Entry(file, number, kind, str(slug), judged)
