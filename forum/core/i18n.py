"""Strings for people, marked for translation. English ships; a catalogue can be put in with `use`."""

from __future__ import annotations

import gettext as _gettext

_catalogue: _gettext.NullTranslations = _gettext.NullTranslations()


def use(catalogue: _gettext.NullTranslations) -> None:
    """Speak through this catalogue from now on."""
    global _catalogue  # noqa: PLW0603  # one process speaks one language; Jinja asks this module
    _catalogue = catalogue


def gettext(message: str) -> str:
    """The message in the reader's language."""
    return _catalogue.gettext(message)


def ngettext(one: str, many: str, n: int) -> str:
    """The form of the message that suits `n`."""
    return _catalogue.ngettext(one, many, n)


def mark(message: str) -> str:
    """Mark a message for the catalogue where it is defined; it is translated where it is shown."""
    return message
