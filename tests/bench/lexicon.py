"""Made-up words as frequent as those of a language: few stand everywhere, most nearly nowhere (Zipf).

No language has them, so a text can be made another one by putting other words of the lexicon in the place of its own:
rendered, stemmed or typed, each has the same letters everywhere, and no form but this one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import accumulate
from random import Random

# Words of texts, and of titles.
N_WORDS, N_TITLE_WORDS = 20_000, 6_000
# What takes the place of a word is as long as it, so that what was cut off stays cut off there.
LENGTHS = (5, 6, 7, 8)
TITLE_LENGTH = 7
# How much rarer each next word is: 1 / (rank + FLAT), as in English.
FLAT = 2.7
# Last letters: few words and names end so, and none is cut down to that by stemming.
LAST, LAST_IN_TITLE = "jz", "q"
WORD = re.compile(rf"\b[a-z]{{4,7}}[{LAST}{LAST_IN_TITLE}]\b")


class Lexicon:
    """All words, the frequent ones first, by their length; and those of titles, all as frequent."""

    def __init__(self) -> None:
        chance = Random(1)
        each = N_WORDS // len(LENGTHS)
        self.words = {length: list(_made_up(length, LAST, each, chance)) for length in LENGTHS}
        self.titles = list(_made_up(TITLE_LENGTH, LAST_IN_TITLE, N_TITLE_WORDS, chance))
        self._weights = list(accumulate(1 / (rank + FLAT) for rank in range(each)))
        self.length_of = {word: length for length, words in self.words.items() for word in words}
        self.title_places = {word: place for place, word in enumerate(self.titles)}

    def draw(self, chance: Random, length: int = 0) -> str:
        """A word of a text."""
        words = self.words[length or chance.choice(LENGTHS)]
        return chance.choices(words, cum_weights=self._weights)[0]

    def draw_for_title(self, chance: Random) -> str:
        """A word of a title."""
        return chance.choice(self.titles)


@cache
def lexicon() -> Lexicon:
    """The one that there is."""
    return Lexicon()


def _made_up(length: int, last: str, count: int, chance: Random) -> Iterator[str]:
    """Words that can be pronounced, in an order of chance."""
    letters = ["bcdfglmnprst" if (length - place) % 2 else "aeiou" for place in range(length - 1)]
    seen: set[str] = set()
    while len(seen) < count:
        word = "".join(map(chance.choice, letters)) + chance.choice(last)
        if word not in seen:
            seen.add(word)
            yield word


class Rewording:
    """Makes the texts of one copy others than those of the original; copy 0 is the original itself.

    Titles are the same wherever they are named in this copy; the words of a text are drawn anew for each `owner`,
    and are the same in all that is made of it: its source, its HTML, its versions, its index.
    """

    def __init__(self, copy: int) -> None:
        self.copy = copy
        self._owners: dict[object, _Drawn] = {}

    def __call__(self, owner: object, text: str) -> str:
        """This text of this owner in other words."""
        if not self.copy:
            return text
        drawn = self._owners.get(owner)
        if drawn is None:
            drawn = self._owners[owner] = _Drawn(self, owner)
        return WORD.sub(lambda match: drawn[match[0]], text)


class _Drawn(dict[str, str]):
    """word -> the one in its place. No two words are replaced by the same."""

    def __init__(self, rewording: Rewording, owner: object) -> None:
        super().__init__()
        self._rewording = rewording
        self._chance = Random(f"{rewording.copy} {owner}")
        self._used: set[str] = set()

    def __missing__(self, word: str) -> str:
        known = lexicon()
        if word in known.title_places:
            # Each copy goes on by one: no two copies give a title the same words.
            other = known.titles[(known.title_places[word] + self._rewording.copy) % len(known.titles)]
        elif word in known.length_of:
            other = known.draw(self._chance, known.length_of[word])
            while other in self._used:
                other = known.draw(self._chance, known.length_of[word])
            self._used.add(other)
        else:
            other = word
        self[word] = other
        return other
