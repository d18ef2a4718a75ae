"""Reading a page that somebody pasted: its links, each with its title and what is said of it, in order.

Takes HTML (of a page, a mail, a word processor), Markdown, or plain text. Both are first cut into blocks: a heading, a
bullet, a paragraph, a cell. What surrounds the content (menus, share buttons, a signature, "learn more", unsubscribe)
is told apart by where it stands and what it says; it is offered, but not chosen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from forum.curation.pastes.blocks import Block, Link, blocks_of_html, blocks_of_text
from forum.curation.pastes.frames import CHORES, FRAME_TAGS, MORE, SAYS_NOTHING, SIGNATURE, SOCIAL
from forum.links.addresses import key_of, name_of, normalize, unwrapped
from forum.links.pages import is_too_deep

LONGEST = 400_000  # Characters of a paste.
MOST_LINKS = 60
LONGEST_TITLE = 200
LONGEST_NOTE = 500
LONGEST_INTRO = 1500
# Characters of a paragraph that opens a page: shorter ones are dates and names.
A_SENTENCE = 25
# So many bullets with a link make the rest of a page its frame.
A_LIST = 3

# What a sentence says last before an address: "sample agreements are at".
_LEADS_ON = re.compile(
    r",?\s+(?:(?:is|are|found|see|visit|read)\s+)*(?:at|see|visit|here|from|via)$", re.IGNORECASE
)
_HTML = re.compile(
    r"<(?:a|p|div|ul|ol|li|br|table|td|h[1-6]|html|body|span)\b[^<>]{0,2000}/?>", re.IGNORECASE
)


@dataclass(frozen=True)
class PastedLink:
    """A link of a pasted page. `frame`: why it is taken for the page's frame, or ""; such are not chosen."""

    url: str
    title: str
    note: str
    section: str
    frame: str


@dataclass(frozen=True)
class Pasted:
    """What a pasted page holds: a title and an opening for a guide, and the links in their order."""

    title: str
    intro: str
    links: tuple[PastedLink, ...]


def read_paste(text: str) -> Pasted:
    """The links of a pasted page. Raises ValueError for more than `LONGEST` characters, or nested too deeply."""
    if len(text) > LONGEST:
        raise ValueError("too long")
    is_html = bool(_HTML.search(text))
    if is_html and is_too_deep(text):
        raise ValueError("too deep")
    blocks = [
        block
        for block in (blocks_of_html(text) if is_html else blocks_of_text(text))
        if block.text or block.links
    ]
    if not any(block.links and not block.around for block in blocks):
        # Names can mislead; elements say what they are.
        blocks = [block if block.around in FRAME_TAGS else replace(block, around="") for block in blocks]
    links = _links(blocks)
    title = _title(blocks)
    return Pasted(title, _intro(blocks, title), tuple(links))


# --- From blocks to links


def _links(blocks: Sequence[Block]) -> list[PastedLink]:
    bullets = [
        at for at, block in enumerate(blocks) if block.kind == "bullet" and block.links and not block.around
    ]
    has_list = len(bullets) >= A_LIST
    first = next((block for block in _content(blocks) if block.kind == "heading"), None)
    section = frame = ""
    found: dict[str, PastedLink] = {}
    for at, block in enumerate(blocks):
        if SIGNATURE.match(block.text):
            frame = "signature"
        elif frame != "signature" and block.kind == "heading":
            frame = "more" if MORE.match(block.text) else ""
            section = "" if frame or block.links or block is first else block.text.rstrip(":")[:120]
        elif frame != "signature" and block.kind == "text" and MORE.match(block.text):
            frame = "more"
        for link in block.links[:MOST_LINKS]:
            try:
                url = normalize(unwrapped(link.url))
            except ValueError:
                continue
            title, note = _told(link, block, blocks[at + 1 :], blocks[max(0, at - 1) : at])
            why = _frame(link, url, block, frame)
            if not why and link is not block.links[0] and SAYS_NOTHING.match(link.anchor):
                why, title = "beside", f"{_cut(block.links[0].anchor, 150)} ({link.anchor})"
            if not why and has_list and block.kind == "text":
                why = "opening" if at < bullets[0] else "after" if at > bullets[-1] else ""
            pasted = PastedLink(url, title, note, section, why)
            before = found.setdefault(key_of(url), pasted)
            better = (not pasted.frame, len(pasted.note) > 0, len(pasted.title) > 0)
            if better > (not before.frame, len(before.note) > 0, len(before.title) > 0):
                # It stands where it was first told of as content.
                if before.frame and not pasted.frame:
                    del found[key_of(url)]
                found[key_of(url)] = pasted
    kept = list(found.values())
    if len(kept) > MOST_LINKS:
        content = [link for link in kept if not link.frame][:MOST_LINKS]
        kept = content or kept[:MOST_LINKS]
    return [replace(link, title=link.title or name_of(link.url)) for link in kept]


