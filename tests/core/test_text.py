"""Slugs, keys and folded text."""

import sys
import unicodedata
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.core.text import clean, compare_key, first_free, fold, slugify


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Two towns, one paving crew", "two-towns-one-paving-crew"),
        ("Réseau de l'Île-d'Orléans", "reseau-de-l-ile-d-orleans"),
        ("911 / PSAP: who pays?", "911-psap-who-pays"),
        ("東京", "untitled"),
        ("", "untitled"),
    ],
)
def test_a_title_becomes_a_slug_that_can_be_read(title: str, slug: str) -> None:
    assert slugify(title) == slug


def test_a_long_title_is_cut_between_words() -> None:
    slug = slugify("shared services " * 20)
    assert len(slug) <= 80
    assert slug.endswith(("shared", "services"))


@given(st.text())
def test_any_text_has_a_slug_and_it_is_stable(text: str) -> None:
    slug = slugify(text)
    assert slug
    assert len(slug) <= 80
    assert slugify(slug) == slug


@given(st.text())
def test_folded_text_is_one_line_and_stays_as_it_is(text: str) -> None:
    once = fold(text)
    assert fold(once) == once
    assert "\n" not in once
    assert "\x00" not in once


def test_cleaned_text_keeps_its_lines_and_loses_control_characters() -> None:
    assert clean(" one\r\ntwo\x00\r\n") == "one\ntwo"


def test_what_is_no_letter_is_known_as_unicode_knows_it() -> None:
    each = [(c, unicodedata.category(c)) for c in map(chr, range(sys.maxunicode + 1))]
    control = {c for c, category in each if category in ("Cc", "Cs")}
    blank = control | {c for c, category in each if category in ("Zs", "Zl", "Zp")}
    assert {c for c, _category in each if fold(f"a{c}b") == "a b"} == blank
    assert {c for c, _category in each if clean(f"a{c}b") in ("ab", "a\nb") and c != "\n"} == control - {
        "\t",
        "\n",
    }


def test_two_spellings_of_a_name_have_one_key() -> None:
    assert compare_key("St. Paul’s  CITY") == compare_key("st paul s city")
    assert compare_key("Québec") == compare_key("Quebec")


def test_the_first_name_that_is_free_is_given_however_many_are_taken() -> None:
    used = {"town", *(f"town-{n}" for n in range(2, 50))}
    asked: list[int] = []

    def taken(slugs: Sequence[str]) -> set[str]:
        asked.append(len(slugs))
        return used & set(slugs)

    assert first_free("town", taken) == "town-50"
    assert max(asked) <= 20
    assert first_free("village", taken) == "village"
