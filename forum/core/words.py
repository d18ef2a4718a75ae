"""The words of a text as search compares them: folded, spelled one way, cut down to their stems.

Done here and not by the database, so that SQLite and PostgreSQL find the same things.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import snowballstemmer

# Nobody looks for longer ones; what is longer is an address or noise.
LONGEST = 40
# Letters and digits, with what belongs inside a word: 9-1-1, U.S., 12,500, town's, co-op.
_PART = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_WORD = re.compile(
    r"(\d(?:-\d){2,}(?!\d)|(?:[^\W\d_]\.){2,}|\d{1,3}(?:,\d{3})+(?!\d))"
    rf"|{_PART.pattern}((?:-{_PART.pattern})*)"
)
# One spelling for words that English has two of; the American one, since most of what is here is American.
_TWINS = dict(
    pair.split(":")
    for pair in """
    aeroplane:airplane behaviour:behavior catalogue:catalog centre:center centres:centers centred:centered
    cheque:check cheques:checks colour:color cosy:cozy councillor:councilor councillors:councilors
    defence:defense dialogue:dialog enrol:enroll enrolment:enrollment favour:favor fibre:fiber fulfil:fulfill
    grey:gray harbour:harbor harbours:harbors honour:honor instalment:installment judgement:judgment kerb:curb
    kerbside:curbside labour:labor licence:license licences:licenses litre:liter manoeuvre:maneuver
    metre:meter metres:meters mould:mold neighbour:neighbor neighbours:neighbors neighbouring:neighboring
    neighbourhood:neighborhood neighbourhoods:neighborhoods offence:offense organise:organize
    organised:organized organising:organizing plough:plow ploughs:plows ploughing:plowing practise:practice
    programme:program programmes:programs rumour:rumor skilful:skillful storey:story sulphur:sulfur
    theatre:theater theatres:theaters travelling:traveling tyre:tire tyres:tires vapour:vapor
    """.split()
)
# Letters that do not come apart into a plain one and an accent.
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
_ISATION = re.compile(r"(?<=[a-z]{3})isation(?=s?$)")


class Token(NamedTuple):
    """One word of a text, where it stands there, and its term. `joined`: a hyphenated word taken as one."""

    start: int
    end: int
    term: str
    joined: bool = False


def folded(word: str) -> str:
    """A word as typed, without case, accents, apostrophes and possessive."""
    plain = unicodedata.normalize("NFKD", word.casefold().replace("’", "'").translate(_PLAIN))
    plain = plain.removesuffix("'s").removesuffix("'")
    return "".join(c for c in plain if c.isalnum())[:LONGEST]


_stemmers = threading.local()


@lru_cache(maxsize=100_000)
def term(word: str) -> str:
    """What all forms and spellings of a word have in common; "" if it has neither letters nor digits."""
    plain = folded(word)
    plain = _ISATION.sub("ization", _TWINS.get(plain, plain))
    if len(plain) < 3 or not plain.isascii() or not plain.isalpha():
        return plain
    # A stemmer holds the word that it works on, so no two threads may share one.
    stemmer = getattr(_stemmers, "english", None)
    if stemmer is None:
        stemmer = _stemmers.english = snowballstemmer.stemmer("english")
        stemmer.maxCacheSize = 0  # It would remember words too, in each thread.
    return str(stemmer.stemWord(plain))


def tokens(text: str) -> Iterator[Token]:
    """The words of a text in order. After the parts of "co-op" comes the whole, "coop", as `joined`."""
    for match in _WORD.finditer(text):
        start, end = match.span()
        if match[1] or not match[2]:
            if found := term(match[0]):
                yield Token(start, end, found)
            continue
        for part in _PART.finditer(match[0]):
            if found := term(part[0]):
                yield Token(start + part.start(), start + part.end(), found)
        if found := term(match[0]):
            yield Token(start, end, found, joined=True)


def terms(text: str) -> list[str]:
    """The terms of a text in order, without joined ones."""
    return [token.term for token in tokens(text) if not token.joined]
