"""A form keeps what was typed, says what is wrong, and gains and loses rows without JavaScript."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask

from forum.core import shapes
from forum.core.errors import Invalid
from forum.core.vocabulary import Vocabulary
from forum.web.forms import Form

COLORS = Vocabulary.of(red="Red", green="Green")


class Spoke(shapes.Shape):
    length = shapes.Whole()


class Wheel(shapes.Shape):
    size = shapes.Whole(missing="Enter the size.")
    spokes = shapes.Rows(Spoke)


class Paint(shapes.Shape):
    color = shapes.Choice(COLORS)


class Cart(shapes.Shape):
    name = shapes.Line(20, missing="Enter a name.")
    tags = shapes.Choices(COLORS)
    marks = shapes.Map(shapes.Choices(COLORS))
    wheels = shapes.Rows(Wheel, drawn=2)
    paint = shapes.Group(Paint)
    old = shapes.Flag()
    price = shapes.Amount()


@contextmanager
def sent(app: Flask, **fields: Any) -> Iterator[Form]:
    with app.test_request_context(
        method="POST", data={key.replace("__", "-"): v for key, v in fields.items()}
    ):
        yield Form.read(Cart())


def test_fields_are_gathered_into_the_shape_of_the_schema(app: Flask) -> None:
    with sent(
        app,
        name="Cart",
        tags=["red", "green"],
        marks__front=["red"],
        wheels__0__size="2",
        wheels__7__size="3",
        wheels__7__spokes__0__length="9",
        paint__color="red",
        old="yes",
        price="1,200",
    ) as form:
        assert form.ready()
        assert form.data["wheels"] == [{"size": 2}, {"size": 3, "spokes": [{"length": 9}]}]
        assert form.data["marks"] == {"front": ["red"]}
        assert form.data["paint"] == {"color": "red"}
        assert form.data["old"] is True


def test_blank_fields_and_rows_are_as_if_they_were_not_there(app: Flask) -> None:
    with sent(app, name="Cart", price=" ", wheels__0__size="", wheels__1__size="4") as form:
        assert form.ready()
        assert form.data == {"name": "Cart", "wheels": [{"size": 4}]}


def test_a_fault_is_shown_at_its_field_and_everything_typed_stays(app: Flask) -> None:
    with sent(
        app, name="", price="much", wheels__0__size="", wheels__5__size="big", tags=["red", "blue"]
    ) as form:
        assert not form.ready()
        assert form.status == 422
        assert form.error("name") == "Enter a name."
        assert form.error("price")
        assert form.error("wheels-0-size")
        assert form.value("price") == "much"
        assert form.value("wheels-0-size") == "big"
        assert form.values("tags") == ["red", "blue"]
        assert {path for path, _sentence in form.faults} == {"name", "price", "wheels-0-size", "tags"}


def test_a_row_is_added_and_removed_and_nothing_is_saved_by_it(app: Flask) -> None:
    with sent(app, wheels__0__size="1", wheels__1__size="", _rows="add wheels") as form:
        assert not form.ready()
        assert form.status == 200
        assert form.count("wheels") == 3
        assert form.value("wheels-0-size") == "1"
    with sent(
        app, wheels__0__size="1", wheels__1__size="", wheels__2__size="3", _rows="remove wheels 0"
    ) as form:
        assert not form.ready()
        assert form.count("wheels") == 2
        assert form.value("wheels-1-size") == "3"


@pytest.mark.parametrize(
    ("command", "order"), [("up wheels 2", "132"), ("down wheels 0", "213"), ("up wheels 0", "123")]
)
def test_a_row_is_moved_and_the_first_stays_first(app: Flask, command: str, order: str) -> None:
    with sent(app, wheels__0__size="1", wheels__1__size="2", wheels__2__size="3", _rows=command) as form:
        assert not form.ready()
        assert "".join(form.value(f"wheels-{n}-size") for n in range(3)) == order


@pytest.mark.parametrize(
    "command",
    [
        "remove wheels 99",
        "add nothing",
        "add name",
        "drop table",
        "add wheels-0-size",
        "add paint",
        "remove wheels",
        "up wheels 9",
        "down wheels",
    ],
)
def test_an_odd_command_changes_nothing_and_breaks_nothing(app: Flask, command: str) -> None:
    with sent(app, name="Cart", wheels__0__size="1", _rows=command) as form:
        assert not form.ready()
        assert form.value("name") == "Cart"
        assert form.value("wheels-0-size") == "1"


def test_a_new_form_draws_empty_rows_and_a_stored_record_as_it_would_be_typed(app: Flask) -> None:
    with app.test_request_context():
        assert Form.read(Cart()).count("wheels") == 2
        stored = Form.read(
            Cart(), {"name": "Cart", "price": 1200.50, "old": True, "wheels": [{"size": 1}] * 3}
        )
        assert stored.count("wheels") == 3
        assert stored.value("price") == "1200.5"
        assert stored.value("old") == "1"
        assert stored.value("nothing-of-that-name") == ""
        assert not stored.ready()


def test_what_an_action_finds_wrong_is_shown_on_the_form(app: Flask) -> None:
    with sent(app, name="Cart") as form:
        assert form.ready()
        with form.showing_faults():
            raise Invalid({"name": "There is a cart of this name."})
        assert form.error("name") == "There is a cart of this name."
        assert form.status == 422


def test_thousands_of_rows_are_cut_to_what_a_form_can_hold(app: Flask) -> None:
    with sent(app, name="Cart", **{f"wheels__{n}__size": "1" for n in range(500)}) as form:
        assert form.count("wheels") <= 60
        assert not form.ready()
