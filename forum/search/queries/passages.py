"""Words marked where they were found, and the passage of a long text that says most of the query."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from forum.core.words import Token, tokens
from forum.search.models import Mark
from forum.search.queries.plan import Concept, Way

# Characters of a passage.
LONGEST = 260
# Sentences that make one, and what each after the first costs: of two that say the same, the shorter.
MOST_SENTENCES, COST = 3, 0.05
# Letters by which a sentence is chosen to be read closely: all forms and spellings of a word begin with them.
BEGINNING = 3
_FOREIGN = re.compile(r"[^\x00-\x7f]")
_SENTENCE = re.compile(r"[^\n.!?]*(?:[.!?]+(?=\s|$)|[.!?]+|\n|$)\s*")


class Bit(NamedTuple):
    """A stretch of text; `found`: it is what was looked for."""

    text: str
    found: bool


class Span(NamedTuple):
    """Where something is found, and which of the concepts it is."""

    start: int
    end: int
    concept: int


class Finder:
    """Finds in plain text what a query asks for."""

    def __init__(self, concepts: Sequence[Concept]) -> None:
        self.rarity = [concept.rarity for concept in concepts]
        # first word of a way -> the ways that begin with it, each with the number of its concept
        self.wanted: dict[str, list[tuple[Way, int]]] = {}
        self.begun: list[tuple[str, int]] = []
        for number, concept in enumerate(concepts):
            for way in (*concept.ways, *concept.parts):
                for one in _readable(way):
                    if one.prefix:
                        self.begun.append((one.words[0], number))
                    else:
                        self.wanted.setdefault(one.words[0], []).append((one, number))
        words = (*self.wanted, *(word for word, _number in self.begun))
        # 911 may be written 9-1-1, and US as U.S.
        starts = sorted({r"\W?".join(map(re.escape, word[:BEGINNING])) for word in words})
        # Nothing is taken up, so that of two that overlap both are found.
        self.beginning = re.compile(rf"\b(?={'|'.join(starts)})", re.IGNORECASE) if starts else None

    def spans(self, text: str) -> list[Span]:
        """All that is found, in order."""
        return [span for _sentence, spans in self._read(text) for span in spans]

    def _read(self, text: str) -> list[tuple[tuple[int, int], list[Span]]]:
        """Each sentence, and what is found in it. Read closely are those in which a word begins like one of ours."""
        begins = [match.start() for match in self.beginning.finditer(_plain(text))] if self.beginning else []
        read, at = [], 0
        for start, end in _sentences(text) if begins else ():
            first = at
            while at < len(begins) and begins[at] < end:
                at += 1
            read.append(((start, end), self._spans(text, start, end) if at > first else []))
        return read

    def _spans(self, text: str, start: int, end: int) -> list[Span]:
        sentence, found = text[start:end], []
        words: list[Token] = []
        wholes: list[Token] = []
        for token in tokens(sentence):
            (wholes if token.joined else words).append(token)
        for index, token in enumerate(words):
            for way, number in self.wanted.get(token.term, ()):
                run = words[index : index + len(way.words)]
                if tuple(one.term for one in run) == way.words:
                    if way.mark and not sentence[token.start : token.end].isupper():
                        continue
                    found.append(Span(start + token.start, start + run[-1].end, number))
            for prefix, number in self.begun:
                if token.term.startswith(prefix):
                    found.append(Span(start + token.start, start + token.end, number))
        for token in wholes:
            for way, number in self.wanted.get(token.term, ()):
                if len(way.words) == 1:
                    found.append(Span(start + token.start, start + token.end, number))
        return sorted(found)

    def finds_all(self, text: str) -> bool:
        """Whether every concept is in it."""
        return len({span.concept for span in self.spans(text)}) == len(self.rarity)

    def marked(self, text: str) -> list[Bit]:
        """All of a text, with what is found marked."""
        return list(_bits(text, 0, len(text), self.spans(text)))

    def passage(self, text: str) -> list[Bit]:
        """The sentences in a row that say most of the query, marked; nothing where nothing is said."""
        read = self._read(text)
        sentences, spans = [sentence for sentence, _spans in read], [spans for _sentence, spans in read]
        best, best_value = (0, 0), 0.0
        for first in range(len(sentences)):
            if not spans[first]:
                continue
            said: set[int] = set()
            for last in range(first, min(first + MOST_SENTENCES, len(sentences))):
                begins, ends = sentences[first][0], sentences[last][1]
                if last > first and (ends - begins > LONGEST or "\n" in text[begins : sentences[last][0]]):
                    break
                said |= {span.concept for span in spans[last]}
                value = sum(self.rarity[number] for number in said) - COST * (last - first)
                if value > best_value:
                    best, best_value = (first, last), value
        if not best_value:
            return []
        first, last = best
        found = [span for group in spans[first : last + 1] for span in group]
        return _cut(text, sentences[first][0], sentences[last][1], found)


def _readable(way: Way) -> Iterator[Way]:
    """What of a way can be seen in a text: each word where they stand apart; of the marks, common words in capitals."""
    if way.apart:
        yield from (Way((word,)) for word in way.words)
    elif not way.mark:
        yield way
    elif way.words[0].startswith(Mark.CAPITALS):
        yield Way((way.words[0].removeprefix(Mark.CAPITALS),), mark=True)


def _plain(text: str) -> str:
    """A text without accents, letter for letter, for a first look."""
    return _FOREIGN.sub(lambda letter: unicodedata.normalize("NFD", letter[0])[0], text)


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each sentence or line."""
    return (match.span() for match in _SENTENCE.finditer(text) if match.end() > match.start())


def _cut(text: str, start: int, end: int, found: Sequence[Span]) -> list[Bit]:
    """What stands between two places, at most LONGEST of it, with an ellipsis where something is left out."""
    whole_end = end = start + len(text[start:end].rstrip())
    begin = start
    if end - start > LONGEST:
        begin = max(start, min(found[0].start - LONGEST // 4, end - LONGEST))
        if begin > start:
            begin = text.find(" ", begin, found[0].start) + 1 or begin
        if begin + LONGEST < end:
            end = max(text.rfind(" ", begin, begin + LONGEST), found[0].end)
    bits = _bits(text, begin, end, [span for span in found if span.start >= begin and span.end <= end])
    before = [Bit("… ", found=False)] if text[:begin].strip() else []
    after = [Bit(" …", found=False)] if end < whole_end else []
    return [*before, *bits, *after]


def _bits(text: str, start: int, end: int, found: Iterable[Span]) -> Iterator[Bit]:
    """The text between two places in stretches; what is found and overlaps becomes one."""
    merged: list[list[int]] = []
    for span in sorted(found):
        if merged and span.start < merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], span.end)
        else:
            merged.append([span.start, span.end])
    at = start
    for begins, ends in merged:
        if begins > at:
            yield Bit(text[at:begins], found=False)
        yield Bit(text[begins:ends], found=True)
        at = ends
    if at < end:
        yield Bit(text[at:end], found=False)
