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


# --- What plain words narrow by


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("cases about dispatch in places of 5,000 to 25,000 people", [
            "kind:cases", "dispatch", "size:5,000 to 25,000",
        ]),
        ("dispatch cases in New York", ["dispatch", "kind:cases", "place:New York"]),
        ("case studies of shared police", ["kind:case studies", "shared", "police"]),
        ("guides on ending a contract", ["kind:guides", "ending", "a", "contract"]),
        ("cases", ["kind:cases"]),
        ("who pays for fire in a town of 8,000?", ["who", "pays", "for", "fire", "size:8,000"]),
        ("fire in the state of Ohio, under 10k", ["fire", "place:Ohio", "size:under 10k"]),
        ("libraries in PA", ["libraries", "place:PA"]),
        ("cities with 50,000+ residents", ["size:50,000+"]),
        ("counties larger than 100,000", ["size:larger than 100,000"]),
    ],
)  # fmt: skip
def test_plain_words_narrow_a_search(typed, read):
    assert pieces(typed) == read


@pytest.mark.parametrize(
    "typed",
    [
        "county 911", "city 311 center", "questions to ask before lending an inspector", "under $10,000 a year",
        "under 10,000 calls", "agreements between 2010 and 2020", "in IT", "shared court cases", "costs in or out",
        "police in New York and New Jersey", '"cases about" fire', "three towns under one chief", "in kind", "in part",
        "cases closed", "a town of 5 people",
    ],
)  # fmt: skip
def test_what_only_looks_so_stays_words(typed):
    assert {piece.field for piece in read_query(typed).pieces} == {""}


def test_what_plain_words_narrow_by_can_be_left_out():
    query = read_query("cases about dispatch in Ohio, in towns under 5,000")
    assert [query.without(piece) for piece in query.pieces if piece.field] == [
        "dispatch in Ohio in towns under 5,000",
        "cases about dispatch in towns under 5,000",
        "cases about dispatch in Ohio",
    ]


@pytest.mark.parametrize(
    ("size", "people"),
    [
        ("5,000 to 25,000", (5_000, 25_000)), ("5-25k", (5_000, 25_000)), ("under 1.5 million", (0, 1_500_000)),
        ("<10000", (0, 10_000)), (">50,000", (50_000, None)), ("8,000", (4_000, 16_000)), ("many", None),
    ],
)  # fmt: skip
def test_a_size_is_read_as_people_write_it(size, people):
    assert read_query(f'size:"{size}"').pieces[0].people == people
