"""Keyset pages: nothing twice, nothing left out, and cursors that we did not make are refused."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from forum.core.db import db, write
from forum.core.errors import NotFound
from forum.core.listing import Listing, decode_cursor, encode_cursor, keyset
from forum.posts.models import Post
from forum.topics.models import Service


def _page(cursor: str | None = None, *, ascending: bool = False) -> Listing[Any]:
    return keyset(
        select(Service.position, Service.id, Service.slug),
        (Service.position, Service.id),
        cursor,
        session=db.session,
        limit=3,
        ascending=ascending,
        shape=lambda row: row.slug,
        key=lambda row: (row.position, row.id),
    )


@pytest.mark.parametrize("ascending", [True, False])
def test_pages_follow_each_other_without_gap_or_overlap_also_among_equals(
    app: Flask, ascending: bool
) -> None:
    with app.app_context():
        with write() as session:
            session.add_all(Service(slug=f"s{n}", name="x", position=n // 4) for n in range(10))
        seen: list[str] = []
        page = _page(ascending=ascending)
        assert page.first
        while True:
            seen += page.rows
            if page.older is None:
                break
            page = _page(page.older, ascending=ascending)
            assert not page.first
        assert sorted(seen) == sorted(f"s{n}" for n in range(10))
        assert seen == sorted(seen, key=lambda slug: int(slug[1:]), reverse=not ascending)


def test_a_cursor_can_be_a_moment() -> None:
    columns = (Post.created_at, Post.id)
    moment = datetime(2026, 5, 4, 12, 30, tzinfo=UTC)
    assert decode_cursor(encode_cursor((moment, 7)), columns) == [moment, 7]
    with pytest.raises(NotFound):
        decode_cursor(encode_cursor((5, 7)), columns)


@given(st.text(max_size=60))
def test_a_cursor_that_we_did_not_make_is_not_found(cursor: str) -> None:
    with pytest.raises(NotFound):
        decode_cursor(cursor, (Service.position, Service.id, Service.slug))


@pytest.mark.parametrize("values", [["a", 1], [True, 1], [1.5, 1], [2**70, 1], [[1], 1], [None, 1], [1]])
def test_a_cursor_with_other_values_is_not_found(values: list[Any]) -> None:
    with pytest.raises(NotFound):
        decode_cursor(encode_cursor(values), (Service.position, Service.id))
