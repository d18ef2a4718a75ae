"""The real cases that ship: each goes in, and each can be read."""

from forum.case_studies.actions import share_case
from forum.case_studies.forms import CARDS, CaseShape
from forum.case_studies.models import CaseStudy
from forum.core.db import db
from forum.core.shapes import load
from forum.posts.queries import current_record
from tests.factories.content import load_starter_services, starter
from tests.support.people import add_person, sign_in


def share_all(records):
    """Put these into the database. Needs an application context."""
    load_starter_services()
    curator = add_person("curator")
    for record in records:
        fields = {name: value for name, value in record.items() if name != "slug"}
        share_case(curator, load(CaseShape(), fields), slug=record["slug"])


def test_every_case_that_ships_is_a_sound_page(session, client):
    records = starter("cases")
    assert len(records) > 80
    share_all(records)
    for record in records:
        slug = record["slug"]
        page = client.get(f"/cases/{slug}")
        assert page.status_code == 200, slug
        for name in ("Who does what", "Documents and sources", "Did it work?"):
            assert name in page.text, (slug, name)
        assert page.text.count('rel="nofollow ugc noopener"') >= len(record["sources"]), slug


def test_every_card_of_a_case_that_ships_can_be_saved_again(app, session):
    """What a file holds and what its form sends back are the same."""
    record = max(starter("cases"), key=lambda record: len(str(record)))
    share_all([record])
    curator = sign_in(app.test_client(), add_person("curator"))
    slug = record.pop("slug")
    for card in CARDS:
        assert curator.submit(f"/cases/{slug}/edit/{card}").status_code == 303, card
    db.session.rollback()
    db.session.expire_all()
    case = db.session.query(CaseStudy).filter_by(slug=slug).one()
    assert case.version == 1 + len(CARDS)
    kept = current_record(case)
    for name, value in record.items():
        assert str(as_text(kept[name])) == str(as_text(value)), name


def as_text(value):
    """Numbers as text, nothing left out that is null: 2014 and "2014" say the same."""
    if isinstance(value, dict):
        return {key: as_text(inner) for key, inner in sorted(value.items()) if inner is not None}
    if isinstance(value, list):
        return [as_text(inner) for inner in value]
    return str(value)
