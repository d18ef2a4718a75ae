"""What a page of somebody else's says of itself: title, publisher, year, kind and author, offered and never trusted.

HTML first passes nh3, a real parser, which leaves a few elements, well-formed; only that is read here. What comes out
is plain text of one line each: it is escaped wherever it is shown.
"""

from __future__ import annotations

import html
import json
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote, urlsplit

import nh3

from forum.core import clock
from forum.core.http import Fetched
from forum.core.text import compare_key, fold
from forum.links.pdf import facts_of

# Bytes of a page in which its head is looked for. An element inside another costs nh3 the depth of the nest.
HEAD = 300_000
DEEPEST = 2_000
LONGEST = 300
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
# Elements that hold none of their own kind: a second one ends the first.
_FLAT = set(
    "a area base br col dd dt embed hr img input li link meta option p source td th tr track wbr".split()
)
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w-]{1,40})", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)(19[5-9]\d|20\d\d)(?!\d)")
# What programs write into the title of a PDF by themselves.
_IS_FILE = re.compile(r"\.(?:docx?|indd|pptx?|qxd)$|^(?:microsoft word|untitled|powerpoint)", re.IGNORECASE)
log = logging.getLogger(__name__)

_head = nh3.Cleaner(
    tags={"title", "meta", "script", "h1"},
    clean_content_tags={"style", "template", "svg", "math", "noscript", "textarea", "iframe"},
    attributes={"meta": {"name", "property", "itemprop", "content"}, "script": {"type"}},
    link_rel=None,
)
# Words in a kind of schema.org or Open Graph, or in an address -> the kind of resource.
_KINDS = (
    ("book", "book"),
    ("dataset", "dataset"),
    ("newsarticle", "news_item"),
    ("scholarlyarticle", "research_report"),
    ("report", "research_report"),
    ("video", "audio_or_video"),
    ("audio", "audio_or_video"),
    ("podcast", "audio_or_video"),
    ("presentation", "presentation"),
    ("legislation", "statute_or_regulation"),
    ("discussionforum", "forum_thread"),
    ("qapage", "forum_thread"),
    ("blogposting", "article_or_blog"),
    ("article", "article_or_blog"),
    ("organization", "organization"),
)
_KINDS_BY_WORD = (
    (r"webinar", "webinar"),
    (r"white\s?paper", "whitepaper"),
    (r"tool\s?kit|handbook|guidebook|manual", "toolkit_or_handbook"),
    (r"checklist", "checklist"),
    (r"template", "template"),
    (r"(sample|model) (agreement|contract|mou)|interlocal agreement", "sample_agreement"),
    (r"calculator", "calculator"),
    (r"survey", "survey_results"),
    (r"case stud", "case_collection"),
    (r"(revised )?(code|statutes?)\b.*(§|\d)|chapter \d+", "statute_or_regulation"),
    (r"report|study", "research_report"),
)


@dataclass(frozen=True)
class PageFacts:
    """What a page offers; "" and None where it says nothing. `kind` is a key of RESOURCE_KINDS."""

    title: str = ""
    publisher: str = ""
    author: str = ""
    year: int | None = None
    kind: str = ""


def read_page(page: Fetched) -> PageFacts:
    """What a fetched page says of itself. Raises nothing: what cannot be read says nothing."""
    try:
        if page.body.startswith(b"%PDF-"):
            return _of_pdf(page)
        if page.content_type in ("text/html", "application/xhtml+xml", ""):
            return _of_html(page)
    except Exception:  # whatever a page of a stranger makes a parser do
        log.warning("A page could not be read", exc_info=True)
    return PageFacts()


def is_too_deep(text: str) -> bool:
    """Whether elements are nested so deeply that reading them would take long."""
    open_: dict[str, int] = {}
    depth = 0
    for end, name in _TAG.findall(text):
        tag = name.lower()
        if tag in _FLAT:
            continue
        if not end:
            open_[tag] = open_.get(tag, 0) + 1
            depth += 1
            if depth > DEEPEST:
                return True
        elif open_.get(tag):
            open_[tag] -= 1
            depth -= 1
    return False


def decoded(page: Fetched, most: int = HEAD) -> str:
    """The text of a page, by the encoding that it claims, or else UTF-8."""
    body = page.body[:most]
    claimed = _CHARSET.search(page.headers.get("content-type", "").encode()) or _CHARSET.search(body[:4096])
    try:
        return body.decode(claimed.group(1).decode() if claimed else "utf-8", "replace")
    except LookupError:
        return body.decode("utf-8", "replace")


def line(text: object) -> str:
    """One line of plain text, not too long; "" for what is no text."""
    return fold(html.unescape(text))[:LONGEST].strip() if isinstance(text, str) else ""


