"""Files brought in: whole or not at all, by the actions of people's own posts, and twice the same is once."""

import json
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from forum.accounts.actions import check_password
from forum.case_studies.actions import edit_case
from forum.case_studies.forms import CaseShape
from forum.case_studies.models import CaseStudy
from forum.content.actions import (
    DEMO_PEOPLE,
    Report,
    import_files,
    import_starter,
    librarian,
    make_demo_accounts,
    publish_first_issue,
)
from forum.content.forms import Faulty
from forum.core.shapes import as_typed, load
from forum.digests.models import Issue
from forum.digests.queries import issue_view
from forum.posts.models import Post, Revision
from forum.posts.queries import current_record
from forum.questions.models import Question
from forum.resources.models import Resource
from tests.factories.content import a_guide, import_a_little, load_starter_services, starter, write_file
from tests.support.people import add_person

CASE = starter("cases")[0]
QUESTION = starter("questions")[0]
NO_SLUG = "Give it a name for its address, such as three-towns-one-inspector."


@pytest.fixture(autouse=True)
def _services(session: scoped_session[Session]) -> None:
    load_starter_services()


def the_case() -> CaseStudy:
    return CaseStudy.query.filter_by(slug=CASE["slug"]).one()


def posts() -> int:
    return Post.query.count()


def faults_of(*paths: Path) -> list[str]:
    """What an import of these complains of, having imported nothing."""
    with pytest.raises(Faulty) as caught:
        import_files(paths, librarian())
    assert posts() == 0
    return [str(fault) for fault in caught.value.faults]


# --- What comes in


def test_records_become_posts_like_those_that_people_write(tmp_path):
    import_files([write_file(tmp_path, [CASE])], librarian())
    case = the_case()
    assert case.author.name == "Interlocal library"
    assert case.state == "visible"
    assert case.version == 1
    assert "<strong>The problem.</strong>" in case.body_html
    assert [party.name for party in case.parties] == ["City of Alachua", "City of High Springs"]


def test_a_second_import_changes_nothing(tmp_path):
    assert import_a_little(tmp_path) == Report(new=5)
    before = Revision.query.count()
    assert import_a_little(tmp_path) == Report(unchanged=5)
    assert Revision.query.count() == before


def test_a_record_that_leaves_out_what_goes_without_saying_is_the_same_the_second_time(tmp_path):
    bare = {name: CASE[name] for name in ("slug", "title", "services", "arrangement", "summary")}
    bare["parties"] = [{"name": party["name"], "kind": party["kind"]} for party in CASE["parties"]]
    file = write_file(tmp_path, [bare])
    assert import_files([file], librarian()) == Report(new=1)
    assert import_files([file], librarian()) == Report(unchanged=1)
    write_file(tmp_path, [bare | {"summary": bare["summary"] + " And so on."}])
    assert import_files([file], librarian()) == Report(changed=1)
    assert import_files([file], librarian()) == Report(unchanged=1)


def test_a_changed_file_makes_a_new_version(tmp_path):
    import_a_little(tmp_path)
    write_file(tmp_path, [CASE | {"summary": CASE["summary"] + " Looked up again in 2026."}], "cases.json")
    assert import_files([tmp_path / "cases.json"], librarian()) == Report(changed=1)
    assert the_case().summary.endswith("2026.")
    assert the_case().version == 2


def test_a_renamed_post_is_found_by_the_slug_that_it_had(tmp_path):
    file = write_file(tmp_path, [QUESTION])
    import_files([file], librarian())
    write_file(tmp_path, [QUESTION | {"title": "Who should pay for the dispatchers of a county?"}])
    assert import_files([file], librarian()) == Report(changed=1)
    assert Question.query.one().slug == "who-should-pay-for-the-dispatchers-of-a-county"
    assert import_files([file], librarian()) == Report(unchanged=1)


def test_guides_may_come_before_what_they_point_to(tmp_path):
    cases = starter("cases")[:3]
    guide = write_file(tmp_path, [a_guide(*(f"case:{case['slug']}" for case in cases))], "a.json")
    assert import_files([guide, write_file(tmp_path, cases, "b.json")], librarian()) == Report(new=4)


