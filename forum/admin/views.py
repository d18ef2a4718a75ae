"""The work that waits and the work that failed, for those who look after the site."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, flash, redirect
from flask.typing import ResponseReturnValue

from forum.core import clock, jobs
from forum.core.errors import NotFound
from forum.core.i18n import gettext as _
from forum.core.roles import Role
from forum.web.access import opens_to
from forum.web.render import page

blueprint = Blueprint("admin", __name__, url_prefix="/admin")

# A worker says more often than this that it is there.
SILENCE = timedelta(minutes=5)


@blueprint.get("/jobs")
@opens_to(Role.ADMIN)
def all_jobs() -> ResponseReturnValue:
    """How the work stands, and what failed for good."""
    state = jobs.state()
    silent = state.seen_at is None or clock.now() - state.seen_at > SILENCE
    return page("admin/jobs.html", state=state, silent=silent)


@blueprint.post("/jobs/<int:job_id>/retry")
@opens_to(Role.ADMIN)
def retry(job_id: int) -> ResponseReturnValue:
    """Have it done after all."""
    if not jobs.retry(job_id):
        raise NotFound
    flash(_("It will be tried again."))
    return redirect("/admin/jobs", 303)


@blueprint.post("/jobs/<int:job_id>/drop")
@opens_to(Role.ADMIN)
def drop(job_id: int) -> ResponseReturnValue:
    """Give it up."""
    if not jobs.drop(job_id):
        raise NotFound
    flash(_("It will not be done."))
    return redirect("/admin/jobs", 303)
