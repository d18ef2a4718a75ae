"""What HTML may stand in what a member wrote: one list, and the two sanitisers that hold HTML to it.

bleach's last release (6.4.0) has no successor, nh3 is maintained: it is the last to look. Where there is nothing but
words and bare marks, such as `<p>`, bleach is not asked: it would find nothing, and takes a third of the time.
"""

from __future__ import annotations

import re
import threading

import nh3
from bleach.sanitizer import Cleaner

CONTROLS = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff"  # For between an expression's brackets.
REL = "nofollow ugc noopener"
SCHEMES = {"http", "https", "mailto"}
# Of ids, so that member text neither names nor clobbers what the page's own scripts look up.
PREFIX = "user-content-"
_ids = PREFIX + r"[a-z0-9-]{1,120}"
_links = rf"(?i:https?://[^\s/\\\"<>][^\s\\\"<>]{{0,2000}}|mailto:[^\s\\\"<>]{{1,2000}})|\#{_ids}"
_words = r"[^<>]{1,2000}"
# Tag -> attribute -> what the whole value must match. Both sanitisers are configured from it.
ALLOWED: dict[str, dict[str, re.Pattern[str]]] = {
    tag: {name: re.compile(pattern) for name, pattern in attributes.items()}
    for tag, attributes in {
        **{name: {} for name in "blockquote br del em hr p span strong table tbody thead tr".split()},
        **{name: {"id": _ids} for name in "h3 h4 h5 h6 sup".split()},
        **{name: {"align": "left|center|right"} for name in ("td", "th")},
        "a": {"class": "footnote-(?:back)?ref", "href": _links, "rel": REL, "title": _words},
        "code": {"class": r"language-[\w#.+-]{1,30}"},
        "div": {"aria-label": _words, "class": "footnote", "role": "group", "tabindex": "0"},
        "li": {"class": "task-list-item", "id": _ids},
        "ol": {"start": "[0-9]{1,9}"},
        "pre": {"tabindex": "0"},
        "ul": {"class": "task-list"},
    }.items()
}

# Words and bare marks; nothing that the two read differently: other entities, returns, marks of byte order.
_bare = "&(?:amp|lt|gt|quot);|</?(?:blockquote|br|code|del|em|li|ol|p|strong|ul)>"
_BARE = re.compile(rf"[^<>&\r\ufeff{CONTROLS}]*+(?:(?:{_bare})[^<>&\r\ufeff{CONTROLS}]*+)*+")


def allowed(tag: str, name: str, value: str) -> bool:
    """Whether the attribute of this name may have this value there."""
    pattern = ALLOWED.get(tag, {}).get(name)
    return pattern is not None and pattern.fullmatch(value) is not None


class _Own(threading.local):
    """What each thread has for itself: one bleach Cleaner used by eight mixes up their texts."""

    def __init__(self) -> None:
        self.first = Cleaner(tags=ALLOWED.keys(), attributes=allowed, protocols=SCHEMES, strip=True)
        self.last = nh3.Cleaner(
            tags=set(ALLOWED),
            attributes={tag: set(names) for tag, names in ALLOWED.items()},
            attribute_filter=lambda tag, name, value: value if allowed(tag, name, value) else None,
            url_schemes=SCHEMES,
            link_rel=None,  # it would pass the filter above first, and be set without a look at it
            # A code block scrolls in its own box, which the keyboard must reach.
            set_tag_attribute_values={"a": {"rel": REL}, "pre": {"tabindex": "0"}},
        )


_own = _Own()


def sanitise(made: str) -> str:
    """What may stay of the HTML that Markdown made."""
    checked = made if _BARE.fullmatch(made) else _own.first.clean(made)
    cleaned: str = _own.last.clean(checked)
    return cleaned
