"""A small world in which every route has something to answer about."""

import pytest
from flask import Flask

from tests.factories.cases import add_case, add_services
from tests.factories.comments import add_comment
from tests.factories.digests import add_issue, add_subscription
from tests.factories.guides import add_guide
from tests.factories.questions import add_answer, add_question
from tests.factories.resources import add_link
from tests.support.crawl import Crawl
from tests.support.people import add_person


@pytest.fixture
def crawl(app: Flask) -> Crawl:
    """All kinds of posts, an answer, comments, a person and an organisation; nobody's who crawls."""
    with app.app_context():
        add_services()
        author = add_person("moderator")
        case, question, resource = add_case(author), add_question(author), add_link(author)
        guide = add_guide(author, f"case:{case.slug}", reviewer=add_person("curator"))
        answer = add_answer(author, question)
        comment = add_comment(author, case)
        issue = add_issue(author, case, answer, approver=add_person("curator"))
        subscription = add_subscription(add_person())
        body = case.parties[0].organisation
        assert body
        return Crawl(
            app,
            below={
                "cases": case.slug,
                "questions": question.slug,
                "library": resource.slug,
                "guides": guide.slug,
                "services": "community-centers",
                "digests": issue.slug or "",
                "people": author.slug,
                "organisations": body.slug,
                "<any(cases, questions, guides, library):folder>": case.slug,
            },
            values={
                "post_id": case.id,
                "question_id": question.id,
                "answer_id": answer.id,
                "comment_id": comment.id,
                "person_id": author.id,
                "issue_id": issue.id,
                "token": subscription.token,
                "kind": "post",
                "id": case.id,
                "card": "costs",
                "folder": "cases",
            },
        )
