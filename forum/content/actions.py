"""Bringing in what files hold, by the same actions that people's posts go through; and what ships with us."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from forum.accounts import queries as accounts
from forum.accounts.actions import check_password, join, set_password
from forum.accounts.models import Person
from forum.case_studies.actions import completed, edit_case, share_case
from forum.case_studies.models import CaseStudy
from forum.content import forms
from forum.content.forms import Entry, Fault, Faulty
from forum.core import clock
from forum.core.db import db, write
from forum.core.errors import Forbidden, Invalid
from forum.core.i18n import gettext as _
from forum.core.roles import Role
from forum.core.shapes import load
from forum.digests import actions as digests
from forum.digests.forms import IssueShape
from forum.digests.queries.cards import cards
from forum.digests.queries.picks import last_published
from forum.guides.actions import edit_guide, write_guide
from forum.guides.models import Guide
from forum.places.actions import load_gazetteer
from forum.posts.actions import plain
from forum.posts.models import Post, Revision
from forum.posts.queries.targets import ids_of_refs
from forum.questions.actions import ask_question, edit_question
from forum.questions.models import Question
from forum.resources.actions import add_resource, edit_resource
from forum.resources.models import Resource
from forum.search.actions.curate import load_synonyms
from forum.topics.actions import load_services

STARTER = Path(__file__).with_name("starter")
# How many posts are looked up by one statement.
CHUNK = 500
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Report:
    """How many records were new, changed or unchanged; `kept`: left alone, because somebody edited them here."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    kept: int = 0

    def __str__(self) -> str:
        text = _("%(new)d new, %(changed)d changed, %(unchanged)d unchanged") % vars(self)
        return text + (_(", %(kept)d left as edited here") % vars(self) if self.kept else "")


@dataclass(frozen=True)
class Kind:
    """How one kind of post is made and changed. `whole` gives a record as a new post of the kind stores it."""

    model: type[Post]
    create: Callable[[Person, Mapping[str, Any], str], Post]
    edit: Callable[[Person, Any, Mapping[str, Any], int | None], object]
    whole: Callable[[Person, Mapping[str, Any]], Mapping[str, Any]] = lambda _actor, record: record


KINDS = {
    "resource": Kind(Resource, lambda actor, record, _url: add_resource(actor, record), edit_resource),
    "case": Kind(
        CaseStudy,
        lambda actor, record, slug: share_case(actor, record, slug=slug),
        edit_case,
        whole=completed,
    ),
    "question": Kind(
        Question, lambda actor, record, slug: ask_question(actor, record, slug=slug), edit_question
    ),
    "guide": Kind(
        Guide,
        lambda actor, record, slug: write_guide(actor, record, slug=slug, publish=True, reviewer=editors()),
        edit_guide,
    ),
}


@dataclass(frozen=True)
class Standing:
    """The newest version of a post that is here already."""

    post_id: int
    record: Mapping[str, Any]
    editor_id: int


def import_files(
    paths: Sequence[Path], actor: Person, *, overwrite: bool = False, progress: Progress | None = None
) -> Report:
    """Make the posts of these files what the files say, in one transaction; the same again changes nothing.

    A post whose newest version another person than `actor` saved is left alone unless `overwrite`. `progress` is
    told (done, total). Raises Faulty with all faults of all records; nothing is then imported.
    """
    entries, faults = forms.read_files(paths)
    with write():
        standing = _standing(entries)
        faults += _one_post_twice(entries, standing)
        outcomes = {entry: _compare(entry, standing.get(entry.ref), actor, overwrite) for entry in entries}
        moments = _moments([entry for entry in entries if outcomes[entry] == "new"])
        for done, entry in enumerate(entries, 1):
            # Guides point to the others: while some of those are missing, their faults are not their own.
            if outcomes[entry] in ("new", "changed") and not (entry.kind == "guide" and faults):
                faults += _save(entry, standing.get(entry.ref), actor, moments)
            if progress:
                progress(done, len(entries))
        if faults:
            raise Faulty(sorted(faults, key=lambda fault: (fault.file, fault.number)))
    return Report(**Counter(outcomes.values()))


def _standing(entries: Sequence[Entry]) -> dict[str, Standing]:
    """ref -> what is here already."""
    found: dict[str, Standing] = {}
    for start in range(0, len(entries), CHUNK):
        ids = ids_of_refs(entry.ref for entry in entries[start : start + CHUNK])
        newest = db.session.execute(
            select(Post.id, Revision.record, Revision.editor_id)
            .join(Revision, (Revision.post_id == Post.id) & (Revision.version == Post.version))
            .where(Post.id.in_(ids.values()))
        )
        versions = {row.id: Standing(row.id, row.record, row.editor_id) for row in newest}
        found |= {ref: versions[post_id] for ref, post_id in ids.items()}
    return found


def _one_post_twice(entries: Sequence[Entry], standing: Mapping[str, Standing]) -> Iterator[Fault]:
    """Records that mean the same post: by the slug that it has, and by one that it had."""
    seen: dict[int, Entry] = {}
    for entry in entries:
        if entry.ref not in standing:
            continue
        first = seen.setdefault(standing[entry.ref].post_id, entry)
        if first is not entry:
            reason = _("This is the same post as “%(key)s”, which was renamed.") % {"key": first.key}
            yield Fault(entry.file, reason, entry.number, entry.key)


