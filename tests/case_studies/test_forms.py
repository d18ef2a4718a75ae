"""What a case may hold: each rule, and where its complaint is shown."""

import pytest

from forum.case_studies.forms import CARDS, CaseShape
from forum.core.errors import Invalid
from forum.core.shapes import load
from tests.factories.cases import case_record, full_record

PARTIES = case_record()["parties"]
COST = {"label": "Salaries", "category": "personnel", "amount": 100, "period": "per_year", "basis": "actual"}
ENTRY = {"label": "Open hours", "kind": "hours_or_use_window", "when_text": "weekdays"}
RESULT = {"type": "cost", "direction": "better", "basis": "measured", "statement": "It costs less."}
SOURCE = {"title": "Minutes", "url": "https://example.org/minutes"}


def faults(**changes):
    """path -> sentence for a case with these fields."""
    with pytest.raises(Invalid) as caught:
        load(CaseShape(), case_record(**changes))
    return caught.value.faults


def test_five_fields_make_a_case():
    assert load(CaseShape(), case_record())["title"].startswith("Two towns")


def test_every_field_of_every_card_is_taken():
    loaded = load(CaseShape(), full_record())
    assert {name for card in CARDS.values() for name in card().fields} <= set(loaded)


@pytest.mark.parametrize(
    ("name", "value", "path"),
    [
        ("title", "Too short", "title"),
        ("title", "x" * 121, "title"),
        ("services", [], "services"),
        ("services", ["a", "b", "c", "d"], "services"),
        ("parties", PARTIES[:1], "parties"),
        ("parties", [{"name": "", "kind": "county"}, PARTIES[1]], "parties-0-name"),
        ("parties", [{"name": "Alder County"}, PARTIES[1]], "parties-0-kind"),
        ("parties", [PARTIES[0] | {"population": "many"}, PARTIES[1]], "parties-0-population"),
        ("arrangement", "marriage", "arrangement"),
        ("summary", "Too short.", "summary"),
        ("status", "asleep", "status"),
        ("currency", "XXX", "currency"),
        ("costs", [{**COST, "amount": "-5"}], "costs-0-amount"),
        ("costs", [{**COST, "amount": "5 or so"}], "costs-0-amount"),
        ("costs", [{k: v for k, v in COST.items() if k != "basis"}], "costs-0-basis"),
        ("responsibilities", [{"task": "Run it", "roles": {}}], "responsibilities-0-roles"),
        ("responsibilities", [{"task": "Run it", "roles": {"p1": ["Z"]}}], "responsibilities-0-roles-p1"),
        ("schedule", [{"label": "Hours", "kind": "milestone"}], "schedule-0-when_text"),
        ("outcomes", [{**RESULT, "money": 1, "savings_kind": "luck"}], "outcomes-0-savings_kind"),
        ("agreement", {"clauses": {"weather": "yes"}}, "agreement-clauses-weather"),
        ("agreement", {"starts_on": "July 2014"}, "agreement-starts_on"),
        ("sources", [{"title": "Minutes", "url": "minutes.pdf"}], "sources-0-url"),
        ("process", {"timeline": [{"date": "2014"}]}, "process-timeline-0-event"),
        ("colour", "green", "colour"),
    ],
)
def test_a_complaint_names_the_field_that_it_is_about(name, value, path):
    assert list(faults(**{name: value})) == [path]


# --- Rules within a row


def test_hours_alone_have_a_priority():
    assert list(faults(schedule=[ENTRY | {"kind": "deadline", "priority": 1}])) == ["schedule-0-priority"]


def test_a_figure_needs_its_measure_and_unit():
    figure = RESULT | {"after": 7}
    assert list(faults(outcomes=[figure])) == ["outcomes-0-measure"]
    assert list(faults(outcomes=[figure | {"measure": "Minutes to arrive"}])) == ["outcomes-0-unit"]


def test_a_result_says_something():
    assert list(faults(outcomes=[RESULT | {"statement": ""}])) == ["outcomes-0-statement"]


def test_a_share_is_in_percent_or_in_money():
    assert list(faults(split={"shares": [{"party": "p1"}]})) == ["split-shares-0-pct"]


def test_it_ends_after_it_starts():
    assert list(faults(agreement={"starts_on": "2014-07-01", "ends_on": "2013"})) == ["agreement-ends_on"]


# --- Rules between fields, rows and cards


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"costs": [COST | {"paid_by": "p9"}]}, "costs-0-paid_by"),
        ({"schedule": [ENTRY | {"party": "p9"}]}, "schedule-0-party"),
        ({"outcomes": [RESULT | {"party": "p9"}]}, "outcomes-0-party"),
        ({"split": {"shares": [{"party": "p9", "pct": 100}]}}, "split-shares-0-party"),
        ({"responsibilities": [{"task": "Run it", "roles": {"p9": ["D"]}}]}, "responsibilities-0-roles"),
    ],
)
def test_only_parties_that_are_there_can_be_named(changes, path):
    assert list(faults(**changes)) == [path]


def test_all_and_the_split_are_named_like_parties():
    load(CaseShape(), case_record(costs=[COST | {"paid_by": "split"}], outcomes=[RESULT | {"party": "all"}]))


def test_two_parties_cannot_have_one_name():
    twice = [PARTIES[0], PARTIES[1] | {"name": "town of alder"}]
    assert list(faults(parties=twice)) == ["parties-1-name"]


def test_two_parties_cannot_have_one_id():
    assert list(faults(parties=[PARTIES[0], PARTIES[1] | {"id": "p1"}])) == ["parties-1-id"]


def test_a_partys_id_cannot_be_a_word_that_means_something_else():
    assert list(faults(parties=[PARTIES[0] | {"id": "all"}, PARTIES[1]])) == ["parties-0-id"]


def test_a_party_leaves_after_it_joined():
    assert list(faults(parties=[PARTIES[0] | {"joined_on": 2020, "left_on": 2019}, PARTIES[1]])) == [
        "parties-0-left_on"
    ]


def test_weights_come_to_a_hundred_within_what_rounding_does():
    factors = [{"factor": "usage", "weight": weight} for weight in (33.33, 33.33, 33.33)]
    load(CaseShape(), case_record(split={"factors": factors}))
    assert list(faults(split={"factors": factors[:2]})) == ["split-factors"]


def test_percentages_come_to_a_hundred_where_all_are_given():
    pcts = [{"party": "p1", "pct": 60}, {"party": "p2", "pct": 30}]
    assert list(faults(split={"shares": pcts})) == ["split-shares"]
    load(CaseShape(), case_record(split={"shares": [pcts[0], {"party": "p2", "amount": 5000}]}))


def test_a_party_has_one_share():
    twice = [{"party": "p1", "pct": 60}, {"party": "p1", "pct": 40}]
    assert list(faults(split={"shares": twice})) == ["split-shares-1-party"]


def test_a_price_says_per_what():
    assert list(faults(costs=[COST | {"period": "per_unit"}])) == ["costs-0-unit"]


def test_what_goes_on_has_not_ended():
    assert list(faults(status="in_effect", why_ended="It did not work.")) == ["why_ended"]
    load(CaseShape(), case_record(status="expired", why_ended="It ran out.", end_reason=["better_option"]))


def test_a_source_is_given_once():
    assert list(faults(sources=[SOURCE, SOURCE | {"title": "The same"}])) == ["sources-1-url"]
