"""Forms in HTML: fields are named by dashed paths ("parties-0-name") and gathered into a schema's shape."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

from flask import flash, request
from marshmallow import Schema, fields
from werkzeug.datastructures import MultiDict

from forum.core import once
from forum.core.errors import Invalid
from forum.core.i18n import gettext as _
from forum.core.shapes import *  # noqa: F403
from forum.core.shapes import Map, Rows, as_typed, load
from forum.web.access import actor

# More rows than any list of the schemas takes, fewer than would cost time to read.
MOST_ROWS = 60


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


class Form:
    """One form on a page: what stands in its fields, and what is wrong with it.

    Templates ask `value`, `values`, `error`, `count` by dashed path and draw `faults` as the summary.
    """

    def __init__(
        self, schema: Schema, record: Mapping[str, Any] | None = None, *, submitted: bool = False
    ) -> None:
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
        """Add, remove or move a row for people without JavaScript: the form is drawn again and nothing is saved."""
        self._rearranged = True
        match = re.fullmatch(r"(add|remove|up|down) ([a-z_-]+)(?: (\d{1,3}))?", command)
        if not match:
            return
        verb, path, index = match.groups()
        if not isinstance(self._field(path), Rows):
            return
        *parents, name = path.split("-")
        holder = self.typed
        for parent in parents:
            holder = holder.setdefault(parent, {})
        rows = holder.setdefault(name, [])
        if verb == "add" and len(rows) < MOST_ROWS:
            rows.append({})
        elif verb != "add" and index is not None and int(index) < len(rows):
            row = rows.pop(int(index))
            if verb != "remove":
                rows.insert(max(0, int(index) + (1 if verb == "down" else -1)), row)

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
    def once(self) -> str:
        """What an action makes one thing of (`core.once`): the key of this copy of the form, and all that it says.

        Sent again, it is the same; the same words from a form that was opened anew are something else, and so are
        other words from one that the browser went back to. "" where the form has no key.
        """
        if not (key := request.form.get("_once")):
            return ""
        said = sorted(item for item in request.form.items(multi=True) if item[0] != "csrf_token")
        return sha256(repr((actor().id, request.path, key, said)).encode()).hexdigest()

    @property
    def seen(self) -> bool:
        """Whether what says the same need not be shown: it was, or it is what this form has made."""
        return "_seen" in request.form or once.made(self.once) is not None

    @property
    def status(self) -> int:
        """The status of the page that draws this form: 422 when something is wrong with it."""
        return 422 if self.faults else 200

    def version(self, current: int) -> int:
        """What a form for editing carries back: the version it was opened at while it has faults, else `current`.

        After a conflict that is the newer one, now in sight: saving again is a choice.
        """
        return request.form.get("version", current, type=int) if self.faults else current

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
        value = self._at(path)
        rows = len(value) if isinstance(value, list) else 0
        return rows if self._rearranged else max(rows, self._field(path).drawn)

    def _field(self, path: str) -> Any:
        """The schema's field at a path, None where there is none."""
        field: Any = None
        schema: Any = self.schema
        for part in path.split("-"):
            if not part.isdigit():
                field = schema.fields.get(part) if schema else None
                schema = getattr(field, "schema", None)
        return field


def forget_draft(key: str) -> None:
    """The form marked data-draft=`key` (no spaces) is saved: the browser may drop what it kept of it."""
    flash(key, "draft")
