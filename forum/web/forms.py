"""Forms: one schema for what people type and what files hold.

A room's `forms.py` says the shape of its input as marshmallow schemas made of the fields below. An HTML form
names its fields by dashed paths ("parties-0-name"); `Form` gathers them into the nested shape, lets the schema
judge it, and keeps what was typed for drawing it again. A file's record goes through the same schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from flask import request
from marshmallow import RAISE, Schema, ValidationError, fields, validate
from werkzeug.datastructures import MultiDict

from forum.core.errors import Invalid
from forum.core.i18n import gettext as _
from forum.core.i18n import mark
from forum.core.text import clean, fold
from forum.core.vocabulary import Vocabulary

# More rows than any list of the schema takes, fewer than would cost time to read.
MOST_ROWS = 60


class Shape(Schema):
    """Base of every schema: unknown fields are errors, values come out in the order of the fields."""

    class Meta:
        """What marshmallow asks for."""

        unknown = RAISE

    error_messages = {"unknown": mark("There is no field of this name."), "type": mark("This is not a record.")}


class _Stated(fields.Field):
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
            raise ValidationError(_("At least %(low)d characters; this has %(n)d.") % {"low": self.low, "n": len(text)})
        return text


class Lines(Line):
    """Text of several lines."""

    multiline = True


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
    """Several keys of a vocabulary, each once. Without a vocabulary any short text is taken."""

    several = True

    def __init__(
        self, vocabulary: Vocabulary | None = None, *, most: int = 40, least: int = 0, **options: Any
    ) -> None:
        super().__init__(**options)
        self.vocabulary, self.most, self.least = vocabulary, most, least

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[str]:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise ValidationError(_("This takes a list."))
        kept = list(dict.fromkeys(fold(item) for item in value if item.strip()))
        for item in kept:
            if len(item) > 300 or (self.vocabulary is not None and item not in self.vocabulary):
                raise ValidationError(_("%(value)s is not one of the choices.") % {"value": item[:60]})
        if len(kept) < self.least:
            raise self.make_error("required")
        if len(kept) > self.most:
            raise ValidationError(_("Choose at most %(n)d.") % {"n": self.most})
        return kept


class Number(_Stated):
    """A number as people write it ("1,200.50") or as JSON has it; a Decimal between `low` and `high`."""

    def __init__(self, *, low: float | None = None, high: float | None = None, places: int = 2, **options: Any) -> None:
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
    """An http or https address with a host."""

    def __init__(self, **options: Any) -> None:
        super().__init__(1000, **options)

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

    def __init__(self, inner: fields.Field, names: Vocabulary | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.inner, self.names = inner, names

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise ValidationError(_("This takes named values."))
        result, faults = {}, {}
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
        self, shape: type[Schema], *, least: int = 0, most: int = 30, drawn: int = 0, few: str = "", **options: Any
    ) -> None:
        super().__init__(
            shape,
            many=True,
            required=least > 0,
            validate=validate.Length(least, most, error=few or _("At most %(n)d rows.") % {"n": most}),
            error_messages={"required": few or mark("This is needed."), "type": mark("This takes a list of records.")},
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


def gather(
    schema: Schema, sent: MultiDict[str, str], prefix: str = "", *, keep_blank: bool = False
) -> dict[str, Any]:
    """What a form sent, in the shape of `schema`; blank fields are left out, blank rows unless `keep_blank`."""
    record: dict[str, Any] = {}
    for name, field in schema.fields.items():
        path = prefix + name
        value: Any
        if isinstance(field, Rows):
            pattern = re.compile(re.escape(path) + r"-(\d{1,3})-")
            found = sorted({int(m.group(1)) for key in sent if (m := pattern.match(key))})[:MOST_ROWS]
            rows = [gather(field.schema, sent, f"{path}-{index}-", keep_blank=keep_blank) for index in found]
            value = [row for row in rows if row or keep_blank]
        elif isinstance(field, fields.Nested):
            value = gather(field.schema, sent, f"{path}-", keep_blank=keep_blank)
        elif isinstance(field, Map):
            inner_many = getattr(field.inner, "several", False)
            value = {
                key.removeprefix(f"{path}-"): sent.getlist(key) if inner_many else sent[key]
                for key in sent
                if key.startswith(f"{path}-") and sent[key].strip()
            }
        elif getattr(field, "several", False):
            value = [item for item in sent.getlist(path) if item.strip()]
        else:
            value = sent.get(path, "")
            value = value if value.strip() else ""
        if value not in ("", [], {}):
            record[name] = value
    return record


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


class Form:
    """One form on a page: what stands in its fields, and what is wrong with it.

    Templates ask `value`, `values`, `error`, `count` by dashed path and draw `faults` as the summary.
    """

    def __init__(self, schema: Schema, record: Mapping[str, Any] | None = None, *, submitted: bool = False) -> None:
        self.schema = schema
        self.typed: dict[str, Any] = as_typed(record or {})
        self.submitted = submitted
        self.faults: list[tuple[str, str]] = []
        self.data: dict[str, Any] = {}
        self._rearranged = False

    @classmethod
    def read(cls, schema: Schema, record: Mapping[str, Any] | None = None) -> Form:
        """The form of this request: what was sent with a POST, or else what `record` holds."""
        if request.method != "POST":
            return cls(schema, record)
        command = request.form.get("_rows", "")
        form = cls(schema, gather(schema, request.form, keep_blank=bool(command)), submitted=True)
        if command:
            form._rearrange(command)
        return form

    def _rearrange(self, command: str) -> None:
        """Add or remove a row for people without JavaScript: the form is drawn again and nothing is saved."""
        self._rearranged = True
        match = re.fullmatch(r"(add|remove) ([a-z_-]+)(?: (\d{1,3}))?", command)
        if not match:
            return
        verb, path, index = match.groups()
        *parents, name = path.split("-")
        holder = self.typed
        for parent in parents:
            holder = holder.setdefault(parent, {})
        rows = holder.setdefault(name, [])
        if verb == "add" and len(rows) < MOST_ROWS:
            rows.append({})
        elif verb == "remove" and index is not None and int(index) < len(rows):
            del rows[int(index)]

    def ready(self) -> bool:
        """Whether it was sent, to be saved, and the schema has nothing against it; `data` then holds the record."""
        if not self.submitted or self._rearranged:
            return False
        try:
            self.data = load(self.schema, self.typed)
        except Invalid as invalid:
            self.blame(invalid)
            return False
        return True

    def blame(self, invalid: Invalid) -> None:
        """Show these faults on the form."""
        self.faults += [(path, _(sentence)) for path, sentence in invalid.faults.items()]

    @contextmanager
    def showing_faults(self) -> Iterator[None]:
        """What an action finds wrong is shown on the form instead of ending the request."""
        try:
            yield
        except Invalid as invalid:
            self.blame(invalid)

    @property
    def status(self) -> int:
        """The status of the page that draws this form: 422 when something is wrong with it."""
        return 422 if self.faults else 200

    def _at(self, path: str) -> Any:
        value: Any = self.typed
        for part in path.split("-"):
            if isinstance(value, list):
                value = value[int(part)] if part.isdigit() and int(part) < len(value) else ""
            elif isinstance(value, Mapping):
                value = value.get(part, "")
            else:
                return ""
        return value

    def value(self, path: str) -> str:
        """The text of one field."""
        value = self._at(path)
        return value if isinstance(value, str) else ""

    def values(self, path: str) -> list[str]:
        """The chosen keys of a field that takes several."""
        value = self._at(path)
        return [str(item) for item in value] if isinstance(value, list) else [value] if value else []

    def error(self, path: str) -> str:
        """The sentence about one field, or ""."""
        return next((sentence for at, sentence in self.faults if at == path), "")

    def count(self, path: str) -> int:
        """How many rows to draw."""
        schema: Any = self.schema
        for part in path.split("-"):
            if not part.isdigit():
                field = schema.fields[part]
                schema = getattr(field, "schema", None)
        value = self._at(path)
        rows = len(value) if isinstance(value, list) else 0
        return rows if self._rearranged else max(rows, field.drawn)
