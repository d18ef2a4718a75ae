"""What people type is taken apart, and nothing that they type is an error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.search.engines import postgres, sqlite
from forum.search.engines.expressions import All, AnyOf, Phrase, Without, Word
from forum.search.queries.language import LONGEST, MOST_WORDS, read_query, read_title


def pieces(typed, **params):
    return [
        ("-" * piece.negative) + (f"{piece.field}:" if piece.field else "") + piece.value
        for piece in read_query(typed, **params).pieces
    ]


def test_words_phrases_and_fields_are_told_apart():
    assert pieces('split "dispatch cost" -fire service:"building permits" place: Wisconsin') == [
        "split", "dispatch cost", "-fire", "service:building permits", "place:Wisconsin",
    ]  # fmt: skip


def test_a_phrase_may_stand_in_typographic_quotes_and_need_not_be_closed():
    assert [piece.phrase for piece in read_query("“cost split” and").pieces] == [True, False]
    assert pieces('"cost split') == ["cost split"]


def test_fields_have_other_names_too_and_kinds_are_called_as_people_call_them():
    assert pieces("in:Ohio author:Maya topic:fire type:cases") == [
        "place:Ohio", "by:Maya", "service:fire", "kind:cases",
    ]  # fmt: skip
    kinds = ["case", "Cases", "library", "guides", '"case study"', "answer"]
    found = [read_query(f"kind:{kind}").pieces[0].kind for kind in kinds]
    assert found == ["case", "case", "resource", "guide", "case", "answer"]


def test_a_field_that_we_do_not_have_or_cannot_read_is_just_words():
    assert [piece.field for piece in read_query("http://a.b/c kind:poem since:soon note:this").pieces] == [
        ""
    ] * 4


@pytest.mark.parametrize(
    ("typed", "day"), [("2024", "2024-01-01"), ("2024-5", "2024-05-01"), ("2024-05-17", "2024-05-17")]
)
def test_a_year_a_month_and_a_day_are_days(typed, day):
    assert str(read_query(f"since:{typed}").pieces[0].day) == day


def test_what_the_address_adds_can_be_told_from_what_was_typed():
    query = read_query("dispatch", service="fire", place="US-WI")
    assert query.typed == "dispatch"
    assert [piece.param for piece in query.pieces] == ["", "service", "place"]


def test_each_piece_can_be_left_out():
    query = read_query('split "dispatch cost" -fire kind:case')
    left = [query.without(piece) for piece in query.pieces]
    assert left == [
        '"dispatch cost" -fire kind:case', "split -fire kind:case",
        'split "dispatch cost" kind:case', 'split "dispatch cost" -fire',
    ]  # fmt: skip


def test_what_is_too_long_is_read_as_far_as_it_goes():
    assert read_query("x" * (LONGEST + 1)).cut
    assert not read_query("fire chief").cut
    long = read_query("word " * 100)
    assert long.cut
    assert len(long.words) == MOST_WORDS


def test_a_title_is_all_words():
    title = read_title('Kind: "urgent" -- who pays?')
    assert [piece.value for piece in title.words] == ["Kind", "urgent", "who", "pays"]


@given(st.text(max_size=700))
def test_anything_can_be_typed(typed):
    query = read_query(typed)
    assert all(piece.tokens for piece in query.pieces)
    assert query.typed == query.typed.strip()


def test_an_expression_is_written_in_the_language_of_each_engine():
    wanted = Without(
        All((Word("dispatch"), AnyOf((Word("911"), Phrase(("public", "safeti")))))), Word("fir", prefix=True)
    )
    assert sqlite.written(wanted) == '(("dispatch" AND ("911" OR "public safeti")) NOT "fir"*)'
    assert postgres.written(wanted) == "(('dispatch' & ('911' | ('public' <-> 'safeti'))) & !'fir':*)"
