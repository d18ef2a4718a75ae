"""Reading people and organisations."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.attributes import set_committed_value

from forum.accounts.models import MailedToken, Organisation, Person
from forum.core import clock
from forum.core.db import db, table_of
from forum.core.errors import NotFound
from forum.core.rows import Prepared, loaded
from forum.core.text import compare_key


@dataclass(frozen=True)
class PersonRef:
    """What a byline needs. `line`: "Town manager, Town of Alder"."""

    id: int
    name: str
    slug: str
    job_title: str
    organisation: str

    @property
    def path(self) -> str:
        """The address of their page; "" where it is kept back."""
        return f"/people/{self.slug}" if self.slug else ""

    @property
    def line(self) -> str:
        """Job title and organisation, as far as they are known."""
        return ", ".join(part for part in (self.job_title, self.organisation) if part)

    @property
    def initials(self) -> str:
        """For the avatar."""
        words = self.name.split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()

    def discreet(self) -> PersonRef:
        """The same person without what tells where they work: their organisation, and their page, which names it."""
        return replace(self, organisation="", slug="")


# The columns of a PersonRef; join Organisation outer on Person.organisation_id.
PERSON_COLUMNS = (
    Person.id.label("person_id"),
    Person.name.label("person_name"),
    Person.slug.label("person_slug"),
    Person.job_title.label("person_job"),
    func.coalesce(Organisation.name, "").label("person_organisation"),
)


def person_ref(row: object) -> PersonRef:
    """The PersonRef in a row that has PERSON_COLUMNS."""
    return PersonRef(
        row.person_id,  # type: ignore[attr-defined]
        row.person_name,  # type: ignore[attr-defined]
        row.person_slug,  # type: ignore[attr-defined]
        row.person_job,  # type: ignore[attr-defined]
        row.person_organisation,  # type: ignore[attr-defined]
    )


def ref_of(person: Person) -> PersonRef:
    """The byline of somebody who is loaded with their organisation."""
    body = person.organisation
    return PersonRef(person.id, person.name, person.slug, person.job_title, body.name if body else "")


@Prepared
def _by_session() -> Select[Any]:
    """What every request asks of everybody who is signed in."""
    person, organisation = table_of(Person), table_of(Organisation)
    both = person.outerjoin(organisation, organisation.c.id == person.c.organisation_id)
    return (
        select(*person.c, *organisation.c)
        .select_from(both)
        .where(person.c.session_token == bindparam("token"))
    )


def by_session(token: str) -> Person | None:
    """Who holds this session, with their organisation; None when it has ended. One statement."""
    for row in _by_session(token=token):
        person = loaded(Person, row)
        if person.organisation_id:
            organisation = loaded(Organisation, row[len(table_of(Person).c) :])
            set_committed_value(person, "organisation", organisation)
        return person
    return None


def by_email(email: str) -> Person | None:
    """The account with this address, however it was typed."""
    return db.session.execute(
        select(Person).where(Person.email == email.strip().lower())
    ).scalar_one_or_none()


def token_hash(token: str) -> str:
    """What is kept of a token. It is random, so a plain hash is as good as a slow one."""
    return hashlib.sha256(token.encode()).hexdigest()


def mailed_token(token: str, purpose: str) -> MailedToken | None:
    """What a link in a mail stands for, with its person; None when it has been used, or has ended."""
    found = db.session.execute(
        select(MailedToken)
        .options(joinedload(MailedToken.person))
        .where(
            MailedToken.hash == token_hash(token),
            MailedToken.purpose == purpose,
            MailedToken.ends_at > clock.now(),
        )
    ).scalar_one_or_none()
    return found if found and found.person.is_active else None


def person(slug: str) -> Person:
    """One person, with their organisation. Raises NotFound."""
    found = db.session.execute(
        select(Person).options(joinedload(Person.organisation)).where(Person.slug == slug)
    ).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def people_called(text: str) -> list[Person]:
    """Members whose name or slug this is, or the address of whose page; at most two. One statement."""
    typed = text.strip()
    slug = typed.partition("/people/")[2].strip("/") or typed
    named = (Person.slug == slug) | (func.lower(Person.name) == typed.lower())
    return list(db.session.scalars(select(Person).where(named, Person.suspended_at.is_(None)).limit(2)))


def organisation(slug: str) -> Organisation:
    """One organisation. Raises NotFound."""
    found = db.session.execute(select(Organisation).where(Organisation.slug == slug)).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def organisation_by_id(organisation_id: int) -> Organisation | None:
    """One organisation. A statement."""
    return db.session.get(Organisation, organisation_id)


def suggest_organisations(text: str, limit: int = 8) -> list[Organisation]:
    """Organisations with a word in their name that starts with `text`, best first. One statement."""
    wanted = compare_key(text[:100])
    if not wanted:
        return []
    literal = wanted.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    starts = Organisation.key.like(f"{literal}%", escape="\\")
    rows = db.session.scalars(
        select(Organisation)
        .where(starts | Organisation.key.like(f"% {literal}%", escape="\\"))
        .order_by(starts.desc(), Organisation.population.desc().nulls_last(), Organisation.key)
        .limit(limit)
    )
    return list(rows)
