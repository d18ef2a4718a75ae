"""Sharing a case and enriching it, with the forms that the pages draw and without JavaScript."""

import pytest
from sqlalchemy import select

from forum.accounts.actions import find_or_make_organisation
from forum.case_studies.models import CaseStudy
from forum.core.db import db, write
from forum.moderation.actions import hide
from forum.posts.queries import current_record
from tests.factories.cases import add_case, add_services, case_record, full_record
from tests.support.forms import find_form
from tests.support.people import add_person, sign_in

SHARED = {
    "title": "Alder and Birch share one snow plow and its driver",
    "services": ["community-centers", "senior-centers"],
    "parties-0-name": "Town of Alder",
    "parties-0-kind": "municipality",
    "parties-0-population": "8,200",
    "parties-1-name": "Town of Birch",
    "parties-1-kind": "municipality",
    "arrangement": "equipment_sharing",
    "summary": "Alder owns the plow and employs the driver. Birch pays a third of each winter, by road miles.",
    "place-name": "Alder",
    "place-region": "Minnesota",
    "place-country": "US",
}


@pytest.fixture
def author(session):
    add_services()
    return add_person(name="Ana Torres")


@pytest.fixture
def as_author(app, author):
    return sign_in(app.test_client(), author)


def record_at(path):
    """The newest version of the case at this address."""
    db.session.rollback()  # the read that is going on would not see what requests have written
    db.session.expire_all()
    slug = path.rpartition("/")[2]
    return current_record(db.session.scalars(select(CaseStudy).where(CaseStudy.slug == slug)).one())


# --- The five fields


def test_five_answers_make_a_page_that_invites_more(as_author, client):
    answer = as_author.submit("/cases/share", SHARED)
    assert answer.status_code == 303
    page = as_author.get(answer.location).text
    for words in (
        SHARED["title"],
        "Town of Birch",
        "Equipment sharing",
        "Written by a party",
        "Alder, Minnesota, US",
    ):
        assert words in page
    cards = (
        "story",
        "responsibilities",
        "costs",
        "schedule",
        "agreement",
        "outcomes",
        "lessons",
        "process",
        "papers",
    )
    for card in cards:
        assert f'href="{answer.location}/edit/{card}"' in page
    as_visitor = client.get(answer.location).text
    assert SHARED["title"] in as_visitor
    assert "/edit/" not in as_visitor
    assert SHARED["title"] in client.get("/cases/").text


def test_a_visitor_is_asked_to_sign_in_first(client):
    assert client.get("/cases/share").location == "/sign-in?next=/cases/share"


def test_where_the_author_works_is_the_first_party_and_the_place(app, session):
    add_services()
    with write():
        body = find_or_make_organisation(
            "Town of Alder",
            "municipality",
            country="CA",
            region_code="CA-AB",
            region="Alberta",
            population=8200,
        )
    client = sign_in(app.test_client(), add_person(organisation_id=body.id))
    form = find_form(client.get("/cases/share?service=senior-centers").text)
    assert form.values["parties-0-name"] == ["Town of Alder"]
    assert form.values["parties-0-population"] == ["8200"]
    assert form.values["place-region"] == ["Alberta"]
    assert form.values["services"] == ["senior-centers"]
    typed = {name: value for name, value in SHARED.items() if not name.startswith("place")}
    page = client.get(client.submit("/cases/share", typed).location).text
    assert "Alberta, CA" in page


def test_nothing_typed_is_lost_when_something_is_wrong(as_author):
    answer = as_author.submit(
        "/cases/share", SHARED | {"title": "Short", "arrangement": None, "parties-1-kind": ""}
    )
    assert answer.status_code == 422
    for path in ("title", "arrangement", "parties-1-kind"):
        assert f'href="#f-{path}"' in answer.text
    form = find_form(answer.text)
    kept = {name: form.values[name] for name in SHARED if name not in ("arrangement", "parties-1-kind")}
    assert kept == {
        name: value if isinstance(value, list) else [value]
        for name, value in (SHARED | {"title": "Short"}).items()
        if name in kept
    }


