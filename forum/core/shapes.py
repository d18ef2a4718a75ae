"""The shape of input: one schema judges what people type and what files hold.

Schemas are marshmallow's; these are the fields that they are made of. Complaints are sentences for people. What
arrives may be JSON or the text of a form: a number is taken as 1200, "1200" or "1,200".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from forum.core.errors import Invalid
from forum.core.i18n import gettext as _
from forum.core.i18n import mark
from forum.core.text import clean, fold
from forum.core.vocabulary import Vocabulary


class Shape(Schema):
    """Base of every schema: unknown fields are errors, values come out in the order of the fields."""

    class Meta:
        """What marshmallow asks for."""

        unknown = RAISE

    error_messages = {
        "unknown": mark("There is no field of this name."),
        "type": mark("This is not a record."),
    }


class _Stated(fields.Field[Any]):
    """A field whose complaint about a missing value can be said in its own words: `missing="Enter a title."`."""

    def __init__(self, *, missing: str = "", **options: Any) -> None:
        if missing:
            options["required"] = True
        super().__init__(**options)
        self.error_messages["required"] = missing or mark("This is needed.")
        self.error_messages["null"] = mark("Leave it out instead of null.")


class Line(_Stated):
    """One line of text of `low` to `high` characters, folded."""

    multiline = False

    def __init__(self, high: int, *, low: int = 0, **options: Any) -> None:
        super().__init__(**options)
        self.high, self.low = high, low

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError(_("This takes text."))
        text = clean(value) if self.multiline else fold(value)
        if not text and self.required:
            raise self.make_error("required")
        if len(text) > self.high:
            raise ValidationError(
                _("At most %(high)d characters; this has %(n)d.") % {"high": self.high, "n": len(text)}
            )
        if text and len(text) < self.low:
            raise ValidationError(
                _("At least %(low)d characters; this has %(n)d.") % {"low": self.low, "n": len(text)}
            )
        return text


class Lines(Line):
    """Text of several lines."""

    multiline = True


class Secret(_Stated):
    """A password of at most `high` characters, kept to the letter: folding it would make it another one."""

    def __init__(self, high: int = 200, **options: Any) -> None:
        super().__init__(**options)
        self.high = high

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError(_("This takes text."))
        if not value and self.required:
            raise self.make_error("required")
        if len(value) > self.high:
            raise ValidationError(_("At most %(n)d characters.") % {"n": self.high})
        return value


class Choice(_Stated):
    """One key of a vocabulary (or of a list of keys)."""

    def __init__(self, vocabulary: Vocabulary | Sequence[str], **options: Any) -> None:
        super().__init__(**options)
        self.vocabulary = vocabulary

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or value not in self.vocabulary:
            raise ValidationError(_("%(value)s is not one of the choices.") % {"value": str(value)[:60]})
        return value


class Choices(_Stated):
    """Several keys of a vocabulary, each once. Without a vocabulary any text of one line is taken."""

    several = True

    def __init__(
        self,
        vocabulary: Vocabulary | None = None,
        *,
        most: int = 40,
        least: int = 0,
        longest: int = 300,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.vocabulary, self.most, self.least, self.longest = vocabulary, most, least, longest

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[str]:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise ValidationError(_("This takes a list."))
        kept = list(dict.fromkeys(fold(item) for item in value if item.strip()))
        for item in kept:
            if self.vocabulary is not None and item not in self.vocabulary:
                raise ValidationError(_("%(value)s is not one of the choices.") % {"value": item[:60]})
            if len(item) > self.longest:
                raise ValidationError(_("At most %(n)d characters each.") % {"n": self.longest})
        if len(kept) < self.least:
            raise self.make_error("required")
        if len(kept) > self.most:
            raise ValidationError(_("Choose at most %(n)d.") % {"n": self.most})
        return kept


class Number(_Stated):
    """A number as people write it ("1,200.50") or as JSON has it; a Decimal between `low` and `high`."""

    def __init__(
        self, *, low: float | None = None, high: float | None = None, places: int = 2, **options: Any
    ) -> None:
        super().__init__(**options)
        self.low, self.high, self.places = low, high, places

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Decimal | int:
        if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal)):
            raise ValidationError(_("This takes a number."))
        text = re.sub(r"[\s,$£€_]|(?<=\d)%$", "", str(value)).replace("\u2212", "-")
        try:
            number = Decimal(text)
        except InvalidOperation:
            raise ValidationError(_("This takes a number, such as 1,200.")) from None
        if not number.is_finite():
            raise ValidationError(_("This takes a number, such as 1,200."))
        if self.low is not None and number < Decimal(str(self.low)):
            raise ValidationError(_("This cannot be less than %(n)s.") % {"n": f"{self.low:,}"})
        if self.high is not None and number > Decimal(str(self.high)):
            raise ValidationError(_("This cannot be more than %(n)s.") % {"n": f"{self.high:,}"})
        if number != round(number, self.places):
            if self.places == 0:
                raise ValidationError(_("This takes a whole number."))
            raise ValidationError(_("At most %(n)d digits after the point.") % {"n": self.places})
        return int(number) if self.places == 0 else number


def Whole(**options: Any) -> Number:  # noqa: N802  # reads as the field that it makes
    """A whole number."""
    return Number(places=0, **options)


def Year(**options: Any) -> Number:  # noqa: N802
    """A year, 1800 to 2100."""
    return Number(places=0, low=1800, high=2100, **options)


def Amount(**options: Any) -> Number:  # noqa: N802
    """Money: up to 12 digits before the point, two after it."""
    options.setdefault("low", 0)
    return Number(places=2, high=999_999_999_999, **options)


def Percent(**options: Any) -> Number:  # noqa: N802
    """A share of a hundred."""
    return Number(places=2, low=0, high=100, **options)


class PartialDate(_Stated):
    """A year ("2014") or a day ("2014-07-01"), kept as that text."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = str(value).strip()
        try:
            if re.fullmatch(r"\d{4}", text) and 1800 <= int(text) <= 2100:
                return text
            return date.fromisoformat(text).isoformat()
        except ValueError:
            raise ValidationError(_("Enter a year, such as 2014, or a day, such as 2014-07-01.")) from None