def test_a_resource_is_known_by_its_address_however_it_is_written(tmp_path):
    link = starter("resources")[0]
    file = write_file(tmp_path, [link])
    import_files([file], librarian())
    write_file(tmp_path, [link | {"url": link["url"].replace("icma.org", "ICMA.org:443")}])
    import_files([file], librarian())
    assert Resource.query.count() == 1


def test_new_posts_stand_in_the_order_of_their_file(tmp_path):
    cases = starter("cases")[:4]
    import_files([write_file(tmp_path, cases)], librarian())
    newest = Post.query.order_by(Post.created_at.desc()).all()
    assert [post.slug for post in newest] == [case["slug"] for case in cases]


def test_the_starter_content_comes_in_whole(session):
    kinds = {"case": "cases", "question": "questions", "resource": "resources", "guide": "guides"}
    expected = {kind: len(starter(name)) for kind, name in kinds.items()}
    assert import_starter() == Report(new=sum(expected.values()))
    assert Counter(session.scalars(select(Post.kind))) == expected
    assert import_starter() == Report(unchanged=sum(expected.values()))

    for _ in range(2):
        publish_first_issue()
        issue = Issue.query.one()
    assert (issue.state, issue.number, issue.note) == ("published", 1, "")
    assert len(issue_view(issue).cards) == len(starter("digest")["items"])


# --- What people did on the site


@pytest.fixture
def edited(tmp_path) -> Path:
    """The file of a case that somebody has edited on the site since it was imported."""
    file = write_file(tmp_path, [CASE])
    import_files([file], librarian())
    record = load(
        CaseShape(), as_typed(current_record(the_case()) | {"title": "Two cities, one inspector at a time"})
    )
    edit_case(add_person("curator"), the_case(), record, None)
    return file


def test_an_edit_on_the_site_outlives_the_file_that_has_not_changed(edited):
    assert import_files([edited], librarian()) == Report(unchanged=1)
    assert CaseStudy.query.one().title == "Two cities, one inspector at a time"


def test_an_edit_on_the_site_outlives_a_changed_file_unless_it_is_told_to_overwrite(edited):
    write_file(edited.parent, [CASE | {"summary": CASE["summary"] + " Still so in 2026."}])
    report = import_files([edited], librarian())
    assert (report, str(report)) == (Report(kept=1), "0 new, 0 changed, 0 unchanged, 1 left as edited here")
    assert import_files([edited], librarian(), overwrite=True) == Report(changed=1)
    assert CaseStudy.query.one().title == CASE["title"]


def test_members_may_only_import_what_they_may_write(tmp_path):
    file = write_file(tmp_path, starter("resources")[:1])
    with pytest.raises(Faulty, match=r"record 1 .*: Curators keep the library"):
        import_files([file], add_person("member"))


# --- Faults


def test_every_fault_is_told_with_its_file_record_field_and_reason(tmp_path):
    no_kind = json.loads(json.dumps(CASE))
    no_kind["parties"][0]["kind"] = "kingdom"
    no_title = {name: value for name, value in CASE.items() if name != "title"} | {"slug": "second"}
    cases = write_file(tmp_path, [no_kind, no_title, CASE | {"slug": "third", "colour": "red"}], "cases.json")
    questions = write_file(tmp_path, [QUESTION | {"slug": "Not A Slug"}], "questions.json")
    assert faults_of(questions, cases) == [
        f"{cases}: record 1 ({CASE['slug']}): field parties-0-kind: kingdom is not one of the choices.",
        f"{cases}: record 2 (second): field title: Enter a title that says who shares what.",
        f"{cases}: record 3 (third): field colour: There is no field of this name.",
        f"{questions}: record 1 (Not A Slug): field slug: {NO_SLUG}",
    ]


def test_what_only_the_database_knows_is_told_with_the_rest(tmp_path):
    fantasy = write_file(
        tmp_path, [CASE | {"services": ["moon-landings"]}, CASE | {"slug": "Bad"}], "cases.json"
    )
    assert faults_of(fantasy) == [
        f"{fantasy}: record 1 ({CASE['slug']}): field services: There is no service “moon-landings”.",
        f"{fantasy}: record 2 (Bad): field slug: {NO_SLUG}",
    ]


def test_nothing_is_imported_when_the_last_record_is_faulty(tmp_path):
    cases = [*starter("cases")[:3], CASE | {"slug": "last", "services": ["moon-landings"]}]
    (fault,) = faults_of(write_file(tmp_path, cases))
    assert "record 4 (last): field services" in fault