def _compare(entry: Entry, standing: Standing | None, actor: Person, overwrite: bool) -> str:
    """What importing this record comes to: "new", "changed", "unchanged" or "kept"."""
    if standing is None:
        return "new"
    wanted = plain(KINDS[entry.kind].whole(actor, entry.record))
    if wanted == standing.record:
        return "unchanged"
    if standing.editor_id == actor.id or overwrite:
        return "changed"
    imported = db.session.scalars(
        select(Revision.record)
        .where(Revision.post_id == standing.post_id, Revision.editor_id == actor.id)
        .order_by(Revision.version.desc())
        .limit(1)
    ).first()
    return "unchanged" if wanted == imported else "kept"


def _moments(entries: Sequence[Entry]) -> dict[str, datetime]:
    """ref -> when a new post counts as made: a second apart, so that lists show them in the order of their files,
    and a list of all kinds one kind beside the other."""
    sizes = Counter(entry.kind for entry in entries)
    places = Counter[str]()
    position = {}
    for entry in entries:
        position[entry.ref] = places[entry.kind] / sizes[entry.kind]
        places[entry.kind] += 1
    order = sorted(position, key=lambda ref: position[ref])
    now = clock.now()
    return {ref: now - timedelta(seconds=age) for age, ref in enumerate(order)}


def _save(
    entry: Entry, standing: Standing | None, actor: Person, moments: Mapping[str, datetime]
) -> list[Fault]:
    """Make or change the post of one record; what its room finds wrong with it."""
    kind = KINDS[entry.kind]
    record = kind.whole(actor, entry.record)
    try:
        # A fault takes back what this record did and no more: the next ones are to be judged as well.
        with db.session.begin_nested():
            if standing:
                kind.edit(actor, db.session.get_one(kind.model, standing.post_id), record, None)
            else:
                post = kind.create(actor, record, entry.key)
                post.created_at = post.last_activity_at = moments[entry.ref]
    except Invalid as invalid:
        return list(forms.faults_of(invalid, entry.file, entry.number, entry.key))
    except Forbidden as forbidden:
        return [Fault(entry.file, str(forbidden), entry.number, entry.key)]
    return []


def load_foundations(progress: Progress | None = None) -> None:
    """The services and places that everything else refers to; quick when they are there already."""
    load_services(json.loads((STARTER / "domains.json").read_bytes()))
    load_synonyms(json.loads((STARTER / "synonyms.json").read_bytes()))
    load_gazetteer(progress)


def import_starter(progress: Progress | None = None) -> Report:
    """Bring in the content that ships. What was edited here since stays as it was edited."""
    load_foundations()
    names = ("resources", "cases", "questions", "guides")
    return import_files([STARTER / f"{name}.json" for name in names], librarian(), progress=progress)


def librarian() -> Person:
    """The account in whose name the starter content stands. Nobody signs in as it: its password is thrown away."""
    return _house_account("Interlocal library", "library@interlocal.example", "Starter collection")


def editors() -> Person:
    """The account that reviewed the guides that ship."""
    return _house_account("Interlocal editors", "editors@interlocal.example", "Guide reviews")


def _house_account(name: str, email: str, job_title: str) -> Person:
    return accounts.by_email(email) or join(
        name, email, secrets.token_urlsafe(32), job_title=job_title, role=Role.CURATOR, confirmed=True
    )


def publish_first_issue() -> None:
    """The first issue of the digest, about what ships: for the demo, where nobody else has written one."""
    if last_published():
        return
    record = json.loads((STARTER / "digest.json").read_bytes())
    ids = ids_of_refs(item["ref"] for item in record["items"])
    for item in record["items"]:
        item["ref"] = f"post:{ids.get(item['ref'])}"
    readable = cards(item["ref"] for item in record["items"])
    record["items"] = [item for item in record["items"] if item["ref"] in readable]
    with write():
        issue = digests.start_issue(librarian())
        digests.save_issue(librarian(), issue, load(IssueShape(), record))
        digests.send_for_review(librarian(), issue)
        digests.approve_issue(editors(), issue)


@dataclass(frozen=True)
class DemoPerson:
    """An account to try the site with. The people are made up; where they work, the starter content knows."""

    email: str
    name: str
    job_title: str
    organisation: str
    role: Role


DEMO_PEOPLE = (
    DemoPerson("member@example.com", "Maya Alvarez", "Deputy city manager", "City of Oneonta", Role.MEMBER),
    DemoPerson(
        "curator@example.com",
        "Jonas Weber",
        "Local government fellow",
        "Center for Governmental Research",
        Role.CURATOR,
    ),
    DemoPerson(
        "moderator@example.com",
        "Aisha Khan",
        "Municipal services planner",
        "Metropolitan Area Planning Council",
        Role.MODERATOR,
    ),
    DemoPerson(
        "admin@example.com",
        "Ruth Tanaka",
        "Finance director",
        "City of Bellevue",
        Role.ADMIN,
    ),
)


def make_demo_accounts(password: str) -> None:
    """The accounts of the demo, which all have this password, whatever they had. Raises Invalid for a poor one."""
    for person in DEMO_PEOPLE:
        account = accounts.by_email(person.email)
        if account is None:
            join(
                person.name,
                person.email,
                password,
                job_title=person.job_title,
                organisation=person.organisation,
                role=person.role,
                demo=True,
            )
        elif account.demo and check_password(person.email, password) is None:
            set_password(account, password)