def test_one_party_named_twice_is_told_beside_its_field(as_author):
    answer = as_author.submit("/cases/share", SHARED | {"parties-1-name": "Town of Alder"})
    assert answer.status_code == 422
    assert "This party is in the list already." in answer.text


def test_a_service_that_does_not_exist_is_refused(as_author):
    form = find_form(as_author.get("/cases/share").text)
    answer = as_author.post("/cases/share", data=form.values | SHARED | {"services": ["magic"]})
    assert answer.status_code == 422
    assert "There is no service “magic”." in answer.text


def test_rows_are_added_and_removed_without_a_script_and_nothing_is_saved(as_author, client):
    more = as_author.submit("/cases/share", SHARED | {"_rows": "add parties"})
    assert more.status_code == 200
    form = find_form(more.text)
    assert form.values["parties-2-name"] == [""]
    assert form.values["title"] == [SHARED["title"]]
    assert form.values["arrangement"] == ["equipment_sharing"]
    typed = form.filled_in({"parties-2-name": "Town of Cedar", "_rows": "remove parties 0"})
    fewer = find_form(as_author.post("/cases/share", data=typed).text)
    assert fewer.values["parties-0-name"] == ["Town of Birch"]
    assert fewer.values["parties-1-name"] == ["Town of Cedar"]
    assert "parties-2-name" not in fewer.values
    assert SHARED["title"] not in client.get("/cases/").text


# --- The cards


def test_each_card_can_be_opened_and_saved_as_it_is(as_author, author):
    case = add_case(author, **full_record(2))
    before = current_record(case)
    for card in (
        "basics",
        "status",
        "story",
        "parties",
        "responsibilities",
        "costs",
        "schedule",
        "agreement",
        "outcomes",
        "lessons",
        "process",
        "papers",
    ):
        answer = as_author.submit(f"{case.path}/edit/{card}")
        assert answer.status_code == 303, card
        after = record_at(case.path)
        assert after == before, card


def test_costs_are_added_on_their_card_and_add_up_on_the_page(as_author, author):
    case = add_case(author)
    answer = as_author.submit(
        f"{case.path}/edit/costs",
        {
            "costs-0-label": "Driver and fuel",
            "costs-0-category": "operating",
            "costs-0-amount": "64,000",
            "costs-0-period": "per_year",
            "costs-0-fiscal_year": "2025",
            "costs-0-basis": "actual",
            "costs-0-paid_by": "split",
            "_rows": "add split-shares",
        },
    )
    form = find_form(answer.text).filled_in(
        {"split-shares-0-party": "p1", "split-shares-0-pct": "75", "_rows": "add split-shares"}
    )
    answer = as_author.post(f"{case.path}/edit/costs", data=form)
    form = find_form(answer.text).filled_in({"split-shares-1-party": "p2", "split-shares-1-pct": "25"})
    page = as_author.get(as_author.post(f"{case.path}/edit/costs", data=form).location).text
    for words in ("$48,000", "$16,000", "$64,000", "75%", "25%", "Actual"):
        assert words in page


def test_who_does_what_is_ticked_for_each_party(as_author, author):
    case = add_case(author)
    answer = as_author.submit(
        f"{case.path}/edit/responsibilities",
        {
            "responsibilities-0-task": "Run the center",
            "responsibilities-0-roles-p1": ["D", "$"],
            "responsibilities-0-roles-p2": ["P"],
        },
    )
    page = as_author.get(answer.location).text
    assert "Decides, Pays" in page
    assert "Performs" in page
    assert record_at(case.path)["responsibilities"][0]["roles"] == {"p1": ["D", "$"], "p2": ["P"]}


def test_a_task_that_nobody_does_is_told_with_the_task_still_there(as_author, author):
    case = add_case(author)
    answer = as_author.submit(
        f"{case.path}/edit/responsibilities", {"responsibilities-0-task": "Run the center"}
    )
    assert answer.status_code == 422
    assert "Say what at least one party does for this task." in answer.text
    assert find_form(answer.text).values["responsibilities-0-task"] == ["Run the center"]


