"""Making and changing accounts and organisations."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import argon2
from email_validator import EmailNotValidError, validate_email
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from forum.accounts import queries
from forum.accounts.events import OrganisationChanged, PersonChanged, PersonJoined
from forum.accounts.models import PURPOSES, MailedToken, Organisation, Person
from forum.core import clock
from forum.core.db import db, write
from forum.core.errors import Invalid, NotFound
from forum.core.events import publish
from forum.core.i18n import gettext as _
from forum.core.jobs import enqueue
from forum.core.roles import Role
from forum.core.text import compare_key, first_free, slugify
from forum.places.queries import match, region_name

SHORTEST_PASSWORD = 10
# OWASP's second profile: 19 MiB and two passes. The library's default takes five times as long, and 64 MiB
# for each of eight threads is more than a small machine has.
_hasher = argon2.PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# Checked when there is no account, so that the answer takes as long as for a wrong password.
_NOBODY = _hasher.hash(secrets.token_urlsafe(16))


def hash_password(password: str) -> str:
    """The Argon2id hash to store. Takes some 50 ms: call it before `write()`."""
    return _hasher.hash(password)


def password_fault(password: str, *about: str) -> str:
    """What is wrong with a new password, or "". `about`: the name and address that it should not be."""
    if len(password) < SHORTEST_PASSWORD:
        return _("Use at least %(n)d characters; a few words in a row do well.") % {"n": SHORTEST_PASSWORD}
    key = compare_key(password).replace(" ", "")
    if (
        len(set(key or password)) < 4
        or key in "01234567890123456789 qwertyuiopasdfghjklzxcvbnm passwordpassword"
    ):
        return _("That is one of the first passwords anybody would try. Use a few words in a row.")
    if any(key and key == compare_key(text).replace(" ", "") for text in about):
        return _("Use something other than your name or address.")
    return ""


def normal_email(email: str) -> str:
    """The address as it is stored. Raises Invalid."""
    try:
        # Others in front of the @ than ASCII: few servers take such mail.
        checked = validate_email(email, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        raise Invalid({"email": _("Enter an e-mail address, such as name@example.org.")}) from None
    return checked.normalized.lower()


def _free_slug(table: type[Person] | type[Organisation], name: str) -> str:
    """A slug that nobody of this table has: the name's, or with a number behind it."""

    def taken(slugs: Sequence[str]) -> set[str]:
        # /organisations/suggest answers who types
        return set(db.session.scalars(select(table.slug).where(table.slug.in_(slugs)))) | {"suggest"}

    return first_free(slugify(name, 70), taken)


def join(
    name: str,
    email: str,
    password: str,
    *,
    job_title: str = "",
    organisation: str = "",
    role: Role = Role.MEMBER,
    demo: bool = False,
    confirmed: bool = False,
) -> Person:
    """Make an account. Raises Invalid for an address in use or a password that is too easy.

    Unless somebody vouches for the address (`confirmed`), a mail asks whether it is theirs.
    """
    email = normal_email(email)
    if fault := password_fault(password, name, email, email.partition("@")[0]):
        raise Invalid({"password": fault})
    password_hash = hash_password(password)
    taken = Invalid({"email": _("There is an account with this address. Sign in instead.")})
    vouched = confirmed or demo
    with write() as session:
        if queries.by_email(email):
            raise taken
        person = Person(
            name=name,
            email=email,
            slug=_free_slug(Person, name),
            password_hash=password_hash,
            job_title=job_title,
            role=role.value,
            demo=demo,
            email_confirmed_at=clock.now() if vouched else None,
        )
        if organisation:
            person.organisation = find_or_make_organisation(organisation, "other")
        session.add(person)
        try:
            session.flush()
        except IntegrityError:  # PostgreSQL: the same form was sent twice at once
            raise taken from None
        if not vouched:
            ask_to_confirm(person)
        publish(PersonJoined(person.id))
    return person


