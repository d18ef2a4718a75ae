"""What plain words narrow a search by: "cases about dispatch in Ohio, in towns of 5,000 to 25,000 people"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from forum.places.queries import areas

_MANY = {"k": 1_000, "thousand": 1_000, "m": 1_000_000, "million": 1_000_000}
# Taken whole: of "50,000" the "50" is no number.
_NUMBER = r"\d++(?:,\d{3})*+(?:\.\d++)?+(?:\s?(?:k|thousand|m|million)\b)?+"
_RANGE = rf"(?:between\s+|from\s+)?(?P<least>{_NUMBER})\s*(?:to|and|-)\s*(?P<most>{_NUMBER})"
_UNDER = (
    r"(?:(?:under|below|(?:less|fewer|smaller|no\s+more)\s+than|up\s+to|at\s+most)\s+|<\s*)"
    rf"(?P<under>{_NUMBER})"
)
_OVER = (
    rf"(?:(?:over|above|(?:more|larger|bigger)\s+than|at\s+least)\s+|>\s*)(?P<over>{_NUMBER})"
    rf"|(?P<more>{_NUMBER})(?:\+|\s+or\s+more\b)"
)
_ABOUT = rf"(?:(?:about|around|roughly|some)\s+|~\s*)?(?P<about>{_NUMBER})"
_SIZE = re.compile(f"{_RANGE}|{_UNDER}|{_OVER}|{_ABOUT}", re.IGNORECASE)
_PEOPLE = r"(?:people|residents|inhabitants|citizens|population)"
_PLACES = (
    r"(?:places?|towns?|city|cities|villages?|communit(?:y|ies)|municipalit(?:y|ies)|count(?:y|ies)|townships?"
    r"|boroughs?|districts?|jurisdictions?)"
)


def _unnamed(pattern: str) -> str:
    return re.sub(r"\?P<\w+>", "?:", pattern)


_LIMITS = _unnamed(f"(?:{_RANGE}|{_UNDER}|{_OVER})")
_ANY_SIZE = _unnamed(f"(?:{_SIZE.pattern})")
_OF = r"(?:(?:in|for|of|from)\s+)?(?:(?:an?|the|other|small|smaller)\s+)*"
_WITH = r"(?:(?:of|with|having)\s+)?(?:a\s+)?(?:population\s+(?:of\s+)?)?"
# Read from the fullest to the barest. "County 911" is no size: one number alone says "of" or "people".
_SIZED = tuple(
    re.compile(rf"(?<!\S){pattern}(?=[\s,.;?!)\0]|$)", re.IGNORECASE)
    for pattern in (
        rf"{_OF}(?:{_PLACES}\s+)?{_WITH}(?P<size>{_ANY_SIZE})\s+{_PEOPLE}",
        rf"{_OF}{_PLACES}\s+{_WITH}(?P<size>{_LIMITS})",
        rf"{_OF}{_PLACES}\s+of\s+(?P<size>{_ANY_SIZE})",
        rf"(?:(?:with|of)\s+)?(?:a\s+)?population\s+(?:of\s+)?(?P<size>{_ANY_SIZE})",
        rf"(?P<size>{_unnamed(f'{_UNDER}|{_OVER}')})(?=\s*[,.;?!\0]|\s*$|\s+(?:in|with|for|that|about)\b)",
    )
)
# Fewer people are a number of something else, and so is what may be a year.
FEWEST, _YEAR = 100, re.compile(r"\D*(?:19|20)\d\d(?!,?\d)\D*(?:(?:19|20)\d\d)?\D*")
# Who names one size means places like it: from the half of it to twice as many people.
LIKE = 2

_IN = re.compile(
    r"(?<!\S)(?:in|from|within|across)\s+(?:the\s+)?(?:state\s+of\s+)?(?=[^\W\d_])", re.IGNORECASE
)
# Words in the name of an area, and what stands behind one that is not all that is meant.
_WORD = re.compile(r"[^\W\d_][\w.'’-]*")
LONGEST_AREA = 5
_GOES_ON = re.compile(r"\s*,?\s+(?:and|or)\b|\s*/", re.IGNORECASE)

_STUDIES = r"case\s+stud(?:y|ies)"
_KIND = (
    # At the start, where it goes on as people ask for something: not "questions to ask", "cases of beer".
    re.compile(
        r"^\s*(?:(?:any|all|find|show|me|other|good|examples?|of)\s+)*"
        rf"(?P<kind>{_STUDIES}|cases|questions|guides)"
        r"(?:\s+(?:about|on|of|for|regarding|involving)(?=\s)|(?=\s*(?:\0|$)|\s+(?:in|from|where|with|between)\s))",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?<=\S\s)(?<!court\s)(?P<kind>{_STUDIES}|cases|questions|guides)(?=\s*[?.!]*\s*(?:\0|$))",
        re.IGNORECASE,
    ),
    re.compile(rf"(?<!\S)(?P<kind>{_STUDIES})(?:\s+(?:about|on|of|for)(?=\s))?(?!\S)", re.IGNORECASE),
)  # fmt: skip
# What is quoted or has a field is not read so.
_TYPED = re.compile(r'"[^"]*"?|[a-zA-Z]+:\s*\S+|(?<!\S)-\S+')


class Saying(NamedTuple):
    """Words from `start` to `end` of a line that narrow the search by a field, and its value."""

    start: int
    end: int
    field: str
    value: str


def sayings(line: str) -> list[Saying]:
    """What narrows the search, in the order in which it stands in the line."""
    left = _TYPED.sub(lambda typed: "\x01" * len(typed[0]), line.replace("\0", " "))
    found: list[Saying] = []
    for look_for in (_sizes, _areas, _kinds):
        for saying in look_for(left):
            found.append(saying)
            left = left[: saying.start] + "\0" * (saying.end - saying.start) + left[saying.end :]
    return sorted(found)


def people(text: str) -> tuple[int, int | None] | None:
    """The least and the most people that a size names, None for no limit; None for what is no size."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        return None
    given = {name: _number(value) for name, value in match.groupdict().items() if value}
    if "about" in given:
        return given["about"] // LIKE, given["about"] * LIKE
    if "least" in given:
        least, most = given["least"], given["most"]
        # "5 to 25,000" leaves the thousands to the second number.
        return (least * 1_000 if least < FEWEST and most >= 1_000 else least), most
    return given.get("over", given.get("more", 0)), given.get("under")


