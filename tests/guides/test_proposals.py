"""What is changed in a guide that has readers waits for a second curator, as the guide itself once did."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from forum.core.db import write
from forum.core.errors import EditConflict, Forbidden, Invalid
from forum.core.jobs import Job
from forum.core.shapes import load
from forum.guides.actions import change_guide, drop_change, edit_guide, publish_change
from forum.guides.forms import GuideShape
from forum.guides.models import GuideProposal
from forum.posts.models import Revision
from tests.factories.cases import add_case, add_services
from tests.factories.guides import add_guide, guide_record
from tests.support.page import PageClient
from tests.support.people import add_person

Db = scoped_session[Session]
SignedIn = Callable[..., PageClient]
GAPS = "Nobody has told of snow removal."


def test_a_change_is_read_when_another_curator_has_published_it(app: Flask, signed_in: SignedIn) -> None:
    author, other = signed_in("curator", name="Ana Author"), signed_in("curator", name="Olga Other")
    with app.app_context():
        path = add_guide(author.person, reviewer=add_person("curator")).path
    visitor = app.test_client()
    form = author.get(f"{path}/edit").text
    assert "when another curator has published it" in form
    assert "Save and send for review" not in form
    assert author.submit(f"{path}/edit", {"gaps": GAPS}).location == f"{path}#proposed"
    assert GAPS not in visitor.get(path).text
    assert GAPS in author.get(f"{path}/edit").text, "who goes on, goes on from what is proposed"
    for page in (author.get(path).text, other.get(path).text):
        assert f"<ins>{GAPS}</ins>" in page
        assert "Ana Author proposes a change" in page
    assert "Proposed changes" in other.get("/guides/drafts").text
    assert "Look at the change" in other.get("/curate/desk/guides").text
    assert author.submit(path, {"do": "publish"}, action=f"{path}/change").status_code == 403
    assert other.submit(path, {"do": "publish"}, action=f"{path}/change").status_code == 303
    assert GAPS in visitor.get(path).text
    assert "Olga Other" in visitor.get(path).text, "who reviewed it"
    page = author.get(path).text
    assert "proposes a change" not in page
    assert "published a change" in page
    assert "Look at the change" not in other.get("/curate/desk/guides").text
    assert "Ana Author" in author.get(f"{path}/versions").text, "the version is of who wrote it"


def test_an_item_is_called_by_its_title_in_what_differs(app: Flask, signed_in: SignedIn) -> None:
    author = signed_in("curator")
    with app.app_context():
        add_services()
        case = add_case(add_person())
        ref, title = f"case:{case.slug}", case.title
        path = add_guide(author.person, ref, reviewer=add_person("curator")).path
    author.submit(f"{path}/edit", {"items-0-note": "Read it for the duties."})
    page = author.get(path).text.partition('id="proposed"')[2].partition("</section>\n")[0]
    assert title in page
    assert ref not in page
    other = signed_in("curator")
    other.submit(path, {"do": "publish"}, action=f"{path}/change")
    assert title in author.get(f"{path}/versions").text
    assert ref not in author.get(f"{path}/versions").text


def test_one_who_answers_for_theirs_changes_it_at_once(app: Flask, signed_in: SignedIn) -> None:
    moderator = signed_in("moderator")
    with app.app_context():
        path = add_guide(add_person("curator"), reviewer=add_person("curator")).path
    assert moderator.submit(f"{path}/edit", {"gaps": GAPS}).location == path
    assert GAPS in app.test_client().get(path).text


def test_a_change_is_dropped_with_a_reason_or_taken_back(session: Db) -> None:
    author, writer, other = (add_person("curator") for _n in range(3))
    guide = add_guide(author, reviewer=other)
    longer = load(GuideShape(), guide_record(gaps=GAPS))
    assert change_guide(writer, guide, longer, 1, 0) is False
    with pytest.raises(Invalid, match="why"):
        drop_change(other, guide, "")
    drop_change(other, guide, "Joan has told of it.")
    told = session.scalars(select(Job).where(Job.kind == "tell_author").order_by(Job.id.desc())).first()
    assert told
    assert told.payload["person"] == writer.id
    change_guide(writer, guide, longer, 1, 0)
    drop_change(writer, guide, "")
    with pytest.raises(Forbidden, match="moved on"):
        publish_change(other, guide, 1)
    assert guide.gaps == ""
    assert session.scalars(select(Revision.version).where(Revision.post_id == guide.id)).all() == [1]


def test_a_change_that_says_what_stands_there_is_none(session: Db) -> None:
    author, other = add_person("curator"), add_person("curator")
    guide = add_guide(author, reviewer=other)
    change_guide(author, guide, load(GuideShape(), guide_record()), 1, 0)
    assert session.scalars(select(GuideProposal)).all() == []
    change_guide(author, guide, load(GuideShape(), guide_record(gaps=GAPS)), 1, 0)
    change_guide(author, guide, load(GuideShape(), guide_record()), 1, 1)
    assert session.scalars(select(GuideProposal)).all() == []


def test_nothing_is_published_unseen(session: Db) -> None:
    """Not what was proposed after somebody looked, and nothing over what changed in the guide meanwhile."""
    author, other = add_person("curator"), add_person("curator")
    guide = add_guide(author, reviewer=other)
    change_guide(author, guide, load(GuideShape(), guide_record(gaps=GAPS)), 1, 0)
    with pytest.raises(EditConflict) as conflict:
        change_guide(other, guide, load(GuideShape(), guide_record(gaps="Ice.")), 1, 0)
    assert (conflict.value.current["gaps"], conflict.value.editor_name) == (GAPS, author.name)
    change_guide(author, guide, load(GuideShape(), guide_record(gaps="Sleet.")), 1, 1)
    with pytest.raises(Forbidden, match="moved on"):
        publish_change(other, guide, 1)
    repaired = load(GuideShape(), guide_record(takeaways=["A link was mended."]))
    with write():
        edit_guide(other, guide, repaired, None)
    with pytest.raises(Forbidden, match="changed meanwhile"):
        publish_change(other, guide, 2)
    both = load(GuideShape(), guide_record(takeaways=["A link was mended."], gaps="Sleet."))
    change_guide(author, guide, both, 2, 2)
    publish_change(other, guide, 3)
    assert (guide.gaps, guide.takeaways) == ("Sleet.", ["A link was mended."])
