"""Accounts with a password, and organisations."""

from typing import Any

from forum.accounts.actions import find_or_make_organisation, join
from forum.accounts.models import Organisation, Person
from forum.core.db import write

PASSWORD = "six quiet river otters"  # of accounts that live as long as a test


def add_account(email: str = "ana@example.com", **details: Any) -> Person:
    """Somebody who can sign in with PASSWORD. A real hash: it takes some 50 ms."""
    return join(details.pop("name", "Ana Ruiz"), email, details.pop("password", PASSWORD), **details)


def add_organisation(name: str = "Town of Alder", kind: str = "municipality", **facts: Any) -> Organisation:
    """An organisation, and what is known of it."""
    with write():
        return find_or_make_organisation(name, kind, **facts)