def check_password(email: str, password: str) -> Person | None:
    """Who signs in with this address and password; None without saying what was wrong. Takes the same time."""
    person = queries.by_email(email)
    stored = person.password_hash if person else _NOBODY
    try:
        _hasher.verify(stored, password)
    except argon2.exceptions.VerificationError:
        return None
    if person is None:
        return None
    if _hasher.check_needs_rehash(stored):
        renewed = hash_password(password)
        with write():
            person.password_hash = renewed
    return person


def change_password(person: Person, current: str, new: str) -> None:
    """Change one's own password; ends all sessions of the account. Raises Invalid."""
    if check_password(person.email, current) is None:
        raise Invalid({"current_password": _("This is not the password of your account.")})
    if fault := password_fault(new, person.name, person.email):
        raise Invalid({"new_password": fault})
    set_password(person, new)


def set_password(person: Person, new: str) -> None:
    """Give an account a new password, as an administrator of the machine does; ends all its sessions."""
    password_hash = hash_password(new)
    with write():
        _put_password(person, password_hash)


def _put_password(person: Person, password_hash: str) -> None:
    person.password_hash = password_hash
    end_sessions(person)
    forget_tokens(person)
    if not person.demo:
        enqueue("password_changed", {"email": person.email, "key": _mail_key("password")})


def end_sessions(person: Person) -> None:
    """Sign this person out everywhere. Joins the write that is going on."""
    with write():
        person.session_token = secrets.token_urlsafe(32)


# --- What links in mails prove


def _mail_key(what: str) -> str:
    return f"{what}:{secrets.token_hex(12)}"


def ask_to_confirm(person: Person, email: str = "") -> None:
    """Mail a link to this address, or else to theirs; who follows it shows that it reaches this person."""
    with write():
        key = _mail_key("address")
        enqueue("confirm_address", {"email": email or person.email, "person": person.id, "key": key})


def ask_to_reset(email: str) -> None:
    """Mail a link for a new password, if there is an account. Whether there is, the worker finds out."""
    with write():
        enqueue("reset_password", {"email": email, "key": _mail_key("reset")})


def ask_for_address(person: Person, password: str, email: str) -> None:
    """Begin to change one's address: a link goes to the new one. Raises Invalid."""
    email = normal_email(email)
    if check_password(person.email, password) is None:
        raise Invalid({"current_password": _("This is not the password of your account.")})
    if email == person.email and person.email_confirmed_at:
        raise Invalid({"email": _("This is your address already.")})
    if email != person.email and queries.by_email(email):
        raise _taken()
    ask_to_confirm(person, email)


def keep_token(person: Person, token: str, purpose: str, email: str, ends_at: datetime) -> None:
    """Let a token count until `ends_at`; earlier ones for the same purpose no longer do. Joins the write."""
    with write() as session:
        same = (MailedToken.person_id == person.id) & (MailedToken.purpose == purpose)
        session.execute(delete(MailedToken).where(same | (MailedToken.ends_at <= clock.now())))
        session.add(
            MailedToken(
                hash=queries.token_hash(token),
                purpose=purpose,
                person_id=person.id,
                email=email,
                ends_at=ends_at,
            )
        )


def forget_tokens(person: Person, *purposes: str) -> None:
    """End the links that were mailed to this person for these purposes, or all. Joins the write that is going on."""
    which = MailedToken.purpose.in_(purposes or PURPOSES.keys)
    with write() as session:
        session.execute(delete(MailedToken).where(MailedToken.person_id == person.id, which))


def _use(token: str, purpose: str) -> tuple[Person, str]:
    """Who a token stands for, and their address then; it is gone with this, so only one of two at once succeeds."""
    used = (
        delete(MailedToken)
        .where(
            MailedToken.hash == queries.token_hash(token),
            MailedToken.purpose == purpose,
            MailedToken.ends_at > clock.now(),
        )
        .returning(MailedToken.person_id, MailedToken.email)
    )
    row = db.session.execute(used).first()
    person = db.session.get(Person, row.person_id) if row else None
    if row is None or person is None or not person.is_active:
        raise NotFound
    return person, row.email


