"""Member Markdown becomes safe HTML, in bounded time. The only door by which user text becomes HTML.

Raw HTML is text. What Markdown makes passes `sanitiser`, and nothing edits the HTML after that.

Python-Markdown promises no time (its issue 798), so each step has a bound of its own: `LONGEST` the input,
`SECONDS` the parser, `MOST_ELEMENTS` and `LONGEST_HTML` the sanitisers. Two seconds are the promise. The
slowest of 2,600 texts of full length that were made to be slow took 1.4 s of processor time; an ordinary one
takes 0.1 s.
"""

from __future__ import annotations

import gc
import html
import logging
import re
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import unquote
from xml.etree.ElementTree import Element

import nh3
from markdown import Markdown
from markdown.blockprocessors import BlockProcessor
from markdown.extensions.footnotes import FootnoteExtension
from markdown.extensions.sane_lists import SaneListExtension
from markdown.extensions.tables import TableProcessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from pymdownx.magiclink import MagiclinkExtension
from pymdownx.tasklist import TasklistExtension, get_checkbox

from forum.core.i18n import gettext as _
from forum.core.sanitiser import CONTROLS, PREFIX, allowed, sanitise
from forum.core.text import fold, slugify

RENDERER = 1  # Stored beside stored HTML. Raise it whenever the same text would come out differently.

LONGEST = 20_000  # Characters of a text.
LONGEST_HTML = 200_000  # Characters. Reference links can make 9 MB of 20 KB; no honest text grows tenfold.
MOST_ELEMENTS = 5_000  # bleach takes up to 0.1 ms for one; 20 KB of one-letter list items make 4,000.
MOST_CELLS = 3_000  # A row of two characters has as many as the header: 20 KB can ask for 12,000,000.
MOST_FOOTNOTE_MARKS = 500  # The library counts repeated marks one by one: 4,900 took 15 s, 500 take 0.2 s.
MOST_BACKTICKS = 500  # In one table row, where they are paired by trial: 10,000 took 1 s.
AHEAD = 2_000  # Characters from a bracket or backtick to its partner.
SECONDS = 1.0  # Of this thread's processor time, so that a busy machine refuses no more than an idle one.

# The library's expression for "[name]: address 'title'", made possessive. On 20 KB of quotation marks it went
# back for a shorter address at each one, for 10 s.
_REFERENCE = re.compile(
    r"""^[ ]{0,3}\[([^\[\]]*+)\]:[ ]*+(?:\n[ ]*+)?(\S++)[ ]*+(?:\n[ ]*+)?((["'])(.*)\4[ ]*|\((.*)\)[ ]*)?$""",
    re.MULTILINE,
)
_CONTROL = re.compile(f"[{CONTROLS}]")
log = logging.getLogger(__name__)


class Refused(ValueError):
    """A text that cannot be rendered. `str(refused)` is a sentence for the person who wrote it."""


def render(text: str, *, scope: str = "") -> str:
    """Safe HTML for member Markdown: a run of block elements, headings from h3 down; "" for blank text.

    Ids are "user-content-", then `scope`, then a name. Texts that stand on one page need different scopes, of
    letters a to z and digits, or the footnotes of one lead into another.
    Control characters and lone surrogates are dropped. Raises Refused, a ValueError with a sentence for the
    writer, for more than `LONGEST` characters and for formatting that cannot be laid out in time.
    """
    if len(text) > LONGEST:
        sentence = _("This text has %(n)d characters. At most %(most)d fit: shorten it, or split it in two.")
        raise Refused(sentence % {"n": len(text), "most": LONGEST})
    text = _CONTROL.sub("", text)
    if text.count("[^") > MOST_FOOTNOTE_MARKS:
        sentence = _("This text has more than %(most)d footnote marks. Use fewer.")
        raise Refused(sentence % {"most": MOST_FOOTNOTE_MARKS})
    try:
        # One that fails is not used again: what it leaves behind, nobody knows.
        parser, _own.parser = _own.parser or _Parser(), None
        made: str = parser.begin(scope).convert(text)
        if len(made) > LONGEST_HTML:
            raise _too_complex()
        _own.parser = parser
        return sanitise(made)
    except Refused:
        raise
    except RecursionError:
        raise Refused(_("Lists or quotations are nested too deeply in this text. Nest them less.")) from None
    except Exception as error:  # AssertionError, ValueError and others have been seen
        log.warning("Markdown failed", exc_info=error)
        raise _too_complex() from error


def excerpt(html_text: str, length: int = 200) -> str:
    """The first words of rendered HTML as plain text on one line, at most `length` characters with the "…".

    Footnotes and their marks are left out. The result is text: escape it where it is shown.
    """
    body = html_text.partition('<div class="footnote">')[0]
    words = fold(html.unescape(nh3.clean(body, tags=set(), clean_content_tags={"sup"})))
    if len(words) <= length:
        return words
    head = words[:length]
    return (head.rpartition(" ")[0] or head[:-1]).rstrip(" ,;:.–—-") + "…"