class Day(_Stated):
    """A day ("2026-03-31") as a date."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        try:
            return date.fromisoformat(str(value).strip())
        except ValueError:
            raise ValidationError(_("Enter a day, such as 2026-03-31.")) from None


class Flag(_Stated):
    """A box that is ticked or not."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        return value in (True, "1", "true", "on", "yes")


class WebAddress(Line):
    """An http or https address with a host, of at most `high` characters."""

    def __init__(self, high: int = 1000, **options: Any) -> None:
        super().__init__(high, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not text:
            return text
        try:
            parts = urlsplit(text)
        except ValueError:
            parts = urlsplit("")
        if parts.scheme not in ("http", "https") or "." not in (parts.hostname or "") or " " in text:
            raise ValidationError(_("Enter a web address, such as https://example.org/page."))
        return text


class Map(_Stated):
    """Named values: names from the form's own paths, each value judged by `inner`."""

    def __init__(self, inner: fields.Field[Any], names: Vocabulary | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.inner, self.names = inner, names

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise ValidationError(_("This takes named values."))
        result: dict[str, Any] = {}
        faults: dict[str, Any] = {}
        for name, item in value.items():
            if self.names is not None and name not in self.names:
                faults[name] = [_("There is no field of this name.")]
                continue
            try:
                result[str(name)] = self.inner.deserialize(item)
            except ValidationError as error:
                faults[name] = error.messages
        if faults:
            raise ValidationError(faults)
        return result


class Rows(fields.Nested):
    """A list of records, 0 to `most`. `drawn` empty rows stand in a new form."""

    def __init__(
        self,
        shape: type[Schema],
        *,
        least: int = 0,
        most: int = 30,
        drawn: int = 0,
        few: str = "",
        **options: Any,
    ) -> None:
        super().__init__(
            shape,
            many=True,
            required=least > 0,
            validate=validate.Length(least, most, error=few or _("At most %(n)d rows.") % {"n": most}),
            error_messages={
                "required": few or mark("This is needed."),
                "type": mark("This takes a list of records."),
            },
            **options,
        )
        self.drawn = drawn


class Group(fields.Nested):
    """A record inside a record."""


def flatten(messages: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """marshmallow's nested messages as (dashed path, sentence) pairs."""
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            name = "" if key in ("_schema", "value") else str(key)
            yield from flatten(inner, "-".join(part for part in (prefix, name) if part))
    elif isinstance(messages, (list, tuple)):
        for message in messages[:1]:
            yield from flatten(message, prefix)
    else:
        yield prefix, _(str(messages))


def load(schema: Schema, record: Any) -> dict[str, Any]:
    """Judge a record. Raises Invalid with a sentence for each field at fault."""
    try:
        loaded: dict[str, Any] = schema.load(record)
    except ValidationError as error:
        raise Invalid(dict(flatten(error.messages))) from None
    return loaded


def as_typed(value: Any) -> Any:
    """A stored record as it would have been typed: text at every leaf."""
    if isinstance(value, Mapping):
        return {str(key): as_typed(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_typed(inner) for inner in value]
    if value is None or value is False:
        return ""
    if value is True:
        return "1"
    if isinstance(value, (Decimal, float)):
        return f"{Decimal(str(value)).normalize():f}"
    return str(value)