def test_a_guide_that_points_to_nothing_is_faulty(tmp_path):
    guide = write_file(tmp_path, [a_guide("case:a", "case:b", "case:c")])
    assert (
        f"{guide}: record 1 (first-reading-list-on-sharing-services): field items-0-ref"
        in faults_of(guide)[0]
    )


def test_guides_are_not_blamed_for_the_faults_of_what_they_point_to(tmp_path):
    guide = write_file(tmp_path, [a_guide(*[f"case:{CASE['slug']}"] * 3)], "guides.json")
    case = write_file(tmp_path, [CASE | {"title": "Short"}], "cases.json")
    (fault,) = faults_of(guide, case)
    assert "field title" in fault


def test_two_records_of_one_name_are_a_fault(tmp_path):
    first, second = write_file(tmp_path, [CASE], "a.json"), write_file(tmp_path, [CASE], "b.json")
    assert faults_of(first, second) == [
        f"{second}: record 1 ({CASE['slug']}): This is record 1 of {first} already."
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "This is not JSON: line 1, column 1: Expecting value."),
        (b'[{"a": 1},]', "This is not JSON: line 1, column 11"),
        (b"\xff\xfe[\x00", "The file is not UTF-8 text: byte 0 is not."),
        (b'{"slug": "one"}', "The file does not hold a list of records: [{...}, {...}]."),
        (b"[1, 2]", "The file does not hold a list of records: [{...}, {...}]."),
        (b"[]", "The list is empty."),
        (b'[{"url": NaN}]', "NaN is not a number that JSON has."),
        (b'[{"url": 1, "url": 2}]', "A record has two values for “url”."),
        (b'[{"name": "x"}]', "These records are neither cases nor questions, resources or guides."),
        (b"[" * 100_000, "The file is nested too deeply."),
    ],
)
def test_a_file_that_cannot_be_read_is_told_in_a_sentence(tmp_path, content, sentence):
    file = tmp_path / "broken.json"
    file.write_bytes(content)
    (fault,) = faults_of(file)
    assert fault.startswith(f"{file}: {sentence}")


def test_a_file_that_is_not_there_or_a_folder_is_told_in_a_sentence(tmp_path):
    missing = tmp_path / "missing.json"
    assert faults_of(missing, tmp_path) == [
        f"{tmp_path}: The file cannot be read: Is a directory.",
        f"{missing}: The file cannot be read: No such file or directory.",
    ]


def test_a_file_far_too_large_is_refused_unread(tmp_path, monkeypatch):
    monkeypatch.setattr("forum.content.forms.LARGEST", 1024**2)
    file = tmp_path / "large.json"
    file.write_bytes(b" " * (1024**2 + 1))
    assert faults_of(file) == [f"{file}: The file is larger than 1 MB."]


def test_broken_letters_and_numbers_do_no_harm(tmp_path):
    strange = CASE | {"title": "Two cities \ud800 share \x00 one building inspector"}
    import_files([write_file(tmp_path, [strange])], librarian())
    assert the_case().title == "Two cities share one building inspector"
    huge = json.dumps(
        [CASE | {"slug": "huge", "parties": [{"name": "A", "kind": "county", "population": 7}] * 2}]
    )
    file = tmp_path / "huge.json"
    file.write_text(huge.replace('"population": 7', '"population": 1e999'))
    with pytest.raises(Faulty, match="field parties-0-population: This takes a number"):
        import_files([file], librarian())


# --- The demo's accounts


def test_the_demo_has_an_account_for_each_role_and_they_all_have_its_password(session):
    make_demo_accounts("correct horse battery")
    make_demo_accounts("another horse battery")
    people = [check_password(person.email, "another horse battery") for person in DEMO_PEOPLE]
    assert [(person.role, person.demo) for person in people] == [
        ("member", True),
        ("curator", True),
        ("moderator", True),
        ("admin", True),
    ]


def test_the_demo_does_not_touch_an_account_that_is_somebodys_own():
    hers = add_person("member", email="member@example.com")
    make_demo_accounts("correct horse battery")
    assert (hers.password_hash, hers.demo) == ("not a hash", False)
