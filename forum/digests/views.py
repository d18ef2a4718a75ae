"""Digests over HTTP: reading, subscribing, and the end of a subscription. What curators do is in `desk`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue

from forum.core.i18n import gettext as _
from forum.core.roles import Role
from forum.digests import actions, queries
from forum.digests.forms import SubscriptionShape
from forum.digests.models import FREQUENCIES, Subscription
from forum.topics.queries import Domain, domains
from forum.web import limits
from forum.web.access import actor, opens_to
from forum.web.feeds import atom
from forum.web.forms import Form
from forum.web.lists import ListAddress, list_address
from forum.web.render import page
from forum.web.security import by_secret_address

blueprint = Blueprint("digests", __name__)


@blueprint.get("/digests/")
@opens_to(Role.VISITOR)
def index() -> ResponseReturnValue:
    """All issues, the newest first."""
    here = list_address()
    return page("digests/index.html", address=here, issues=queries.published(here.after))


@blueprint.get("/digests/feed")
@opens_to(Role.VISITOR)
def feed() -> ResponseReturnValue:
    """The same for feed readers."""
    return atom(_("Digest"), ListAddress(request.path, {}), queries.published().rows)


@blueprint.get("/digests/<slug>")
@opens_to(Role.VISITOR)
def show(slug: str) -> ResponseReturnValue:
    """One issue."""
    return page("digests/show.html", found=queries.issue_page(slug))


def _record(subscription: Subscription | None, known: Sequence[Domain]) -> dict[str, Any]:
    """The form of somebody who never said is set to what most want: every week, about everything."""
    if subscription is None:
        return {"frequency": "weekly", "about": "all"}
    followed = {row.service_id for row in subscription.domains}
    return {
        "frequency": subscription.frequency,
        "about": "all" if subscription.every_domain else "some",
        "domains": [domain.slug for domain in known if domain.id in followed],
    }


@blueprint.route("/digests/subscription", methods=["GET", "POST"])
@opens_to(Role.MEMBER)
def subscription() -> ResponseReturnValue:
    """Whether one gets the digest by mail, and about what."""
    known = domains()
    current = queries.subscription_of(actor())
    form = Form.read(SubscriptionShape(), _record(current, known))
    if form.ready():
        limits.spend("write", actor().id)
        with form.showing_faults():
            chosen = form.data.get("domains", []) if form.data["about"] == "some" else None
            actions.subscribe(actor(), form.data["frequency"], chosen)
            if form.data["frequency"] == "never":
                flash(_("Saved. You get no digest by mail."))
            elif actor().email_confirmed_at:
                flash(_("Saved. The next issue comes to %(email)s.") % {"email": actor().email})
            else:
                flash(_("Saved. It comes as soon as your address is confirmed."), "warn")
            return redirect(request.path, 303)
    return (
        page(
            "digests/subscription.html",
            form=form,
            subscribed=current is not None and current.frequency != "never",
            frequencies=[(term.key, _(term.label), _(term.hint)) for term in FREQUENCIES],
            domains=[(domain.slug, domain.name) for domain in known],
        ),
        form.status,
    )


@blueprint.get("/digests/unsubscribe/<token>")
@opens_to(Role.VISITOR)
def confirm(token: str) -> ResponseReturnValue:
    """Ask first: programs that look through mails open every link in them."""
    subscription = queries.subscription_by_token(token)
    return page("digests/unsubscribe.html", done=subscription.frequency == "never")


@blueprint.post("/digests/unsubscribe/<token>")
@opens_to(Role.VISITOR)
@by_secret_address
def unsubscribe(token: str) -> ResponseReturnValue:
    """End it: for the button of that page, and for mail programs (RFC 8058), which follow no redirect."""
    actions.unsubscribe(queries.subscription_by_token(token))
    return page("digests/unsubscribe.html", done=True)