class _Head(HTMLParser):
    """Gathers the title, the first heading, the named values and the JSON-LD of a page that nh3 has cleaned."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.titles: dict[str, str] = {}
        self.named: dict[str, list[str]] = {}
        self.scripts: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "meta":
            name = values.get("property") or values.get("name") or values.get("itemprop") or ""
            if content := line(values.get("content")):
                self.named.setdefault(name.lower(), []).append(content)
        elif tag == "script":
            self._inside = "ld" if (values.get("type") or "").strip().lower() == "application/ld+json" else ""
            if self._inside:
                self.scripts.append("")
        elif tag not in self.titles:
            self._inside = tag
            self.titles[tag] = ""

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "ld":
            self.scripts[-1] += data
        elif self._inside:
            self.titles[self._inside] += data

    def first(self, *names: str) -> str:
        """The first value under one of these names, in their order."""
        return next((self.named[name][0] for name in names if name in self.named), "")


def _of_html(page: Fetched) -> PageFacts:
    text = decoded(page)
    if is_too_deep(text):
        return PageFacts()
    head = _Head()
    head.feed(_head.clean(text))
    head.close()
    thing = _main_thing(head.scripts)
    authors = head.named.get("citation_author") or head.named.get("dc.creator") or _names(thing.get("author"))
    publisher = (
        head.first("citation_publisher", "citation_journal_title", "og:site_name", "dc.publisher")
        or next(iter(_names(thing.get("publisher"))), "")
        or head.first("application-name")
    )
    title = (
        head.first("citation_title", "og:title", "dc.title", "twitter:title")
        or line(thing.get("headline") or thing.get("name"))
        or line(head.titles.get("title"))
        or line(head.titles.get("h1"))
    )
    when = head.first(
        "citation_publication_date",
        "citation_date",
        "citation_year",
        "article:published_time",
        "dc.date",
        "dc.date.issued",
        "date",
    ) or line(thing.get("datePublished"))
    named_kind = f"{_type_of(thing)} {head.first('og:type')}".lower()
    return PageFacts(
        title=_without_site(title, publisher),
        publisher=publisher,
        # A profile on a social network is no name.
        author=", ".join(a for a in (authors or [head.first("author")])[:4] if a and "://" not in a),
        year=_year(when),
        kind=_kind(named_kind, title, page.url),
    )


def _main_thing(scripts: list[str]) -> Mapping[str, Any]:
    """Of the things that JSON-LD describes, the work itself: the first that has a headline, or a date, or a name."""
    things = [thing for script in scripts for thing in _things(script)]
    for wanted in ("headline", "datePublished"):
        for thing in things:
            if thing.get(wanted):
                return thing
    works = [
        t for t in things if not re.search("organi[sz]ation|website|breadcrumb", _type_of(t), re.IGNORECASE)
    ]
    return works[0] if works else {}


def _things(script: str) -> Iterator[Mapping[str, Any]]:
    try:
        waiting = [json.loads(script)]
    except (ValueError, RecursionError):
        return
    for _n in range(200):
        if not waiting:
            return
        value = waiting.pop(0)
        if isinstance(value, list):
            waiting += value[:100]
        elif isinstance(value, Mapping):
            yield value
            waiting.append(value.get("@graph"))


def _type_of(thing: Mapping[str, Any]) -> str:
    kind = thing.get("@type", "")
    return " ".join(map(str, kind)) if isinstance(kind, list) else str(kind)


def _names(value: Any) -> list[str]:
    """Names of people or bodies, as JSON-LD writes them: a text, a thing, or several."""
    values = value if isinstance(value, list) else [value]
    found = [line(v.get("name") if isinstance(v, Mapping) else v) for v in values[:4]]
    return [name for name in found if name]


def _without_site(title: str, publisher: str) -> str:
    """A title without the name of the site at its end: "Sharing services | MRSC"."""
    head, mark, tail = (
        part.strip() for part in re.sub(r"\s+[|–—·-]\s+(?!.*\s[|–—·-]\s)", "\0", title).partition("\0")
    )
    if mark and head and publisher and compare_key(tail) in compare_key(publisher):
        return head
    return title


def _year(when: str) -> int | None:
    match = _YEAR.search(when)
    return int(match.group()) if match and int(match.group()) <= clock.today().year + 1 else None


def _kind(named: str, title: str, url: str) -> str:
    words = f"{title} {unquote(urlsplit(url).path)}".lower().replace("-", " ").replace("_", " ")
    by_word = next((kind for pattern, kind in _KINDS_BY_WORD if re.search(pattern, words)), "")
    if by_word and by_word != "research_report":
        return by_word
    return next((kind for word, kind in _KINDS if word in named), "") or by_word


def _of_pdf(page: Fetched) -> PageFacts:
    facts = facts_of(page.body)
    title = line(facts.get("title"))
    if not title or _IS_FILE.search(title):
        # One that was cut, or says nothing, still has its name.
        name = unquote(urlsplit(page.url).path.rpartition("/")[2])
        title = line(re.sub(r"[-_+]+", " ", re.sub(r"\.pdf$", "", name, flags=re.IGNORECASE)))
    return PageFacts(
        title=title,
        author=line(facts.get("author")),
        year=_year(facts.get("created", "")[2:6]),
        kind=_kind("", title, page.url),
    )
