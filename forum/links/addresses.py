"""Web addresses: one spelling for what means the same, where they stand in a post, and where an old copy is kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit, urlunsplit

import idna

from forum.core.text import fold

LONGEST = 1000
PORTS = {"http": ":80", "https": ":443"}
# What newsletters, advertisements and social networks add to follow people.
_TRACKING = re.compile(
    r"(?:utm_\w+|fbclid|gclid|gbraid|wbraid|dclid|msclkid|yclid|twclid|igshid|mc_[ce]id|_hs(?:enc|mi)|mkt_tok|vero_id"
    r"|oly_(?:anon|enc)_id|_ga|_gl|s_cid)(?:=|$)",
    re.IGNORECASE,
)
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
# An address in a text, with what stands in brackets if they are closed, and without the punctuation after it.
_IN_TEXT = re.compile(r"https?://(?:[^\s<>()\[\]\"'`\\]|\([^\s<>()]*\))+", re.IGNORECASE)
_AFTER = ".,;:!?*_~"
# Redirectors that newsletters and mail programs put around the addresses in them: (host, path) -> the argument.
_WRAPPERS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"[\w.-]+\.safelinks\.protection\.outlook\.com/"), "url"),
    (re.compile(r"(?:www\.)?google\.[a-z.]{2,6}/url"), "q url"),
    (re.compile(r"l\.(?:facebook|instagram)\.com/l\.php"), "u"),
    (re.compile(r"(?:www\.)?linkedin\.com/(?:safety/go|redir/redirect)"), "url"),
    (re.compile(r"(?:www\.)?(?:youtube\.com/redirect|bing\.com/ck/a)"), "q u"),
    (re.compile(r"urldefense\.proofpoint\.com/v2/url"), "u"),
    (re.compile(r"(?:out|away)\.(?:reddit|vk)\.com/"), "url to"),
)
_PROOFPOINT = re.compile(r"urldefense\.com/v3/__(.+?)__;")

_archive = ""


def configure(archive: str) -> None:
    """Say where a web archive keeps copies: {url} stands for the address. "" offers none."""
    global _archive  # noqa: PLW0603  # one process, one archive
    _archive = archive


def archived(url: str) -> str:
    """The address of a public archive's copy of this page, or ""."""
    return _archive.replace("{url}", url)


def normalize(url: str) -> str:
    """The one spelling of a web address in which we keep it. Raises ValueError for what is none.

    Tracking parameters go, and fragments, but not the page of a PDF or the path of a page that a script draws.
    """
    parts = urlsplit(url.strip())
    scheme = parts.scheme.lower()
    if scheme not in PORTS or not parts.hostname or parts.username is not None:
        raise ValueError("no web address")
    host = _host(parts.hostname)
    port = f":{parts.port}" if parts.port is not None and f":{parts.port}" != PORTS[scheme] else ""
    path = _escaped(_without_dots(parts.path or "/"))
    query = "&".join(arg for arg in parts.query.split("&") if arg and not _TRACKING.match(arg))
    is_pdf_page = path.lower().endswith(".pdf") and parts.fragment.startswith("page=")
    fragment = parts.fragment if is_pdf_page or parts.fragment.startswith(("!", "/")) else ""
    normal = urlunsplit((scheme, host + port, path, _escaped(query), _escaped(fragment)))
    if len(normal) > LONGEST:
        raise ValueError("too long")
    return normal


def key_of(url: str) -> str:
    """What all spellings of an address share, http and https, with and without a last slash. Raises ValueError."""
    base, _hash, fragment = normalize(url).partition("#")
    path, mark, query = base.partition("://")[2].partition("?")
    key = path.removesuffix("/") + mark + query
    return f"{key}#{fragment}" if fragment.startswith(("!", "/")) else key


def same_page(one: str, other: str) -> bool:
    """Whether two addresses are spellings of one."""
    try:
        return key_of(one) == key_of(other)
    except ValueError:
        return False


def host_of(url: str) -> str:
    """The host, with its port where that is not the usual one: who is asked politely, one question at a time."""
    return urlsplit(url).netloc


def name_of(url: str) -> str:
    """What to call a page of which only the address is known: the last words of its path, or its site."""
    parts = urlsplit(url)
    words = re.sub(r"\.\w{2,5}$", "", unquote(parts.path.rstrip("/").rpartition("/")[2]))
    words = fold(re.sub(r"[-_+]+", " ", words))
    named = len(words) > 3 and re.search("[a-z]{3}", words, re.IGNORECASE)
    return (words[:1].upper() + words[1:])[:200] if named else parts.netloc.removeprefix("www.")


def unwrapped(url: str) -> str:
    """The address inside what a mail program or a network has put around it; the same where nothing is."""
    for _round in range(3):
        rest = url.partition("://")[2]
        if match := _PROOFPOINT.match(rest):
            inner = match.group(1).replace("*", "%2A")
        else:
            names = next((names for pattern, names in _WRAPPERS if pattern.match(rest)), "")
            arguments = parse_qs(urlsplit(url).query)
            inner = next((arguments[name][0] for name in names.split() if name in arguments), "")
            if "proofpoint" in rest[:40]:
                inner = inner.replace("-", "%").replace("_", "/")
                inner = re.sub(r"%([0-9A-Fa-f]{2})", lambda match: chr(int(match.group(1), 16)), inner)
        if not inner.lower().startswith(("http://", "https://")):
            break
        url = inner
    return url


def _host(name: str) -> str:
    name = name.rstrip(".").lower()
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True).decode()
        except idna.IDNAError as error:
            raise ValueError("no host") from error
    if not re.fullmatch(r"[a-z0-9._:\[\]-]{1,253}", name):
        raise ValueError("no host")
    return f"[{name}]" if ":" in name else name


def _escaped(text: str) -> str:
    """Percent signs only where they are needed, in capitals."""

    def plain(match: re.Match[str]) -> str:
        letter = chr(int(match.group(1), 16))
        return letter if _UNRESERVED.match(letter) else match.group(0).upper()

    # A percent sign that begins no escape is one that was meant.
    text = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", text)
    return quote(_ESCAPE.sub(plain, text), safe="%/:?#[]@!$&'()*+,;=~")


def _without_dots(path: str) -> str:
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[max(1, len(kept) - 1) :]
        elif segment != ".":
            kept.append(segment)
    if path.endswith(("/.", "/..")):
        kept.append("")
    return "/".join(kept)


# --- Addresses in the record of a post

REFERENCE = "resource:"


def in_record(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """(dashed path, address) for each web address in a record: whole fields, references, and words of texts."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from in_record(inner, f"{place}-{name}" if place else str(name))
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from in_record(inner, f"{place}-{index}")
    elif isinstance(value, str):
        yield from ((place, url) for url in in_text(value.removeprefix(REFERENCE)))


def in_text(text: str) -> Iterator[str]:
    """The addresses in a text, without the punctuation after them."""
    for match in _IN_TEXT.finditer(text):
        yield match.group().rstrip(_AFTER)


def replaced(value: Any, replace: Callable[[str], str]) -> Any:
    """The same record with each address run through `replace`."""
    if isinstance(value, Mapping):
        return {name: replaced(inner, replace) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [replaced(inner, replace) for inner in value]
    if not isinstance(value, str):
        return value

    def swap(match: re.Match[str]) -> str:
        url = match.group().rstrip(_AFTER)
        return replace(url) + match.group()[len(url) :]

    return _IN_TEXT.sub(swap, value)