def test_an_emptied_card_takes_its_section_off_the_page(as_author, author):
    case = add_case(author, schedule=full_record(1)["schedule"])
    assert "Hours 0" in as_author.get(case.path).text
    form = find_form(as_author.get(f"{case.path}/edit/schedule").text)
    rowless = as_author.post(
        f"{case.path}/edit/schedule", data=form.filled_in({"_rows": "remove schedule 0"})
    ).text
    as_author.post(f"{case.path}/edit/schedule", data=find_form(rowless).values)
    page = as_author.get(case.path).text
    assert "Hours 0" not in page
    assert "Add the schedule" in page


def test_the_basics_leave_alone_what_else_is_known_of_a_party(as_author, author):
    case = add_case(author, **full_record(1))
    as_author.submit(
        f"{case.path}/edit/basics", {"parties-0-name": "City of Alder", "parties-1-population": ""}
    )
    first, second = record_at(case.path)["parties"]
    assert (first["name"], first["setting"], first["population_year"]) == ("City of Alder", "rural", 2020)
    assert "population" not in second
    assert "population_year" not in second


def test_a_party_that_the_costs_name_cannot_just_go(as_author, author):
    case = add_case(
        author,
        costs=[full_record(1)["costs"][0] | {"paid_by": "p2"}],
        parties=[*case_record()["parties"], {"id": "p3", "name": "Town of Cedar", "kind": "municipality"}],
    )
    form = find_form(as_author.get(f"{case.path}/edit/parties").text)
    without = as_author.post(f"{case.path}/edit/parties", data=form.filled_in({"_rows": "remove parties 1"}))
    answer = as_author.post(f"{case.path}/edit/parties", data=find_form(without.text).values)
    assert answer.status_code == 422
    assert "“Town of Birch” is still named under the costs. Change that first." in answer.text
    assert len(record_at(case.path)["parties"]) == 3
    unnamed = as_author.post(f"{case.path}/edit/parties", data=form.filled_in({"_rows": "remove parties 2"}))
    assert as_author.post(f"{case.path}/edit/parties", data=find_form(unnamed.text).values).status_code == 303
    assert [party["name"] for party in record_at(case.path)["parties"]] == ["Town of Alder", "Town of Birch"]


def test_a_new_title_moves_the_case_and_the_old_address_leads_there(as_author, author, client):
    case = add_case(author)
    old = case.path
    answer = as_author.submit(f"{old}/edit/basics", {"title": "Alder and Birch run one community center"})
    assert answer.location == "/cases/alder-and-birch-run-one-community-center"
    moved = client.get(old)
    assert (moved.status_code, moved.location) == (301, answer.location)
    assert as_author.get(f"{old}/edit/costs").status_code == 301


def test_formatting_that_cannot_be_laid_out_is_told_beside_its_text(as_author, author):
    case = add_case(author)
    answer = as_author.submit(f"{case.path}/edit/story", {"story": "[^1] " * 2000})
    assert answer.status_code == 422
    assert 'id="f-story-problem"' in answer.text


def test_there_is_no_card_of_another_name(as_author, author):
    case = add_case(author)
    assert as_author.get(f"{case.path}/edit/weather").status_code == 404


# --- Two who edit at once


def test_the_second_to_save_sees_both_texts_and_loses_neither(app, as_author, author):
    case = add_case(author, summary="The first summary, " * 6)
    curator = sign_in(app.test_client(), add_person("curator", name="Lina Starr"))
    mine = find_form(as_author.get(f"{case.path}/edit/basics").text)
    curator.submit(f"{case.path}/edit/basics", {"summary": "What Lina wrote about it. " * 5})
    typed = mine.filled_in({"summary": "What Ana wrote about it. " * 5})
    answer = as_author.post(f"{case.path}/edit/basics", data=typed)
    assert answer.status_code == 409
    assert "Lina Starr saved this while you were editing" in answer.text
    assert answer.text.count("What Lina wrote") == 5
    again = find_form(answer.text)
    assert again.values["summary"][0].startswith("What Ana wrote")
    assert again.values["version"] == ["2"]
    assert as_author.post(f"{case.path}/edit/basics", data=again.values).status_code == 303
    assert record_at(case.path)["summary"].startswith("What Ana wrote")