def _number(written: str) -> int:
    digits = re.match(r"[\d,]+(?:\.\d+)?", written)
    unit = written[digits.end() :].strip().lower() if digits else ""
    # No place has more people, and no database holds larger numbers.
    return int(min(float(digits[0].replace(",", "")) * _MANY.get(unit, 1), 10**9)) if digits else 0


def _sizes(line: str) -> Iterator[Saying]:
    for pattern in _SIZED:
        if match := pattern.search(line):
            size = match["size"]
            limits = people(size)
            year = _YEAR.fullmatch(size) and not match[0].lower().endswith(
                ("people", "residents", "population")
            )
            if limits and max(filter(None, limits), default=0) >= FEWEST and not year:
                yield Saying(match.start(), match.end(), "size", size)
                return


def _areas(line: str) -> Iterator[Saying]:
    for match in _IN.finditer(line):
        words: list[re.Match[str]] = []
        for word in _WORD.finditer(line, match.end()):
            if line[words[-1].end() if words else match.end() : word.start()].strip(" "):
                break
            words.append(word)
            if len(words) == LONGEST_AREA:
                break
        for last in reversed(words):
            end = last.end() - (last[0][-1] in ".'’-")
            name = line[match.end() : end]
            if _is_area(name) and not _GOES_ON.match(line, end):
                yield Saying(match.start(), end, "place", name)
                return


def _is_area(name: str) -> bool:
    """Whether a region or country is called so. Two letters are the code of a region, in capitals: IT is not Italy."""
    found = areas(name)
    return bool(found) if len(name) > 3 else name.isupper() and any(area.region_code for area in found)


def _kinds(line: str) -> Iterator[Saying]:
    for pattern in _KIND:
        if match := pattern.search(line):
            yield Saying(match.start("kind"), match.end(), "kind", match["kind"])
            return
