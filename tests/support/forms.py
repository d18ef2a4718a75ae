"""The forms of a page, filled in as a browser does it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

import html5lib

BUTTONS = {"submit", "button", "image", "reset"}


@dataclass
class PageForm:
    """A form: where it goes, what it would send as it is, and the names it knows."""

    action: str
    values: dict[str, list[str]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)

    def filled_in(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """What is sent when these fields are filled in. A list fills a field that takes several; None empties."""
        unknown = set(fields) - self.names
        assert not unknown, f"The form has no field {sorted(unknown)}; it has {sorted(self.names)}"
        return {name: value for name, value in (self.values | dict(fields)).items() if value is not None}


def find_form(html: str, action: str | None = None) -> PageForm:
    """The form that posts to `action`, or the only one in the page's main part that posts at all."""
    root = html5lib.parse(html, namespaceHTMLElements=False)
    main = root.find(".//main")
    forms = [form for form in (root if action or main is None else main).iter("form") if _posts(form)]
    if action is not None:
        forms = [form for form in forms if form.get("action") == action]
    assert len(forms) == 1, f"Not one form, but: {[form.get('action') for form in forms]}"
    return _read(forms[0])


def _posts(form: Element) -> bool:
    return form.get("method", "get").lower() == "post"


def _read(form: Element) -> PageForm:
    found = PageForm(form.get("action", ""))
    for element in form.iter():
        name = element.get("name")
        if not name or element.get("disabled") is not None:
            continue
        if element.tag in ("input", "select", "textarea", "button"):
            found.names.add(name)
            if values := _sent(element):
                found.values.setdefault(name, []).extend(values)
    return found


def _sent(element: Element) -> list[str]:
    """What this field sends if nobody touches it."""
    kind = element.get("type", "text").lower()
    if element.tag == "textarea":
        return ["".join(element.itertext()).removeprefix("\n")]
    if element.tag == "select":
        options = list(element.iter("option"))
        chosen = [option for option in options if option.get("selected") is not None]
        if not chosen and element.get("multiple") is None:
            chosen = options[:1]
        return [option.get("value", "".join(option.itertext()).strip()) for option in chosen]
    if element.tag == "button" or kind in BUTTONS or kind == "file":
        return []
    if kind in ("checkbox", "radio"):
        return [element.get("value", "on")] if element.get("checked") is not None else []
    return [element.get("value", "")]