def test_rows_ticks_and_choices_are_told_in_words_where_two_differ(app, as_author, author):
    case = add_case(author, **full_record(1))
    curator = sign_in(app.test_client(), add_person("curator", name="Lina Starr"))
    for card, change, words in (
        ("responsibilities", {"responsibilities-0-roles-p2": ["M", "U"]}, "Monitors, Uses"),
        ("costs", {"costs-0-paid_by": "p2"}, "Town 2"),
        ("agreement", {"agreement-clauses-exit_termination": "yes"}, "Exit and termination"),
        ("outcomes", {"outcomes-0-one_time": "yes"}, "This money came once, not each year"),
        ("parties", {"parties-0-setting": "urban"}, "Urban"),
        ("lessons", {"lessons-obstacles": ["distance"]}, "Distance"),
        ("process", {"process-timeline-0-event": "Councils vote"}, "Councils vote"),
        ("papers", {"documents-0-title": "The agreement"}, "The agreement"),
        ("schedule", {"schedule-0-priority": "7"}, "Who books first"),
        ("story", {"sources-0-publisher": "The Birch Herald"}, "The Birch Herald"),
        ("status", {"status": "expired"}, "Expired"),
    ):
        mine = find_form(as_author.get(f"{case.path}/edit/{card}").text)
        curator.submit(f"{case.path}/edit/{card}", change)
        answer = as_author.post(f"{case.path}/edit/{card}", data=mine.values)
        assert answer.status_code == 409, card
        conflict = answer.text.partition('id="conflict-title"')[2].partition("</section>")[0]
        assert words in conflict, card
        assert conflict.count('class="differs"') == 1, card


def test_what_somebody_saved_on_another_card_is_no_conflict(app, as_author, author):
    case = add_case(author)
    curator = sign_in(app.test_client(), add_person("curator"))
    mine = find_form(as_author.get(f"{case.path}/edit/lessons").text)
    curator.submit(f"{case.path}/edit/status", {"status": "pilot"})
    answer = as_author.post(
        f"{case.path}/edit/lessons", data=mine.filled_in({"lessons-advice": "Start small."})
    )
    assert answer.status_code == 303
    record = record_at(case.path)
    assert (record["status"], record["lessons"]) == ("pilot", {"advice": "Start small."})


def test_a_form_without_a_version_overwrites_nothing(as_author, author):
    case = add_case(author)
    form = find_form(as_author.get(f"{case.path}/edit/status").text)
    answer = as_author.post(
        f"{case.path}/edit/status", data=form.filled_in({"status": "pilot", "version": "x"})
    )
    assert answer.status_code == 409
    assert record_at(case.path)["status"] == "in_effect"


# --- Who may


def test_a_member_of_a_party_may_enrich_and_a_stranger_may_not(app, session, author):
    case = add_case(author)
    with write():
        birch = find_or_make_organisation("Town of Birch", "municipality")
    neighbor = sign_in(app.test_client(), add_person(organisation_id=birch.id))
    assert "Add costs" in neighbor.get(case.path).text
    assert neighbor.submit(f"{case.path}/edit/status", {"status": "pilot"}).status_code == 303
    stranger = sign_in(app.test_client(), add_person())
    assert "Add costs" not in stranger.get(case.path).text
    assert stranger.get(f"{case.path}/edit/status").status_code == 403


def test_a_hidden_case_is_not_there_for_others(app, client, as_author, author):
    case = add_case(author, services=["senior-centers"])
    alike = add_case(author, services=["senior-centers"], title="Another center, run by the same two towns")
    hide(add_person("moderator"), case, "It names a patient.")
    for who in (client, sign_in(app.test_client(), add_person())):
        assert who.get(case.path).status_code == 404
        assert case.title not in who.get("/cases/").text
        assert case.path not in who.get(alike.path).text
    assert "Hidden by a moderator: It names a patient." in as_author.get(case.path).text
    assert as_author.get(f"{case.path}/edit/status").status_code == 403
    moderator = sign_in(app.test_client(), add_person("moderator"))
    page = moderator.get(case.path).text
    assert "It names a patient." in page
    assert f"/moderation/restore/post/{case.id}" in page
