"""What is wrong with a page: broken HTML, ids used twice, fields without a label, references to nowhere."""

import re
from collections import Counter
from collections.abc import Iterator
from xml.etree.ElementTree import Element

import html5lib

# html5lib is older than <template>, and takes what is inside for part of the page. It is checked apart.
TEMPLATE = re.compile(r"(<template\b[^>]*>)(.*?)(</template>)", re.DOTALL)
# A fragment is parsed as if it stood where it belongs: a row is broken HTML outside a table.
CONTAINERS = {"tr": "tbody", "td": "tr", "th": "tr", "li": "ul", "option": "select", "tbody": "table"}
UNLABELLED_INPUTS = {"hidden", "submit", "button", "image", "reset"}
# Attributes that hold ids of other elements, one or several.
REFERENCES = (
    "for",
    "form",
    "list",
    "headers",
    "aria-activedescendant",
    "aria-controls",
    "aria-describedby",
    "aria-details",
    "aria-errormessage",
    "aria-labelledby",
    "aria-owns",
)


def faults(html: str) -> list[str]:
    """A sentence for each fault of this page, or of this fragment of one; empty where there is none."""
    is_page = html.lstrip().lower().startswith("<!doctype")
    outer = TEMPLATE.sub(r"\1\3", html)
    root, found = _parse(outer, is_page=is_page)
    found += _twice(root)
    found += _unlabelled(root)
    if is_page:
        found += _nowhere(root)
    for template in TEMPLATE.finditer(html):
        found += faults(template[2])
    return found


def _parse(html: str, *, is_page: bool) -> tuple[Element, list[str]]:
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    if is_page:
        root = parser.parse(html)
    else:
        first = re.match(r"\s*<(\w+)", html)
        root = parser.parseFragment(html, container=CONTAINERS.get(first[1] if first else "", "div"))
    lines = html.splitlines() or [""]
    return root, [
        f"Broken HTML, {html5lib.constants.E[code] % values} Line {line}: {lines[line - 1].strip()[:200]}"
        for (line, _column), code, values in parser.errors
    ]


def _twice(root: Element) -> Iterator[str]:
    for id_, count in Counter(element.get("id") for element in _elements(root)).items():
        if id_ is not None and count > 1:
            yield f"The id {id_!r} is used {count} times."


def _unlabelled(root: Element) -> Iterator[str]:
    labelled = {label.get("for") for label in root.iter("label")}
    labelled_inside = {field for label in root.iter("label") for field in label.iter()}
    for field in _elements(root):
        if field.tag not in ("input", "select", "textarea") or field.get("type") in UNLABELLED_INPUTS:
            continue
        if field.get("aria-label") or field.get("aria-labelledby"):
            continue
        if field not in labelled_inside and (field.get("id") is None or field.get("id") not in labelled):
            yield f"The field {field.get('name') or field.get('id')!r} has no label."


def _nowhere(root: Element) -> Iterator[str]:
    ids = {element.get("id") for element in _elements(root)}
    for element in _elements(root):
        for attribute in REFERENCES:
            for id_ in element.get(attribute, "").split():
                if id_ not in ids:
                    yield f"<{element.tag} {attribute}={id_!r}> points to no element."
    # What a member writes may point nowhere: the ids of their text have the prefix.
    known = ids | {"", "top"}
    for target in (link.get("href", "") for link in root.iter("a")):
        if target.startswith("#") and not target.startswith("#user-content-") and target[1:] not in known:
            yield f"The link to {target} points to no element."


def _elements(root: Element) -> Iterator[Element]:
    """Every element, without the comments that html5lib also keeps."""
    return (element for element in root.iter() if isinstance(element.tag, str))
