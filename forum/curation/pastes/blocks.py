"""Cutting a pasted page into blocks: a heading, a bullet, a paragraph, a cell, each with its links."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

import nh3

from forum.core.text import fold
from forum.curation.pastes.frames import AROUND, FRAME_TAGS, LABEL, MAIL_HEADER, MORE
from forum.links.addresses import in_text

_TEXT = "p li h1 h2 h3 h4 h5 h6 td th dt dd blockquote div section article main figcaption pre"
_FRAME = "nav header footer aside form"
_BLOCKS = {*_TEXT.split(), *_FRAME.split(), "ul", "ol", "dl", "table", "tr", "tbody", "br", "hr", "center"}
_PLACES = {"class", "id", "role"}
_cleaner = nh3.Cleaner(
    tags={*_BLOCKS, "a"},
    clean_content_tags={
        "style",
        "script",
        "title",
        "template",
        "svg",
        "math",
        "noscript",
        "textarea",
        "select",
        "iframe",
    },
    attributes={tag: _PLACES | ({"href"} if tag == "a" else set()) for tag in (*_BLOCKS, "a")},
    url_schemes={"http", "https"},
    link_rel=None,
)
BULLET = re.compile(r"^\s*(?:[-*+•·●○▪▫◦‣–➢§]|o(?=\s)|\d{1,2}[.)])(?:\s|\xa0)+")


@dataclass
class Link:
    url: str
    anchor: str = ""


@dataclass
class Block:
    """Text that stands together, on one line. `kind`: "heading", "bullet" or "text"."""

    kind: str
    text: str = ""
    links: list[Link] = field(default_factory=list)
    # What it stands in, where that is the frame of the page: "nav", "footer", "share".
    around: str = ""
    # The bullet or row of a table that it is a part of; 0 for none.
    item: int = 0


# --- HTML


# Between the words of a name such as "templateFooter".
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


class _Reader(HTMLParser):
    """Cuts HTML that nh3 has cleaned into blocks."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self.block = Block("text")
        # (tag, what of the frame it is, its number)
        self.open: list[tuple[str, str, int]] = []
        self.count = 0
        self.link: Link | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "a":
            self.link = Link(values.get("href") or "")
            return
        self._next()
        if tag in ("br", "hr"):
            return
        around = tag if tag in FRAME_TAGS else ""
        words = " ".join(values.get(name) or "" for name in _PLACES)
        named = " ".join(name for name in words.split() if not LABEL.match(name))
        if match := AROUND.search(_HUMP.sub(" ", named)):
            around = around or match.group().lower()
        if "MsoList" in words:
            tag = "li"
        self.count += 1
        self.open.append((tag, around, self.count))
        self._next()

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._close_link()
            return
        self._next()
        if self.open:
            self.open.pop()  # what nh3 leaves is well-formed
        self._next()

    def handle_data(self, data: str) -> None:
        self.block.text += data
        if self.link is None or not data.strip():
            if self.link is not None:
                self.link.anchor += " "
            return
        if not any(link is self.link for link in self.block.links):
            if self.link.anchor.strip():
                return  # a link around several blocks is called by the first
            self.block.links.append(self.link)
        self.link.anchor += data

    def _close_link(self) -> None:
        if self.link is not None and not self.link.anchor.strip():
            self.block.links.append(self.link)  # a picture
        self.link = None

    def _next(self) -> None:
        if self.block.text.strip() or self.block.links:
            self.blocks.append(_tidied(self.block))
        tags = [tag for tag, _around, _number in self.open]
        kind = "text"
        if "li" in tags or "dd" in tags or "td" in tags:
            kind = "bullet"
        if tags and re.fullmatch(r"h[1-6]|dt|th", tags[-1]):
            kind = "heading"
        self.block = Block(
            kind,
            around=next((around for _tag, around, _number in reversed(self.open) if around), ""),
            item=next(
                (number for tag, _around, number in reversed(self.open) if tag in ("li", "tr", "dd")), 0
            ),
        )

    def finish(self) -> list[Block]:
        """All blocks."""
        self.close()
        self._next()
        return self.blocks


# What mails put behind the line that shows beside their subject, so that nothing else does.
_FILLER = re.compile("[\u034f\u200b\u200c\u2007\xad]\\s*[\u034f\u200b\u200c\u2007\xad]")


def _tidied(block: Block) -> Block:
    if _FILLER.search(block.text):
        block = replace(block, around="preheader")
    text = block.text.replace("\xa0", " ")
    if block.kind == "text" and BULLET.match(text) and block.links:
        block = replace(block, kind="bullet")
    links = [Link(link.url, fold(link.anchor)) for link in block.links]
    return replace(
        block, text=fold(BULLET.sub("", text)) if block.kind == "bullet" else fold(text), links=links
    )


