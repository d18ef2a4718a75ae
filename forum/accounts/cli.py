"""Commands about accounts."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager

import click

from forum.accounts import actions, queries
from forum.accounts.forms import JoinShape
from forum.accounts.models import Person
from forum.core.errors import Invalid
from forum.core.roles import Role
from forum.core.shapes import load

Opened = Callable[[], AbstractContextManager[object]]
ROLES = [role.value for role in Role if role is not Role.VISITOR]

from_stdin = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input instead of making one."
)


@click.group()
def user() -> None:
    """Add accounts and change them."""


@user.command()
@click.argument("email")
@click.option("--name", required=True, help="The name that others see.")
@click.option("--role", type=click.Choice(ROLES), default="member", show_default=True)
@from_stdin
@click.pass_obj
def add(opened: Opened, email: str, name: str, role: str, password_stdin: bool) -> None:
    """Make an account for EMAIL."""
    password = _password(password_stdin)
    record = load(JoinShape(), {"name": name, "email": email, "password": password})
    with opened():
        person = actions.join(record["name"], record["email"], password, role=Role(role), confirmed=True)
    click.echo(f"{person.email} now has an account with the role {role}.")
    _tell(password, password_stdin)


@user.command()
@click.argument("email")
@click.argument("role", type=click.Choice(ROLES))
@click.pass_obj
def role(opened: Opened, email: str, role: str) -> None:
    """Make EMAIL a member, curator, moderator or admin."""
    with opened():
        person = _account(email)
        actions.set_role(person, Role(role))
    click.echo(f"{person.email} now has the role {role}.")


@user.command()
@click.argument("email")
@from_stdin
@click.pass_obj
def reset_password(opened: Opened, email: str, password_stdin: bool) -> None:
    """Give EMAIL a new password and sign them out everywhere."""
    password = _password(password_stdin)
    with opened():
        person = _account(email)
        if fault := actions.password_fault(password, person.name, person.email):
            raise Invalid({"password": fault})
        actions.set_password(person, password)
    click.echo(f"{person.email} has a new password and is signed out everywhere.")
    _tell(password, password_stdin)


def _account(email: str) -> Person:
    person = queries.by_email(email)
    if person is None:
        raise Invalid({"": f"There is no account with the address {email}."})
    return person


def _password(from_stdin: bool) -> str:
    """The first line of standard input, or a new one."""
    return sys.stdin.readline().rstrip("\r\n") if from_stdin else secrets.token_urlsafe(12)


def _tell(password: str, from_stdin: bool) -> None:
    if not from_stdin:
        click.echo(f"The password: {password}")
