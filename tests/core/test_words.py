"""Words as search compares them."""

import re
import threading

import pytest
import snowballstemmer
from snowballstemmer.english_stemmer import EnglishStemmer

from forum.content.actions import STARTER
from forum.core.words import LONGEST, term, terms, tokens


@pytest.mark.parametrize(
    "forms",
    [
        "library libraries Library library's library’s",
        "dispatch dispatches dispatching dispatched",
        "center centre Centers centres",
        "organization organisation organisations organized organised",
        "neighbor neighbours",
        "réseau RESEAU Reseau",
        "Łódź lodz",
        "911 9-1-1",
        "US U.S. us",
        "12500 12,500",
        "O'Brien O’Brien obrien",
    ],
)
def test_forms_and_spellings_of_a_word_are_one(forms):
    assert len({term(word) for word in forms.split()}) == 1


@pytest.mark.parametrize("pair", ["policy police", "community communication", "university universe", "HR CR"])
def test_different_words_stay_apart(pair):
    one, other = pair.split()
    assert term(one) != term(other)


def test_a_hyphenated_word_is_its_parts_and_the_whole():
    found = [(token.term, token.joined) for token in tokens("a non-profit")]
    assert found == [("a", False), ("non", False), ("profit", False), ("nonprofit", True)]
    assert terms("non-profit") == ["non", "profit"]


def test_tokens_say_where_they_stand():
    text = "The town’s co-op, 9-1-1."
    assert [text[token.start : token.end] for token in tokens(text)] == [
        "The", "town’s", "co", "op", "co-op", "9-1-1",
    ]  # fmt: skip


def test_signs_are_no_words_and_long_ones_are_cut():
    assert terms("— ?! ★ \0 _") == []
    assert term("x" * 1000) == "x" * LONGEST


def test_threads_do_not_disturb_each_other():
    words = [f"{stem}{end}" for stem in ("shar", "dispatch", "merg", "fund") for end in ("ing", "ed", "es")]
    alone = [term.__wrapped__(word) for word in words]
    wrong = []

    def work():
        for _round in range(50):
            wrong.extend(
                word for word, right in zip(words, alone, strict=True) if term.__wrapped__(word) != right
            )

    threads = [threading.Thread(target=work) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_an_index_holds_the_same_stems_whether_or_not_the_quick_stemmer_is_installed():
    words = sorted(set(re.findall(r"[a-z]{3,30}", (STARTER / "cases.json").read_text(encoding="utf-8"))))
    assert len(words) > 3000
    quick, slow = snowballstemmer.stemmer("english"), EnglishStemmer()
    assert [word for word in words if quick.stemWord(word) != slow.stemWord(word)] == []