def _too_complex() -> Refused:
    return Refused(
        _("The formatting of this text is too complex. Use fewer nested lists, brackets, headings or links.")
    )


class _Own(threading.local):
    """What each thread has for itself: one parser mixes up the texts of several, and to make one takes as long as to
    parse a comment."""

    parser: _Parser | None = None


_own = _Own()


class _Collecting(threading.local):
    """The processor time of this thread that collecting garbage took, in seconds: for a full memory, as long as the
    longest text takes; and it falls upon whoever happens to be rendering."""

    began = spent = 0.0

    def note(self, phase: str, info: Mapping[str, int]) -> None:
        """Told by the collector, in the thread that it stops."""
        if info["generation"] < 2:
            return
        if phase == "start":
            self.began = time.thread_time()
        else:
            self.spent += time.thread_time() - self.began


_collecting = _Collecting()
gc.callbacks.append(_collecting.note)


class _Parser(Markdown):
    """Python-Markdown with our dialect and its bounds. For one text after the other, each after `begin`."""

    def __init__(self) -> None:
        self.notes = FootnoteExtension()
        super().__init__(
            extensions=[self.notes, MagiclinkExtension(), SaneListExtension(), TasklistExtension()],
            output_format="html",
        )
        self.ESCAPED_CHARS.extend("|~")
        self.delimiters.add("~", "del", double=True)
        # Raw HTML stays text. Mail addresses stay words: harvesters would find links, and they would come out
        # as entities of 18 times their length. Entities need no help, the serialiser leaves them as they are.
        self.preprocessors.deregister("html_block")
        for name in ("html", "entity", "automail", "magic-mail"):
            self.inlinePatterns.deregister(name)
        for processor in self.inlinePatterns:
            processor.handleMatch = partial(self.watched, processor.handleMatch)
        for name in "reference link image_link image_reference short_reference short_image_ref".split():
            processor = self.inlinePatterns[name]
            processor.getText = _bracketed
            processor.getLink = partial(_parenthesised, processor.getLink)
        backticks = self.inlinePatterns["backtick"]
        spans = backticks.find_code_spans
        backticks.find_code_spans = lambda start, data: spans(start, data[: start + AHEAD])
        self.delimiters.search = partial(self.watched, self.delimiters.search)
        for delimiter in self.delimiters.delimiters.values():
            # At each of 10,000 asterisks it tried all shorter runs: 1 s, and again for each pair before them.
            delimiter.boundary = re.compile(delimiter.boundary.pattern.replace("{1,}", "{1,}+"))
        self.parser.blockprocessors["reference"].RE = _REFERENCE
        self.preprocessors.register(_Fences(self), "fences", 25)
        self.parser.blockprocessors.register(_Clock(self.parser), "clock", 1000)
        self.parser.blockprocessors.register(_Tables(self.parser, {"use_align_attribute": True}), "table", 75)
        self.treeprocessors.register(_Finish(self), "finish", -1)

    def begin(self, scope: str) -> _Parser:
        """Itself, ready for the next text: the library forgets the last one, and the time begins."""
        self.reset()
        self.notes.setConfig("BACKLINK_TITLE", _("Jump back to footnote %d in the text"))
        self.prefix = f"{PREFIX}{scope}--" if scope else PREFIX
        self.cells, self.deadline = 0, time.thread_time() - _collecting.spent + SECONDS
        return self

    def check_time(self) -> None:
        """Raises Refused when the time is used up. Asked at each block and each inline mark."""
        if time.thread_time() - _collecting.spent > self.deadline:
            raise _too_complex()

    def watched(self, library: Callable[..., Any], *arguments: Any) -> Any:
        """The library's answer, if there is time for it."""
        self.check_time()
        return library(*arguments)


def _bracketed(data: str, start: int) -> tuple[str, int, bool]:
    """The text up to the "]" that closes, the place after it, and whether there is one near.

    The library looks to the end of the text from each "[": 20 KB of them take over 25 s.
    """
    end = min(len(data), start + AHEAD)
    depth = 1
    if data.find("]", start, end) >= 0:
        for place in range(start, end):
            depth += {"[": 1, "]": -1}.get(data[place], 0)
            if depth == 0:
                return data[start:place], place + 1, True
            if depth > 16:
                break
    return "", start, False


def _parenthesised(library: Callable[..., Any], data: str, start: int) -> Any:
    """What the library makes of a link's "(address title)", if it ends near and is not a nest."""
    close = data.find(")", start, start + AHEAD)
    if close < 0 or data.count("(", start, close) > 16:
        return "", None, start, False
    return library(data[: start + AHEAD], start)


class _Clock(BlockProcessor):
    """Asked first about each block, wants none, and looks at the clock."""

    def test(self, parent: Element, block: str) -> bool:
        self.parser.md.check_time()
        return False