def blocks_of_html(text: str) -> list[Block]:
    reader = _Reader()
    reader.feed(_cleaner.clean(text))
    blocks = reader.finish()
    for block in blocks:
        linked = " ".join(link.url for link in block.links)
        block.links += [Link(url, url) for url in in_text(block.text) if url not in linked]
    return blocks


# --- Markdown and plain text

_MARKDOWN_LINK = re.compile(
    r"!?\[([^\[\]]{0,500})\]\(\s*<?(https?://(?:[^\s()<>]|\([^\s()]*\))+)>?(?:\s+[\"'(][^\n]{0,200}?[\"')])?\s*\)"
)
_REFERENCE_LINK = re.compile(r"\[([^\[\]]{1,500})\]\[([^\[\]]{0,80})\]")
_DEFINITION = re.compile(r"^ {0,3}\[([^\[\]]{1,80})\]:\s*<?(https?://\S+?)>?(?:\s.*)?$", re.MULTILINE)


# An address without its scheme.
_SCHEMELESS = re.compile(r"(?<![\w/@.:-])www\.(?=[\w-]+\.\w)")
# A line of at most so many characters stands above bullets as their heading.
SHORT = 60


def _without_mail_header(text: str) -> tuple[str, str]:
    """The text of a letter, and its subject."""
    lines = text.lstrip().splitlines()
    matches = []
    while lines and (match := MAIL_HEADER.fullmatch(lines[0].strip())):
        matches.append(match)
        del lines[0]
    if len(matches) < 2:
        return text, ""
    subject = next((match[2] for match in matches if match[1].lower() == "subject"), "")
    subject = re.sub(r"^(?:(?:re|fwd?|aw|wg): *)+", "", subject, flags=re.IGNORECASE)
    return "\n".join(lines), subject[:1].upper() + subject[1:]


def blocks_of_text(text: str) -> list[Block]:
    text, subject = _without_mail_header(_SCHEMELESS.sub("https://www.", text))
    defined = {match.group(1).lower(): match.group(2) for match in _DEFINITION.finditer(text)}
    text = _DEFINITION.sub("", text)
    blocks: list[Block] = [Block("heading", fold(subject))] if subject else []
    lines: list[str] = []
    kind = "text"

    def end() -> None:
        nonlocal lines, kind
        if lines:
            blocks.append(_of_lines(kind, lines, defined))
        lines, kind = [], "text"

    for line in text.splitlines():
        heading = re.match(r"^\s{0,3}#{1,6}\s+(.*?)#*\s*$", line)
        underlined = re.fullmatch(r"\s*(?:={3,}|-{3,}|\*{3,}|_{3,})\s*", line)
        if underlined and len(lines) == 1 and kind == "text" and not BULLET.match(lines[0]):
            kind = "heading"
            end()
        elif not line.strip() or underlined:
            end()
            if line.strip() == "--":
                blocks.append(Block("text", "--"))
        elif heading:
            end()
            kind, lines = "heading", [heading.group(1)]
            end()
        elif line.strip() == "--":
            end()
            blocks.append(Block("text", "--"))
        elif BULLET.match(line):
            if kind == "text" and len(lines) == 1 and len(lines[0]) <= SHORT and "://" not in lines[0]:
                kind = "heading"
            end()
            kind, lines = "bullet", [BULLET.sub("", line)]
        else:
            lines.append(line)
    end()
    return blocks


def _of_lines(kind: str, lines: Sequence[str], defined: dict[str, str]) -> Block:
    text = "\n".join(lines)
    links: list[Link] = []

    def take(anchor: str, url: str) -> str:
        links.append(Link(url, _plain(anchor)))
        return anchor

    text = _MARKDOWN_LINK.sub(lambda match: take(match.group(1), match.group(2)), text)
    text = _REFERENCE_LINK.sub(
        lambda match: (
            take(match.group(1), defined[key])
            if (key := (match.group(2) or match.group(1)).lower()) in defined
            else match.group()
        ),
        text,
    )
    links += [Link(url, url) for url in in_text(text)]
    text = _plain(text)
    ends = text.endswith(":") or text.isupper() or bool(MORE.match(text))
    if kind == "text" and len(lines) == 1 and not links and len(text) < 80 and ends:
        kind = "heading"
    return Block(kind, text, links)


def _plain(text: str) -> str:
    """Without the marks of Markdown."""
    return fold(
        re.sub(
            r"(?<!\w)(?:\*\*|__|\*|_|`)(?=\S)|(?<=\S)(?:\*\*|__|\*|`)(?!\w)|<(?=https?:)|(?<=\S)>(?=\s|$)",
            "",
            text,
        )
    )