def confirm_address(token: str) -> Person:
    """Note that mail to an address reaches somebody; it is theirs from now on. Raises NotFound, Invalid."""
    with write() as session:
        person, email = _use(token, "address")
        if email != person.email:
            if queries.by_email(email):
                raise _taken()
            old, person.email = person.email, email
            forget_tokens(person)
            try:
                session.flush()
            except IntegrityError:
                raise _taken() from None
            enqueue("address_changed", {"email": old, "new": email, "key": _mail_key("changed")})
        person.email_confirmed_at = clock.now()
    return person


def reset_password(token: str, new: str) -> Person:
    """Give somebody who got the mail the password that they choose; ends their sessions. Raises NotFound, Invalid."""
    found = queries.mailed_token(token, "password")
    if found is None:
        raise NotFound
    if fault := password_fault(new, found.person.name, found.person.email):
        raise Invalid({"new_password": fault})
    password_hash = hash_password(new)
    with write():
        person, email = _use(token, "password")
        _put_password(person, password_hash)
        if email == person.email and person.email_confirmed_at is None:
            person.email_confirmed_at = clock.now()
    return person


def _taken() -> Invalid:
    return Invalid({"email": _("There is an account with this address.")})


def set_role(person: Person, role: Role) -> None:
    """Change what somebody may do here."""
    if role is Role.VISITOR:
        raise Invalid({"role": _("A visitor has no account.")})
    with write():
        person.role = role.value
        forget_tokens(person, "password")


def update_profile(person: Person, record: Mapping[str, Any]) -> None:
    """Save what others see of a person, and where they work (ProfileShape)."""
    with write():
        person.name = record["name"]
        person.job_title = record.get("job_title", "")
        person.bio = record.get("bio", "")
        if record.get("organisation"):
            person.organisation = find_or_make_organisation(
                record["organisation"],
                record.get("organisation_kind", "other"),
                **_placed({key: value for key, value in record.items() if key in ORGANISATION_FACTS}),
            )
        else:
            person.organisation = None
        publish(PersonChanged(person.id))


def _placed(facts: dict[str, Any]) -> dict[str, Any]:
    """The same facts, with what the gazetteer knows of the place; a code that is not that of the region is left out."""
    code = facts.pop("region_code", "")
    if code and region_name(code) == facts.get("region") and code.startswith(facts.get("country", "")):
        facts["region_code"] = code
    place = match(facts.get("place_name", ""), facts.get("region"), facts.get("country"))
    if place is not None:
        facts |= {"place_id": place.id, "country": place.country}
        facts |= {"region": place.region, "region_code": place.region_code} if place.region_code else {}
    return facts


ORGANISATION_FACTS = (
    "place_name",
    "place_id",
    "region",
    "region_code",
    "country",
    "population",
    "population_year",
    "setting",
    "website",
)


def find_or_make_organisation(name: str, kind: str, **facts: Any) -> Organisation:
    """The organisation of this name in this region, made if it is not there yet.

    What is known of it is filled in where it was blank; nothing that was there is overwritten: a name typed
    in a form is no proof that one may change what others see.
    """
    with write() as session:
        key = compare_key(name)[:160]
        if not key:
            raise Invalid({"organisation": _("Enter the organization's name in letters.")})
        region_code, country = facts.get("region_code", ""), facts.get("country", "")
        found = list(session.scalars(select(Organisation).where(Organisation.key == key)))
        exact = [o for o in found if (o.country, o.region_code) == (country, region_code)]
        loose = [o for o in found if not region_code or not o.region_code]
        organisation = next(iter(exact or loose), None)
        if organisation is None:
            organisation = Organisation(name=name, key=key, kind=kind, slug=_free_slug(Organisation, name))
            for field in ("region_code", "country"):
                setattr(organisation, field, facts.get(field, ""))
            session.add(organisation)
        if organisation.kind == "other" and kind != "other":
            organisation.kind = kind
        for field in ORGANISATION_FACTS:
            if facts.get(field) and not getattr(organisation, field):
                setattr(organisation, field, facts[field])
        if session.is_modified(organisation) or organisation in session.new:
            session.flush()
            publish(OrganisationChanged(organisation.id))
        return organisation
