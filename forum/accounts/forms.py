"""The shape of input about accounts."""

from __future__ import annotations

from forum.accounts.models import ORGANISATION_KINDS, SETTINGS
from forum.core.i18n import mark
from forum.core.shapes import Choice, Line, Lines, Secret, Shape, WebAddress, Whole, Year
from forum.places.queries import countries


class JoinShape(Shape):
    """Making an account."""

    name = Line(80, low=2, missing=mark("Enter the name that others will see."))
    email = Line(254, missing=mark("Enter your e-mail address."))
    password = Secret(missing=mark("Choose a password."))
    job_title = Line(80)
    organisation = Line(160)


class SignInShape(Shape):
    """Signing in."""

    email = Line(254, missing=mark("Enter your e-mail address."))
    password = Secret(missing=mark("Enter your password."))


class ForgotShape(Shape):
    """Asking for a new password."""

    email = Line(254, missing=mark("Enter your e-mail address."))


class NewPasswordShape(Shape):
    """Choosing a password with a link from a mail."""

    new_password = Secret(missing=mark("Choose a new password."))


class AddressShape(Shape):
    """Changing one's address."""

    email = Line(254, missing=mark("Enter the new address."))
    current_password = Secret(missing=mark("Enter your password."))


class ProfileShape(Shape):
    """What others see of a person, and where they work. The organisation's facts are asked for a new one."""

    name = Line(80, low=2, missing=mark("Enter the name that others will see."))
    job_title = Line(80)
    bio = Lines(600)
    organisation = Line(160)
    organisation_kind = Choice(ORGANISATION_KINDS)
    place_name = Line(160)
    region = Line(120)
    region_code = Line(6)
    country = Choice(tuple(countries()))
    population = Whole(low=1, high=100_000_000)
    population_year = Year()
    setting = Choice(SETTINGS)
    website = WebAddress(300)


class PasswordShape(Shape):
    """Changing one's password."""

    current_password = Secret(missing=mark("Enter the password that you have now."))
    new_password = Secret(missing=mark("Choose a new password."))
