"""From a query to what is looked for: what it is narrowed by, what each word means, and what else says the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, exists, func, not_, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from forum.accounts.models import Organisation
from forum.case_studies.models import Party
from forum.core import clock
from forum.core.format import day, number
from forum.core.i18n import gettext as _
from forum.core.words import folded, term, terms
from forum.places.models import Place, country_name
from forum.places.queries import areas, region_name
from forum.posts.models import Post
from forum.search.engines import Expression, Phrase, Word, every, some
from forum.search.models import ENTRY_KINDS, Entry, Mark
from forum.search.queries.language import COMMON, Piece, Query, capitals
from forum.search.queries.plan import Concept, Part, Plan, Way
from forum.search.queries.vocabulary import (
    SHORTEST,
    ServiceWords,
    Vocabulary,
    corrections,
    phrase,
    read_vocabulary,
)

# What other words are worth beside those that were typed: synonyms that curators keep, the service that is meant,
# what else that service is called, words that belong together standing apart, one that is only begun, one that is
# written as two.
SYNONYM, SERVICE, KINDRED, APART, PREFIX, JOINED = 0.7, 0.8, 0.5, 0.85, 0.7, 0.9
# A part of a group of words ("fire" of "fire department") is worth at most so much of the whole.
PARTIAL = 0.6
# A place is what people mean most exactly.
PLACE_STRESS = 1.3
# A common word inside a group of words (the "on" of "meals on wheels") tells this much.
FILLING = 1.0
# The name of a service tells at least this much, however common its words ("IT services"): some 3 of a hundred
# posts are about it.
TOPIC, TRADE = 3.5, 2.5
# How far back "since" can reach.
MOST_YEARS = 60
# As many other words are told of.
MOST_ALSO = 6


class Said(NamedTuple):
    """One word of the query in its place."""

    term: str
    written: str
    piece: Piece
    capitals: bool

    @property
    def common(self) -> bool:
        """Whether it only holds the sentence together."""
        return self.term in COMMON and not self.capitals


class Meaning(NamedTuple):
    """What else some words mean. `service`: the one that they name, where they name it exactly."""

    ways: tuple[Way, ...]
    also: tuple[str, ...]
    service: ServiceWords | None = None


Group = tuple[list[Said], list[Meaning]]


def plan(query: Query) -> Plan:
    """Read a query. One statement."""
    said = _said(query.words)
    looked_up = {token.term for piece in query.words for token in piece.tokens}
    doubtful = {
        word.term: folded(word.written)
        for word in said
        if not word.common and len(word.term) >= SHORTEST and word.term.isascii() and word.term.isalpha()
    }
    people = [piece.value for piece in query.pieces if piece.field == "by"]
    vocabulary = read_vocabulary(sorted(looked_up), doubtful, people)
    names = {slug: service.name for slug, service in vocabulary.services.items()}
    made = Plan(query, seq=vocabulary.seq, names=names)
    for piece in query.pieces:
        _narrow(made, piece, vocabulary)
    _understand(made, said, vocabulary)
    return made


def _said(pieces: Sequence[Piece]) -> list[Said]:
    """The words of what is not in quotes, one after the other."""
    meant = capitals(pieces)
    found = []
    for piece in pieces:
        for token in piece.tokens if not piece.phrase else ():
            if not token.joined:
                written = piece.value[token.start : token.end]
                found.append(
                    Said(token.term, written, piece, meant and len(written) > 1 and written.isupper())
                )
    return found


# --- What the query is narrowed by


def _narrow(made: Plan, piece: Piece, vocabulary: Vocabulary) -> None:
    """Take in a piece that is no plain word, and put every piece into words."""
    without = {piece.param: ""} if piece.param else {"q": made.query.without(piece)}
    expression, words = _narrowing(piece, vocabulary)
    if piece.field == "since" and piece.day and piece.day.day > 1:
        # The index knows months; within the first of them the day is looked at.
        start = datetime.combine(piece.day, time(), UTC)
        made.where.append(Entry.created_at < start if piece.negative else Entry.created_at >= start)
    if piece.field == "size" and piece.people:
        fits = _of_size(*piece.people)
        made.where.append(not_(fits) if piece.negative else fits)
    if expression is not None:
        (made.unwanted if piece.negative else made.narrowed).append(expression)
        if piece.phrase and not piece.negative:
            rarity = sum(vocabulary.rarity(word) for word in terms(piece.value))
            made.concepts.append(Concept(piece.value, rarity, (Way(tuple(terms(piece.value))),)))
    elif piece.common:
        return
    made.parts.append(Part(_("not %(words)s") % {"words": words} if piece.negative else words, without))


def _narrowing(piece: Piece, vocabulary: Vocabulary) -> tuple[Expression | None, str]:
    """What every result must have by this piece, None for a plain word; and the piece in words."""
    words = tuple(terms(piece.value)) or tuple(token.term for token in piece.tokens)
    match piece.field:
        case "kind":
            is_one: list[Expression] = [Word(Mark.KIND + piece.kind)]
            return some(is_one + _called_so(piece, words)), ENTRY_KINDS.label(piece.kind)
        case "service":
            services = services_called(piece.value, vocabulary)
            if services:
                names = ", ".join(service.name for service in services)
                marks = some(Word(Mark.SERVICE + service.slug) for service in services)
                return marks, _("about %(services)s") % {"services": names}
            return every(Word(word) for word in words), _("about “%(words)s”") % {"words": piece.value}
        case "place":
            return _placed(piece, words)
        case "size":
            return None, _size_in_words(*(piece.people or (0, None)))
        case "party":
            named = every(Word(Mark.PARTY + word) for word in words)
            return named, _("with %(party)s as a party") % {"party": piece.value}
        case "by":
            ids = vocabulary.people.get(piece.value, [])
            writers: list[Expression] = [Word(f"{Mark.AUTHOR}{id_}") for id_ in ids]
            writers.append(every(Word(Mark.PUBLISHER + word) for word in words))
            return some(writers), _("by %(name)s") % {"name": piece.value}
        case "since":
            since = _written_since(piece.day or clock.today(), not_in_its_month=piece.negative)
            return since, _("since %(day)s") % {"day": _day_in_words(piece)}
    quoted = _("“%(words)s”") % {"words": piece.value.strip(".,;:?!*")}
    if piece.phrase or (piece.negative and len(words) > 1):
        return Phrase(words) if len(words) > 1 else Word(words[0]), quoted
    return (Word(words[0], piece.prefix), quoted) if piece.negative else (None, quoted)


def _written_since(start: date, *, not_in_its_month: bool) -> Expression:
    """Written in the month of this day or later; without that month where only a part of it is meant."""
    first = start.month + (1 if not_in_its_month and start.day > 1 else 0)
    months = [f"{start.year}-{month:02}" for month in range(first, 13) if first > 1]
    # Nothing is older than a lifetime, and nothing was written after this year.
    begins = max(start.year + (first > 1), clock.today().year - MOST_YEARS)
    years = range(begins, clock.today().year + 1)
    marks = [Mark.MONTH + month for month in months] + [f"{Mark.YEAR}{year}" for year in years]
    return some(Word(mark) for mark in marks or [f"{Mark.YEAR}none"])


def _day_in_words(piece: Piece) -> str:
    return day(piece.day) if piece.value.count("-") == 2 else piece.value


def _called_so(piece: Piece, words: Sequence[str]) -> list[Expression]:
    """Said in plain words, it may stand in the title as well: "Case studies for ...", "... in Pennsylvania"."""
    return [every(Word(Mark.TITLE + word) for word in words)] if piece.said else []


def _of_size(least: int, most: int | None) -> ColumnElement[bool]:
    """About a place with so many people, or with a party of that size; what nobody told is the gazetteer's to say."""

    def fits(*people: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
        told = func.coalesce(*people) if len(people) > 1 else people[0]
        return told >= least if most is None else told.between(least, most)

    about = exists().where(Post.id == Entry.post_id, fits(Post.place_population))
    its = (
        select(Party.id)
        .outerjoin(Organisation, Organisation.id == Party.organisation_id)
        .outerjoin(Place, Place.id == Organisation.place_id)
        .where(Party.case_id == Entry.post_id)
    )
    return or_(about, its.where(fits(Party.population, Place.population)).correlate(Entry).exists())


def _size_in_words(least: int, most: int | None) -> str:
    if most is None:
        return _("in places of at least %(n)s people") % {"n": number(least)}
    if not least:
        return _("in places of at most %(n)s people") % {"n": number(most)}
    return _("in places of %(least)s to %(most)s people") % {"least": number(least), "most": number(most)}


def _placed(piece: Piece, words: Sequence[str]) -> tuple[Expression, str]:
    """Within a region or country of this name, or about a place of it."""
    value = piece.value
    found = areas(value)
    marks: list[Expression] = [
        Word(Mark.AREA + (area.region_code or area.country).casefold()) for area in found
    ]
    marks.append(every(Word(Mark.PLACE + word) for word in words))
    marks += _called_so(piece, words)
    names = {region_name(area.region_code) or country_name(area.country) for area in found}
    name = names.pop() if len(names) == 1 else value
    return some(marks), _("in %(place)s") % {"place": name}


def services_called(value: str, vocabulary: Vocabulary) -> list[ServiceWords]:
    """The services with this slug; or else of this name; or with such a name in theirs; or one that begins so, or
    has these words."""
    if value in vocabulary.services:
        return [vocabulary.services[value]]
    wanted = phrase(value)
    tests: tuple[Callable[[ServiceWords], bool], ...] = (
        lambda service: any(phrase(name) == wanted for name in (service.name, *service.synonyms)),
        lambda service: any(phrase(name) == wanted for name in service.names),
        lambda service: any(phrase(name)[: len(wanted)] == wanted for name in service.names),
        lambda service: any(set(wanted) <= set(phrase(name)) for name in (service.name, *service.synonyms)),
    )
    for fits in tests if wanted else ():
        if found := [service for service in vocabulary.services.values() if fits(service)]:
            return found
    return []


# --- What the words mean


def _understand(made: Plan, said: Sequence[Said], vocabulary: Vocabulary) -> None:
    """Make concepts of the words, correcting those that nobody wrote."""
    groups = _grouped(said, vocabulary)
    corrected = [
        word
        for index, (group, meanings) in enumerate(groups)
        for word in (group if meanings else [_correct(made, group[0], vocabulary, index == len(groups) - 1)])
    ]
    if made.corrected:
        # "dispach center" was two words; now it may be the name of a service.
        groups = _grouped(corrected, vocabulary)
    if not made.concepts and all(not meanings and group[0].common for group, meanings in groups):
        # Nothing but common words: then they are what is meant.
        made.concepts += [Concept(word.written, 1.0, (Way((word.term,)),)) for word in said]
        return
    also: dict[str, None] = {}
    for group, meanings in groups:
        if not meanings and group[0].common:
            continue
        concept = _concept(made, group, meanings, vocabulary)
        if concept is None:
            made.unknown.append(group[0].written)
            continue
        made.concepts.append(concept)
        for meaning in meanings:
            also |= dict.fromkeys(meaning.also)
            if meaning.service and meaning.service not in made.services:
                made.services.append(meaning.service)
    typed = {phrase(concept.typed) for concept in made.concepts}
    made.also = [words for words in also if phrase(words) not in typed][:MOST_ALSO]
    _join_neighbors(made)


def _grouped(said: Sequence[Said], vocabulary: Vocabulary) -> list[Group]:
    """The words, with those together that mean one thing: the longest name first."""
    line = tuple(word.term for word in said)
    runs = {line[at:to] for at in range(len(line)) for to in range(at + 1, len(line) + 1)}
    meanings = _meanings(runs, vocabulary)
    groups: list[Group] = []
    at = 0
    while at < len(line):
        lengths = range(len(line) - at, 0, -1)
        length = next((n for n in lengths if line[at : at + n] in meanings), 1)
        if length == 1 and said[at].common:
            groups.append(([said[at]], []))
        else:
            groups.append((list(said[at : at + length]), meanings.get(line[at : at + length], [])))
        at += length
    return groups


def _meanings(runs: set[tuple[str, ...]], vocabulary: Vocabulary) -> Mapping[tuple[str, ...], list[Meaning]]:
    """Those of these runs of words that mean something more: to the services, and to the curators."""
    found: dict[tuple[str, ...], list[Meaning]] = {}
    for service in vocabulary.services.values():
        exact = (service.name, *service.synonyms)
        for name in (*service.names, *service.synonyms):
            key = phrase(name)
            if key not in runs or any(meaning.service is service for meaning in found.get(key, ())):
                continue
            mark = Way((Mark.SERVICE + service.slug,), SERVICE, mark=True)
            if name not in exact:
                found.setdefault(key, []).append(Meaning((mark,), ()))
                continue
            others = [other for other in service.synonyms if phrase(other) not in ((), key)]
            ways = (mark, *(Way(phrase(other), KINDRED) for other in others))
            found.setdefault(key, []).append(Meaning(ways, tuple(others), service))
    for group in vocabulary.groups:
        for name in group:
            key = phrase(name)
            if key in runs:
                others = [other for other in group if phrase(other) not in ((), key)]
                ways = tuple(Way(phrase(other), SYNONYM) for other in others)
                found.setdefault(key, []).append(Meaning(ways, tuple(others)))
    return found


def _correct(made: Plan, word: Said, vocabulary: Vocabulary, is_last: bool) -> Said:
    """The word, or what it was meant to be where no post has it."""
    near = vocabulary.near.get(word.term, ())
    typed = folded(word.written)
    if not near or (is_last and any(other.startswith(typed) for other in near)):
        return word  # known, or not finished yet
    best = corrections(typed, near, vocabulary.trade)
    if not best:
        return word
    made.corrected[word.term] = best[0]
    meant = term(best[0])
    # How rare it is was not asked for: neither rare nor common.
    vocabulary.counts.setdefault(meant, max(1.0, vocabulary.total / 30))
    return word._replace(term=meant, written=best[0], capitals=False)


def _concept(
    made: Plan, group: Sequence[Said], meanings: Sequence[Meaning], vocabulary: Vocabulary
) -> Concept | None:
    """What a group of words asks for; None for a word that nothing has."""
    words = tuple(word.term for word in group)
    typed = " ".join(word.written for word in group)
    rarities = [FILLING if word.term in COMMON else vocabulary.rarity(word.term) for word in group]
    rarity = sum(rarities) or 1.0
    telling = tuple(dict.fromkeys(word.term for word in group if word.term not in COMMON))
    ways = [Way(words, prefix=group[-1].piece.prefix and len(words) == 1)]
    if len(telling) > 1:
        ways.append(Way(telling, APART, apart=True))
    parts = [
        Way((word.term,), PARTIAL * one / rarity)
        for word, one in zip(group, rarities, strict=True)
        if word.term in telling and len(words) > 1
    ]
    if len(words) == 1 and not telling:
        ways = [Way((Mark.CAPITALS + words[0],), mark=True)]
    elif len(words) == 1 and not vocabulary.knows(words[0]):
        ways += _begun(group[0], vocabulary)
    if named := areas(typed) if len(typed) > 3 or all(word.capitals for word in group) else []:
        rarity *= PLACE_STRESS
        codes = [(area.region_code or area.country).casefold() for area in named]
        ways += [Way((Mark.AREA + code,), mark=True) for code in codes]
    for meaning in meanings:
        ways += meaning.ways
    if len(ways) == 1 and len(words) == 1 and telling and not vocabulary.knows(words[0]):
        return None
    if meanings and (len(words) > 1 or not telling):
        rarity = max(rarity, TOPIC if any(meaning.service for meaning in meanings) else TRADE)
    elif not any(vocabulary.knows(word) for word in words):
        rarity = min(rarity, TOPIC)
    best: dict[tuple[tuple[str, ...], bool, bool], Way] = {}
    for way in ways:
        key = (way.words, way.prefix, way.apart)
        if key not in best or way.weight > best[key].weight:
            best[key] = way
    share = min(vocabulary.counts.get(word, 0) for word in words) / max(vocabulary.total, 1)
    return Concept(typed, rarity, tuple(best.values()), tuple(parts), share)


def _begun(word: Said, vocabulary: Vocabulary) -> list[Way]:
    """A word that nothing has may be the beginning of one."""
    typed = folded(word.written)
    if any(other.startswith(typed) for other in vocabulary.near.get(word.term, ())):
        return [Way((typed,), PREFIX, prefix=True)]
    return []


def _join_neighbors(made: Plan) -> None:
    """ "Waste water" is also "wastewater": of two words in a row, each may be said by both written as one."""
    for index, (one, other) in enumerate(zip(made.concepts, made.concepts[1:], strict=False)):
        if all(len(way.words) == 1 and not way.mark for way in (one.ways[0], other.ways[0])):
            joined = Way((term(one.typed + other.typed),), JOINED)
            for at, concept in ((index, made.concepts[index]), (index + 1, other)):
                made.concepts[at] = replace(concept, ways=(*concept.ways, joined))