class _Tables(TableProcessor):
    """Tables of a bounded size."""

    def run(self, parent: Element, blocks: list[str]) -> None:
        md = self.parser.md
        md.cells += len(self.separator) * (1 + blocks[0].count("\n"))
        if md.cells > MOST_CELLS:
            sentence = _("The tables in this text have more than %(most)d cells. Attach a file instead.")
            raise Refused(sentence % {"most": MOST_CELLS})
        super().run(parent, blocks)

    def _split(self, row: str) -> list[str]:
        if row.count("`") > MOST_BACKTICKS:
            raise _too_complex()
        cells: list[str] = super()._split(row)
        return cells


class _Fences(Preprocessor):
    """Fenced code, in one walk over the lines; without a closing fence it goes on to the end.

    The library's expression takes over 30 s for 20 KB of "```hl_lines=", and 11 s for spaces after a fence.
    """

    OPENING = re.compile(r"( {0,3})(`{3,}+|~{3,}+) *+([\w#.+-]*+)[^`]*+")

    def run(self, lines: list[str]) -> list[str]:
        kept: list[str] = []
        rest = iter(lines)
        for line in rest:
            opening = self.OPENING.fullmatch(line)
            if opening is None:
                kept.append(line)
                continue
            indent, fence, language = opening.groups()
            code: list[str] = []
            for line in rest:
                closing = line.strip(" ")
                if closing.startswith(fence) and not closing.strip(fence[0]):
                    break
                code.append(line.removeprefix(indent))
            attribute = f' class="language-{html.escape(language)}"' if language else ""
            body = html.escape("\n".join(code).rstrip())
            placeholder = self.md.htmlStash.store(f"<pre><code{attribute}>{body}\n</code></pre>")
            kept += ["", placeholder, "", ""]  # a block of its own
        return kept


class _Finish(Treeprocessor):
    """The last look at the tree: ids, links, images, headings, tables and task boxes as we want them."""

    def run(self, root: Element) -> None:
        if sum(1 for _element in root.iter()) > MOST_ELEMENTS:
            raise _too_complex()
        # A disabled checkbox without a label says nothing to a screen reader; these characters do.
        boxes = {get_checkbox(" "): "☐ ", get_checkbox("x"): "☑ "}
        self.md.htmlStash.rawHtmlBlocks[:] = [boxes.get(raw, raw) for raw in self.md.htmlStash.rawHtmlBlocks]
        names = self.give_ids(root)
        remaining = [(root, False)]
        while remaining:
            parent, in_link = remaining.pop()
            for place, child in enumerate(parent):
                if child.tag in ("a", "img"):
                    self.settle_link(child, in_link, names)
                elif child.tag == "table":
                    parent[place] = self.boxed(child)
                remaining.append((child, in_link or child.tag == "a"))

    def give_ids(self, root: Element) -> dict[str, str]:
        """Prefix each id, give each heading one, and tell what became of each old id or heading text.

        The prefix keeps member text from naming, or clobbering, what the page's own scripts look up.
        """
        names: dict[str, str] = {}
        used: set[str] = set()
        copies: dict[str, int] = {}
        for element in root.iter():
            old = element.get("id")
            if re.fullmatch("h[1-6]", element.tag):
                # The page's title is h1 and its sections h2.
                element.tag = f"h{min(6, int(element.tag[1]) + 2)}"
                old = "".join(element.itertext())
            if old is None:
                continue
            base = new = slugify(old)
            while new in used:
                copies[base] = copies.get(base, 1) + 1
                new = f"{base}-{copies[base]}"
            used.add(new)
            names.setdefault(old, self.md.prefix + new)
            element.set("id", self.md.prefix + new)
        return names

    def settle_link(self, element: Element, in_link: bool, names: dict[str, str]) -> None:
        """Make a link or image a link that is allowed, or plain words when it is not or is inside another.

        An image is never loaded: it would tell its server who reads what. Its alt text becomes the link's.
        """
        address = element.get("src") or element.get("href") or ""
        if element.tag == "img":
            element.text = element.get("alt") or address
        if address.startswith("#"):
            target = address[1:]
            typed = unquote(target).removeprefix(self.md.prefix)
            address = "#" + names.get(target, self.md.prefix + slugify(typed))
        else:
            address = "%20".join(address.split())
            if address.lower().startswith("www."):
                address = "http://" + address
        kept = {name: value for name in ("class", "title") if (value := element.get(name))}
        element.attrib.clear()
        if in_link or not allowed("a", "href", address):
            element.tag = "span"
        else:
            element.tag = "a"
            element.attrib.update(kept, href=address)

    def boxed(self, table: Element) -> Element:
        """The table in a box in which it can scroll sideways, by keyboard too."""
        box = Element("div", {"aria-label": _("Table"), "role": "group", "tabindex": "0"})
        box.append(table)
        box.tail, table.tail = table.tail, None
        return box
