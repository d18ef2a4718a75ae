"""Input is judged alike from a form and from a file, and complaints are sentences."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.core import shapes
from forum.core.errors import Invalid
from forum.core.shapes import load
from forum.core.vocabulary import Vocabulary

COLORS = Vocabulary.of(red="Red", green="Green")


class Wheel(shapes.Shape):
    size = shapes.Whole(low=1, high=30, missing="Enter the size.")


class Cart(shapes.Shape):
    name = shapes.Line(20, low=2, missing="Enter a name.")
    note = shapes.Lines(50)
    color = shapes.Choice(COLORS)
    tags = shapes.Choices(COLORS, most=1)
    price = shapes.Amount()
    made = shapes.PartialDate()
    due = shapes.Day()
    sold = shapes.Flag()
    link = shapes.WebAddress()
    marks = shapes.Map(shapes.Choice(COLORS), names=COLORS)
    wheels = shapes.Rows(Wheel, least=1, most=2, few="Name one or two wheels.")


def judged(**fields: Any) -> dict[str, Any]:
    return load(Cart(), {"name": "Cart", "wheels": [{"size": 2}]} | fields)


def fault(path: str, **fields: Any) -> str:
    with pytest.raises(Invalid) as invalid:
        judged(**fields)
    return invalid.value.faults[path]


def test_numbers_are_taken_as_people_write_them_and_as_files_hold_them() -> None:
    for typed in ("1200.5", "1,200.50", "$1,200.50", " 1 200.5 ", 1200.5, "£1200.50"):
        assert judged(price=typed)["price"] == Decimal("1200.5")
    assert judged(price=0)["price"] == 0


@pytest.mark.parametrize("typed", ["", "abc", "NaN", "Infinity", "1e999", True, None, [], "--1", "1.234"])
def test_what_is_no_amount_is_told_so(typed: Any) -> None:
    assert fault("price", price=typed)


def test_dates_may_be_known_to_the_year_only() -> None:
    assert judged(made="2014")["made"] == "2014"
    assert judged(made=2014)["made"] == "2014"
    assert judged(made="2014-07-01")["made"] == "2014-07-01"
    assert judged(due="2026-03-31")["due"] == date(2026, 3, 31)
    for wrong in ("14", "2014-13-01", "soon", "9999999"):
        assert fault("made", made=wrong)


def test_text_is_folded_and_measured_in_characters() -> None:
    assert judged(name="  A \u200b cart\x00 ")["name"] == "A cart"
    assert judged(note="one\r\ntwo\r\n")["note"] == "one\ntwo"
    assert fault("name", name="x" * 21) == "At most 20 characters; this has 21."
    assert fault("name", name="x") == "At least 2 characters; this has 1."
    assert fault("name", name="   ") == "Enter a name."
    assert fault("name", name=7) == "This takes text."


def test_only_the_choices_that_are_there_can_be_chosen() -> None:
    assert judged(tags=["red", "red"])["tags"] == ["red"]
    assert fault("color", color="blue")
    assert fault("color", color=["red"])
    assert fault("tags", tags=["red", "green"]) == "Choose at most 1."
    assert fault("tags", tags="red")
    assert fault("marks-red", marks={"red": "blue"})
    assert fault("marks-blue", marks={"blue": "red"})


def test_rows_are_counted_and_faults_in_them_are_found_by_path() -> None:
    assert fault("wheels", wheels=[]) == "Name one or two wheels."
    assert fault("wheels", wheels=[{"size": 1}] * 3) == "Name one or two wheels."
    assert fault("wheels-1-size", wheels=[{"size": 1}, {"size": "x"}])
    assert fault("wheels-0-size", wheels=[{}]) == "Enter the size."
    assert fault("wheels", wheels="many")


def test_a_field_that_is_not_known_is_a_fault_and_not_ignored() -> None:
    assert fault("horn", horn="loud")


@pytest.mark.parametrize(
    "address",
    [
        "ftp://example.org",
        "javascript:alert(1)",
        "example.org",
        "http://",
        "http://a b.org",
        "//x.org",
        "http://[x",
    ],
)
def test_only_web_addresses_are_links(address: str) -> None:
    assert fault("link", link=address)
    assert judged(link="https://example.org/a?b=c")["link"] == "https://example.org/a?b=c"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(Cart().fields, json_values)))
def test_whatever_comes_in_is_judged_and_never_breaks(record: dict[str, Any]) -> None:
    sentences: list[object] = []
    try:
        load(Cart(), record)
    except Invalid as invalid:
        sentences.extend(invalid.faults.values())
    assert all(isinstance(sentence, str) and sentence for sentence in sentences)
