"""What curators do with digests over HTTP: compose, look at all three forms of an issue, and approve."""

from __future__ import annotations

from flask import Blueprint, Response, flash, make_response, redirect, request
from flask.typing import ResponseReturnValue

from forum.core.errors import EditConflict, Invalid
from forum.core.i18n import gettext as _
from forum.core.roles import Role
from forum.digests import actions, letters, policy, queries
from forum.digests.forms import IssueShape, NoteShape
from forum.digests.models import ISSUE_STATES, MOST_ITEMS, Issue
from forum.digests.queries.picks import composing
from forum.digests.queries.subscribers import count_subscribers
from forum.web import limits
from forum.web.access import actor, opens_to
from forum.web.forms import Form
from forum.web.lists import list_address
from forum.web.render import page
from forum.web.security import HEADERS

blueprint = Blueprint("digest_desk", __name__, url_prefix="/curate/digests")

# The preview holds the mail in a frame: a mail has styles of its own, which no page of ours may have.
FRAMING = {"Content-Security-Policy": HEADERS["Content-Security-Policy"] + "; frame-src 'self'"}
FRAMED = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; "
    "base-uri 'self'; sandbox allow-popups allow-popups-to-escape-sandbox",
    "X-Frame-Options": "SAMEORIGIN",
}


@blueprint.get("/")
@opens_to(Role.CURATOR)
def index() -> ResponseReturnValue:
    """What is being written or read through, and what is out."""
    here = list_address()
    return page("digests/desk.html", address=here, desk=queries.desk(here.after), states=ISSUE_STATES)


@blueprint.post("/")
@opens_to(Role.CURATOR)
def start() -> ResponseReturnValue:
    """Begin an issue."""
    limits.spend("write", actor().id)
    return redirect(actions.start_issue(actor()).path, 303)


@blueprint.route("/<int:issue_id>", methods=["GET", "POST"])
@opens_to(Role.CURATOR)
def compose(issue_id: int) -> ResponseReturnValue:
    """Write an issue. Every button saves what was typed, but for those that put the items in order."""
    issue = queries.issue_by_id(issue_id)
    if request.method == "GET" and not policy.may_edit_issue(actor(), issue):
        return redirect(f"/curate/digests/{issue.id}/preview", 303)
    form = Form.read(IssueShape(), actions.issue_record(issue))
    conflict: EditConflict | None = None
    if form.ready():
        limits.spend("write", actor().id)
        try:
            with form.showing_faults():
                actions.save_issue(actor(), issue, form.data, request.form.get("version", type=int))
                if request.form.get("then") == "preview":
                    return redirect(f"/curate/digests/{issue.id}/preview", 303)
                flash(_("The draft is saved."))
                return redirect(f"/curate/digests/{issue.id}", 303)
        except EditConflict as newer:
            conflict = newer
    return _compose_page(issue, form, conflict)


def _compose_page(issue: Issue, form: Form, conflict: EditConflict | None = None) -> ResponseReturnValue:
    refs = [form.value(f"items-{n}-ref") for n in range(form.count("items"))]
    html = page(
        "digests/compose.html",
        issue=issue,
        form=form,
        version=issue.version if conflict else form.version(issue.version),
        most=MOST_ITEMS,
        editor_name=conflict.editor_name if conflict else "",
        theirs=_theirs(conflict.current) if conflict else None,
        **vars(composing(issue, refs)),
    )
    return html, conflict.status if conflict else form.status


def _theirs(record: dict[str, object]) -> list[tuple[str, str]]:
    """What somebody else saved meanwhile, as (field, text)."""
    sentences = "\n".join(str(item["sentence"]) for item in record["items"])  # type: ignore[attr-defined]  # rows of issue_record
    fields = (
        (_("Title"), record["title"]),
        (_("Opening"), record["opening"]),
        (_("Why read it, each"), sentences),
        (_("Call for examples"), record["call"]),
    )
    return [(label, str(text)) for label, text in fields if text]


@blueprint.get("/<int:issue_id>/preview")
@opens_to(Role.CURATOR)
def preview(issue_id: int) -> ResponseReturnValue:
    """The issue as a page, as HTML mail and as plain text, side by side; and what can be done with it."""
    return _preview_page(queries.issue_by_id(issue_id), Form(NoteShape()))


def _preview_page(issue: Issue, form: Form) -> Response:
    view = queries.issue_view(issue)
    html = page(
        "digests/preview.html",
        view=view,
        issue=issue,
        letter=letters.letter(view, view.cards, "example"),
        form=form,
        approval_fault=policy.approval_fault(actor(), issue),
        state=ISSUE_STATES.label(issue.state),
        readers=queries.count_mailed(issue) if issue.public else count_subscribers(),
    )
    response = make_response(html, form.status)
    response.headers.update(FRAMING)
    return response


@blueprint.get("/<int:issue_id>/mail")
@opens_to(Role.CURATOR)
def mail(issue_id: int) -> ResponseReturnValue:
    """The HTML mail, for the frame of the preview."""
    view = queries.issue_view(queries.issue_by_id(issue_id))
    response = make_response(letters.letter(view, view.cards, "example").html)
    response.headers.update(FRAMED)
    return response


@blueprint.post("/<int:issue_id>/review")
@opens_to(Role.CURATOR)
def review(issue_id: int) -> ResponseReturnValue:
    """Give it to another curator; what is missing is told on the form."""
    issue = queries.issue_by_id(issue_id)
    limits.spend("write", actor().id)
    try:
        actions.send_for_review(actor(), issue)
    except Invalid as invalid:
        form = Form(IssueShape(), actions.issue_record(issue))
        form.blame(invalid)
        return _compose_page(issue, form)
    flash(_("Sent for review. Another curator reads and approves it."))
    return redirect(f"/curate/digests/{issue.id}/preview", 303)


@blueprint.post("/<int:issue_id>/return")
@opens_to(Role.CURATOR)
def send_back(issue_id: int) -> ResponseReturnValue:
    """Make it a draft again, with a note."""
    issue = queries.issue_by_id(issue_id)
    form = Form.read(NoteShape())
    if not form.ready() and policy.may_send_back(actor(), issue):
        return _preview_page(issue, form)
    limits.spend("write", actor().id)
    actions.send_back(actor(), issue, form.data.get("note", ""))
    flash(_("Sent back, with your note."))
    return redirect("/curate/digests/", 303)


@blueprint.post("/<int:issue_id>/approve")
@opens_to(Role.CURATOR)
def approve(issue_id: int) -> ResponseReturnValue:
    """Publish it, and have it sent."""
    issue = queries.issue_by_id(issue_id)
    limits.spend("write", actor().id)
    actions.approve_issue(actor(), issue)
    flash(_("Published. The mails are on their way."))
    return redirect(issue.path, 303)


@blueprint.post("/<int:issue_id>/discard")
@opens_to(Role.CURATOR)
def discard(issue_id: int) -> ResponseReturnValue:
    """Throw the draft away."""
    issue = queries.issue_by_id(issue_id)
    limits.spend("write", actor().id)
    actions.discard_issue(actor(), issue)
    flash(_("The draft is gone."))
    return redirect("/curate/digests/", 303)
