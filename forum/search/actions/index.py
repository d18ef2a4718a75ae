"""Keeping the index: in the transaction of whatever changed, and as a whole by `interlocal reindex`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, Engine, delete, exists, func, insert, or_, select, update

from forum.accounts.events import OrganisationChanged
from forum.accounts.models import Organisation
from forum.comments.events import CommentDeleted, CommentEdited, CommentPosted
from forum.comments.models import Comment
from forum.core.changes import last_change
from forum.core.db import db, table_of, write
from forum.core.words import folded, tokens
from forum.posts.events import ItemHidden, ItemRestored, PostEdited, PostPublished
from forum.posts.models import Post
from forum.questions.events import AnswerDeleted, AnswerEdited, AnswerPosted, DecisionTold
from forum.questions.models import Answer
from forum.search import engines
from forum.search.actions import texts
from forum.search.actions.texts import Text
from forum.search.models import POST_KINDS, Entry, Word
from forum.topics.events import ServicesChanged
from forum.topics.models import Service

T = TypeVar("T")
# How many of anything are read, and committed, at a time.
CHUNK = 200
# Letters of the words that can be mistyped: shorter ones have too many neighbors.
SHORTEST = 4

# So many steps a worker takes before it looks whether there is something else to do.
STEPS = 20
# The last change that the index of a database was put in order after.
_tidied: WeakKeyDictionary[Engine, int] = WeakKeyDictionary()

Progress = Callable[[int, int], None]
_ADD = insert(table_of(Entry))


def post_changed(event: PostPublished | PostEdited) -> None:
    """A post says something new."""
    _put(_is_post([event.post_id]), texts.of_posts([event.post_id]))


def decision_told(event: DecisionTold) -> None:
    """What was decided is part of what a question says."""
    _put(_is_post([event.question_id]), texts.of_posts([event.question_id]))


def answer_changed(event: AnswerPosted | AnswerEdited) -> None:
    """An answer says something new."""
    _put(_is_answer([event.answer_id]), texts.of_answers(Answer.id, [event.answer_id]))


def answer_deleted(event: AnswerDeleted) -> None:
    """Nobody reads it, and what stands below it, any more."""
    _drop(Entry.answer_id == event.answer_id)


def comment_posted(event: CommentPosted) -> None:
    """A comment says something; nothing stands there of it yet."""
    _put(None, texts.of_new_comment(event.comment_id))


def comment_changed(event: CommentEdited) -> None:
    """A comment says something new."""
    _put(Entry.comment_id == event.comment_id, texts.of_comments(Comment.id, [event.comment_id]))


def comment_deleted(event: CommentDeleted) -> None:
    """Nobody reads it any more."""
    _drop(Entry.comment_id == event.comment_id)


def item_hidden(event: ItemHidden) -> None:
    """What is hidden is not in the index, nor is what stands below it."""
    columns = {"post": Entry.post_id, "answer": Entry.answer_id, "comment": Entry.comment_id}
    _drop(columns[event.kind] == event.id)


def item_restored(event: ItemRestored) -> None:
    """It is there again, with what stands below it."""
    if event.kind == "post":
        _put_threads([event.id])
    elif event.kind == "answer":
        _put(_is_answer([event.id]), texts.of_answers(Answer.id, [event.id]))
        below = (Entry.answer_id == event.id) & Entry.comment_id.is_not(None)
        _put(below, texts.of_comments(Comment.answer_id, [event.id]))
    else:
        _put(Entry.comment_id == event.id, texts.of_comments(Comment.id, [event.id]))


def organisation_changed(event: OrganisationChanged) -> None:
    """An organisation is called otherwise, or is new."""
    ids = [event.organisation_id]
    _put(Entry.organisation_id.in_(ids), texts.of_organisations(ids))


def services_changed(_event: ServicesChanged) -> None:
    """The services, their words or their descriptions are others now."""
    _put(Entry.service_id.is_not(None), texts.of_services())


def reindex(progress: Progress | None = None) -> int:
    """Make the whole index anew; returns how many entries it has.

    It goes by chunks, each in its own transaction, so that people can go on reading and writing meanwhile. What
    is right already is not written again.
    """
    posts = list(db.session.scalars(select(Post.id).order_by(Post.id)))
    bodies = list(db.session.scalars(select(Organisation.id).order_by(Organisation.id)))
    done, total = 0, len(posts) + len(bodies)
    written: set[str] = set()
    with write():
        _drop(Entry.post_id.in_(select(Post.id).where(Post.state != "visible")))
        _put(Entry.service_id.is_not(None), texts.of_services(), written)
    for ids in _chunks(posts):
        with write():
            _put_threads(ids, written)
        db.session.expunge_all()
        done += len(ids)
        if progress:
            progress(done, total)
    for ids in _chunks(bodies):
        with write():
            _put(Entry.organisation_id.in_(ids), texts.of_organisations(ids), written)
        done += len(ids)
        if progress:
            progress(done, total)
    with write():
        _learn(written)
        _forget_all_but(written)
        engines.settle()
    return db.session.scalar(select(func.count()).select_from(Entry)) or 0


def tidy() -> bool:
    """Put the index in order where something was written, for a worker that has nothing else to do: a search then
    takes a third of the time. Others may write between two steps. Whether all is in order now."""
    seen = last_change()
    if seen is not None and _tidied.get(db.engine) == seen:
        return True
    for _step in range(STEPS):
        with write():
            if engines.tidy():
                continue
        if seen is not None:
            _tidied[db.engine] = seen
        return True
    return False


def is_behind() -> bool:
    """Whether there are posts, or services, and the index has none of them: it came later than they."""
    no_posts = exists().where(Post.state == "visible") & ~exists().where(Entry.kind.in_(POST_KINDS))
    no_services = exists(select(Service.id)) & ~exists().where(Entry.kind == "service")
    return bool(db.session.scalar(select(or_(no_posts, no_services))))


def _put_threads(post_ids: Sequence[int], written: set[str] | None = None) -> None:
    """Posts with their answers and comments."""
    _put(_is_post(post_ids), texts.of_posts(post_ids), written)
    answers = Entry.post_id.in_(post_ids) & (Entry.kind == "answer")
    _put(answers, texts.of_answers(Answer.question_id, post_ids))
    comments = Entry.post_id.in_(post_ids) & (Entry.kind == "comment")
    _put(comments, texts.of_comments(Comment.post_id, post_ids))


def _is_post(ids: Sequence[int]) -> ColumnElement[bool]:
    return Entry.post_id.in_(ids) & Entry.kind.in_(POST_KINDS)


def _is_answer(ids: Sequence[int]) -> ColumnElement[bool]:
    return Entry.answer_id.in_(ids) & (Entry.kind == "answer")


def _drop(those: ColumnElement[bool]) -> None:
    db.session.execute(delete(Entry).where(those))


def _put(those: ColumnElement[bool] | None, said: Iterable[Text], written: set[str] | None = None) -> None:
    """Make `those` entries (None: there are none yet) say this and nothing else. What stays the same is left alone.

    The words are learned at once, or else (`written`) added to what is to be learned at the end.
    """
    session = db.session
    session.flush()
    keys = ("kind", "post_id", "answer_id", "comment_id", "service_id", "organisation_id")
    found = () if those is None else session.execute(select(Entry.__table__).where(those))
    standing = {tuple(getattr(row, key) for key in keys): row for row in found}
    new, changed = [], []
    words: set[str] = set()
    for one in said:
        row = one.row()
        present = standing.pop(tuple(row.get(key) for key in keys), None)
        same = present is not None and all(
            row[name] == getattr(present, name) for name in ("title", "words", "body")
        )
        if present is None:
            new.append(row)
        elif not same:
            changed.append(row | {"id": present.id})
        # What is said in passing is not what others are corrected by.
        if one.kind not in ("answer", "comment") and not (same and written is None):
            words |= _written(one.said)
    if standing:
        _drop(Entry.id.in_([row.id for row in standing.values()]))
    if changed:
        session.execute(update(Entry), changed)
    if new:
        # One shape for all rows, so that they go in one statement.
        names = {name for row in new for name in row}
        session.connection().execute(_ADD, [dict.fromkeys(names) | row for row in new])
    if written is None:
        _learn(words)
    else:
        written |= words


def _written(said: str) -> set[str]:
    """The words of a text, folded, that could be mistyped."""
    raw = {said[token.start : token.end] for token in tokens(said) if not token.joined}
    words = {folded(word) for word in raw}
    return {word for word in words if len(word) >= SHORTEST and word.isascii() and word.isalpha()}


def _learn(words: Iterable[str]) -> None:
    """Add these to the words that mistyped ones are compared with."""
    for chunk in _chunks(sorted(words), 500):
        known = set(db.session.scalars(select(Word.word).where(Word.word.in_(chunk))))
        new = [{"word": word, "middle": word[1:4]} for word in chunk if word not in known]
        if new:
            db.session.execute(insert(Word), new)


def _forget_all_but(words: set[str]) -> None:
    """Take away what nothing says any more, and what two added at the same moment."""
    seen: set[str] = set()
    gone = []
    for id_, word in db.session.execute(select(Word.id, Word.word)):
        if word not in words or word in seen:
            gone.append(id_)
        seen.add(word)
    for ids in _chunks(gone, 500):
        db.session.execute(delete(Word).where(Word.id.in_(ids)))


def _chunks(items: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))
