"""People with an account, and clients that are signed in as one."""

from itertools import count

from forum.accounts.models import Person
from forum.core import clock
from forum.core.db import write
from tests.support.page import PageClient

_numbers = count(1)


def add_person(role: str = "member", **columns: object) -> Person:
    """Somebody who may sign in (not by password: that takes a real hash, and time). Needs an app context."""
    number = next(_numbers)
    with write() as session:
        person = Person(
            **{
                "email": f"{role}{number}@example.com",
                "slug": f"{role}-{number}",
                "name": f"{role.capitalize()} Number {number}",
                "password_hash": "not a hash",
                "role": role,
                "email_confirmed_at": clock.now(),
            }
            | columns
        )
        session.add(person)
    return person


def sign_in(client: PageClient, person: Person) -> PageClient:
    """Let this client be this person from now on, by the cookie that the sign-in form would set."""
    with client.session_transaction() as session:
        session["_user_id"] = person.get_id()
        session["_fresh"] = True
        session.permanent = True
    client.person = person
    return client