def _frame(link: Link, url: str, block: Block, frame: str) -> str:
    if block.around:
        return "around"
    if SOCIAL.search(url.partition("://")[2]):
        return "social"
    if not link.anchor and not block.text and urlsplit(url).path == "/":
        return "around"  # the emblem at the top, which leads home
    if CHORES.search(link.anchor) or re.search(r"unsubscribe|opt-?out|/preferences|list-manage\.com", url):
        return "chore"
    return frame


def _told(link: Link, block: Block, after: Sequence[Block], before: Sequence[Block]) -> tuple[str, str]:
    """The title of a link, and what the page says of it."""
    is_bare = link.anchor.startswith(("http://", "https://", "www."))
    says_nothing = is_bare or not link.anchor or bool(SAYS_NOTHING.match(link.anchor))
    text = block.text
    if len(block.links) > 1:
        text = _sentence_with(link.anchor, text)
    head, _anchor, tail = text.partition(link.anchor) if link.anchor else (text, "", "")
    head, tail = head.strip(" -–—:|(>→"), tail.strip()
    if says_nothing:
        title, note = _parted(_LEADS_ON.sub("", head))
        note = " ".join(part for part in (note, tail.lstrip(" -–—:|,;).»→").rstrip(" -–—|»→")) if part)
        if not title:
            heading = next((b.text for b in before if b.kind == "heading"), "")
            title = heading if not MORE.match(heading) else ""
    elif not head or len(head) < 3:
        title, note = link.anchor, tail.lstrip(" -–—:|.,;)")
    elif block.kind == "bullet" and len(block.links) == 1 and len(head) <= 40 and len(tail) >= 20:
        title, note = link.anchor, tail.lstrip(" -–—:|.,;)")  # "White paper: ..."
    else:
        title, note = link.anchor, text
    if not note and after and not after[0].links and after[0].kind != "heading":
        # The sentence stands beside the link: in the same bullet or row, or under it as under a heading.
        together = block.item and after[0].item == block.item
        if together or block.kind == "heading" or (text == link.anchor and after[0].kind == "text"):
            note = after[0].text
    if note.startswith("(") and note.find(")") == len(note) - 1:
        note = note[1:-1]
    return _cut(title, LONGEST_TITLE), _cut(note[:1].upper() + note[1:], LONGEST_NOTE)


def _parted(text: str) -> tuple[str, str]:
    """A title and what follows it: "Sharing a fire chief: three towns tell how" and the like."""
    for mark in (": ", " – ", " — ", " - ", ". "):
        head, found, tail = text.partition(mark)
        if found and 8 <= len(head) <= 120:
            return head, tail.strip()
    return (text, "") if len(text) <= 120 else ("", text)


def _sentence_with(anchor: str, text: str) -> str:
    sentences = re.split(r"(?<=[.!?])\s+(?=[A-Z“\"(])", text)
    return next((sentence for sentence in sentences if anchor and anchor in sentence), text)


def _cut(text: str, longest: int) -> str:
    text = text.strip()
    return text if len(text) <= longest else text[: longest - 1].rpartition(" ")[0].rstrip(" ,;:") + "…"


def _content(blocks: Iterable[Block]) -> Iterator[Block]:
    return (block for block in blocks if not block.around)


def _title(blocks: Sequence[Block]) -> str:
    heading = next(
        (
            block
            for block in _content(blocks)
            if block.kind == "heading" and len(block.text) > 3 and not MORE.match(block.text)
        ),
        None,
    )
    first = next(_content(blocks), None)
    if (
        heading is None
        and first
        and not first.links
        and 15 <= len(first.text) <= 120
        and not first.text.endswith(".")
    ):
        heading = first
    return _cut(heading.text.rstrip(":"), 120) if heading else ""


def _intro(blocks: Sequence[Block], title: str) -> str:
    """The paragraphs before the first bullet or link that stands alone."""
    paragraphs: list[str] = []
    for block in _content(blocks):
        if block.links and all(CHORES.search(link.anchor) for link in block.links):
            continue
        if block.kind != "text" and block.links and block.text:
            break
        # Letters are laid out as tables: what they say stands in cells, which are bullets elsewhere.
        least = A_SENTENCE if block.kind == "text" else 60
        if block.kind == "heading" or len(block.text) < least or block.text == title:
            continue
        if not MORE.match(block.text):
            paragraphs.append(block.text)
        if len(paragraphs) == 3:
            break
    return _cut("\n\n".join(paragraphs), LONGEST_INTRO)
