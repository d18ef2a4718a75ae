"""The versions of a post, and what differs between two of them, field by field and word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from sqlalchemy import select

from forum.accounts.models import Person
from forum.core.db import db
from forum.core.errors import NotFound
from forum.core.i18n import gettext as _
from forum.posts.models import Post, Revision
from forum.posts.queries.targets import targets_of

# What names a row of a record, the first that it has.
NAMES = ("id", "ref", "title", "name", "label", "task", "url")
# Longer texts are compared by their lines alone: matching words takes time by the square of their number.
MOST_WORDS = 3000
# kind -> field -> what a form calls it. Filled by each kind; another field is called by its key.
FIELD_LABELS: dict[str, Mapping[str, str]] = {}


class Bit(NamedTuple):
    """Some words; `how` is "same", "gone" or "new"."""

    text: str
    how: str


@dataclass(frozen=True)
class Version:
    """One saved version."""

    number: int
    editor: str
    editor_path: str
    created_at: datetime


@dataclass(frozen=True)
class Difference:
    """A field, or a row of one, that is not the same in both. `how`: "changed", "gone", "new" or "moved"."""

    label: str
    how: str
    bits: Sequence[Bit]


@dataclass(frozen=True)
class Comparison:
    """Two versions of a post, and the list of all. None to compare where there is only one."""

    post: Post
    versions: Sequence[Version]
    old: Version | None
    new: Version | None
    differences: Sequence[Difference]


class _Part(NamedTuple):
    """A field in words. `key` says which it is, so that it is found again in another version."""

    key: tuple[str, str, int]
    label: str
    text: str


def compare_versions(actor: Person | None, post: Post, old: int | None, new: int | None) -> Comparison:
    """The last change, or what lies between two versions. Raises NotFound for one that is not there."""
    versions = [
        Version(row.version, row.name, f"/people/{row.slug}", row.created_at)
        for row in db.session.execute(
            select(Revision.version, Revision.created_at, Person.name, Person.slug)
            .join(Person, Person.id == Revision.editor_id)
            .where(Revision.post_id == post.id)
            .order_by(Revision.version.desc())
        )
    ]
    by_number = {version.number: version for version in versions}
    new = new or versions[0].number
    old = old if old is not None else new - 1
    if new not in by_number or (old not in by_number and old != 0):
        raise NotFound
    if old == 0:
        return Comparison(post, versions, None, by_number[new], ())
    records = {
        row.version: row.record
        for row in db.session.execute(
            select(Revision.version, Revision.record).where(
                Revision.post_id == post.id, Revision.version.in_((old, new))
            )
        )
    }
    found = differences(post.kind, *with_titles(actor, records[old], records[new]))
    return Comparison(post, versions, by_number[old], by_number[new], found)


def differences(kind: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Difference]:
    """What is not the same in two records of a kind, in the order of the newer one, then what is gone."""
    before, after = list(_parts(kind, old)), list(_parts(kind, new))
    old_keys, new_keys = [part.key for part in before], [part.key for part in after]
    were = {part.key: part for part in before}
    steady = {
        new_keys[at]
        for _old_at, start, size in SequenceMatcher(None, old_keys, new_keys, autojunk=False).get_matching_blocks()
        for at in range(start, start + size)
    }  # fmt: skip
    found = []
    for part in after:
        was = were.pop(part.key, None)
        if was is None:
            found.append(Difference(part.label, "new", [Bit(part.text, "new")]))
        elif was.text != part.text:
            found.append(Difference(part.label, "changed", marked(was.text, part.text)))
        elif part.key not in steady:
            found.append(Difference(part.label, "moved", [Bit(part.text, "same")]))
    return found + [Difference(part.label, "gone", [Bit(part.text, "gone")]) for part in were.values()]


def with_titles(actor: Person | None, *records: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Records of guides to be read by people: items are called by the title of what they point to, not by its ref."""
    refs = {item.get("ref") for record in records for item in record.get("items", [])} - {None, ""}
    if not refs:
        return list(records)
    targets = targets_of(actor, refs)
    return [
        {
            **record,
            "items": [
                item | {"ref": targets[item["ref"]].title} if item.get("ref") in targets else item
                for item in record.get("items", [])
            ],
        }
        for record in records
    ]


def what_differs(kind: str, typed: Mapping[str, Any], saved: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(label, saved text) of what was saved otherwise than it is typed here: for who edits at the same time."""
    return [
        (part.label, "".join(bit.text for bit in part.bits if bit.how != "gone"))
        for part in differences(kind, typed, saved)
        if part.how != "gone"
    ]


def marked(old: str, new: str) -> list[Bit]:
    """A text with what went and what came marked, word by word."""
    words = (re.findall(r"\S+\s*|\s+", old), re.findall(r"\S+\s*|\s+", new))
    if max(map(len, words)) > MOST_WORDS:
        words = (old.splitlines(keepends=True), new.splitlines(keepends=True))
    bits: list[Bit] = []
    for how, a, b, c, d in SequenceMatcher(None, *words, autojunk=False).get_opcodes():
        if how == "equal":
            bits.append(Bit("".join(words[1][c:d]), "same"))
            continue
        bits += [Bit(text, kind) for text, kind in (
            ("".join(words[0][a:b]), "gone"), ("".join(words[1][c:d]), "new"),
        ) if text]  # fmt: skip
    return bits


def _parts(kind: str, record: Mapping[str, Any]) -> Iterator[_Part]:
    """A record in words: a part for each field, and for each row of those that have rows."""
    seen: dict[tuple[str, str], int] = {}
    for field, value in record.items():
        label = _label(kind, field)
        rows = (
            value if isinstance(value, list) and any(isinstance(row, Mapping) for row in value) else [value]
        )
        for row in rows:
            text = _words(kind, row)
            if not text:
                continue
            name = (
                next((str(row[key]) for key in NAMES if row.get(key)), "") if isinstance(row, Mapping) else ""
            )
            seen[field, name] = number = seen.get((field, name), 0) + 1
            yield _Part((field, name, number), label, text)


def _words(kind: str, value: Any) -> str:
    """A value as text: a record as lines, a list of words in a row."""
    if isinstance(value, Mapping):
        lines = ((key, _words(kind, inner)) for key, inner in value.items())
        return "\n".join(
            text if key in NAMES else f"{_label(kind, key)}: {text}" for key, text in lines if text
        )
    if isinstance(value, list):
        texts = [_words(kind, inner) for inner in value]
        return ("\n" if any(" " in text for text in texts) else ", ").join(texts)
    if isinstance(value, bool):
        return _("yes") if value else ""
    return "" if value is None else str(value)


def _label(kind: str, field: str) -> str:
    known = FIELD_LABELS.get(kind, {}).get(field)
    return _(known) if known else field.replace("_", " ").capitalize()
