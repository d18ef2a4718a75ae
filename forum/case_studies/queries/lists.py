"""Cases in lists: what their rows say, the list page, and cases like another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, bindparam, case, func, select

from forum.case_studies.models import CaseOrigin, CaseStudy
from forum.case_studies.models import vocabularies as words
from forum.core.changes import note
from forum.core.format import money, number
from forum.core.i18n import gettext as _
from forum.core.i18n import ngettext
from forum.core.rows import Prepared
from forum.posts.models import ORDERS, POSTS, Post, PostService
from forum.posts.queries import MADE_FROM, ROW_SOURCES, RowSource

TABLE = CaseStudy.__table__
# With this many like it a page has enough; more would be a list.
MOST_ALIKE = 5


def _facts(row: Any) -> list[tuple[str, str]]:
    """Place, people, parties, money: what a manager looks for before the prose."""
    place = ", ".join(
        part for part in (row.place_name, row.region if row.region != row.place_name else "") if part
    )
    facts = [("map-pin", place)] if place else []
    if row.people_served:
        facts.append(("users", _("Pop. %(n)s") % {"n": number(row.people_served)}))
    facts.append(("landmark", ngettext("%(n)d party", "%(n)d parties", row.n_parties) % {"n": row.n_parties}))
    if row.yearly_savings and row.yearly_savings > 0:
        facts.append(
            ("coins", _("%(money)s saved a year") % {"money": money(row.yearly_savings, row.currency)})
        )
    elif row.yearly_cost:
        facts.append(("coins", _("%(money)s a year") % {"money": money(row.yearly_cost, row.currency)}))
    if row.case_status in words.ENDED:
        facts.append(("clock", words.STATUSES.label(row.case_status)))
    return facts


MADE_FROM["case"] = lambda question_id: select(
    CaseOrigin.case_id.label("post_id"), CaseOrigin.answer_id
).where(CaseOrigin.question_id == question_id)
ROW_SOURCES["case"] = RowSource(
    table=TABLE,
    columns=(
        TABLE.c.status.label("case_status"),
        TABLE.c.n_parties,
        TABLE.c.people_served,
        TABLE.c.yearly_cost,
        TABLE.c.yearly_savings,
        TABLE.c.currency,
    ),
    facts=_facts,
    count=lambda row: (row.n_useful, _("found useful")),
)


@dataclass(frozen=True)
class LikeThis:
    """Another case, and why it is like the one that is read."""

    title: str
    path: str
    why: str


def like_this(
    case_id: int, service_ids: Sequence[int], arrangement: str, region_code: str
) -> tuple[LikeThis, ...]:
    """Visible cases that share a service, best first: more services, same arrangement, same region, more useful.
    One statement."""
    note(POSTS, ORDERS)
    if not service_ids:
        return ()
    rows = _alike(
        service_ids=service_ids, case_id=case_id, arrangement=arrangement, region_code=region_code or "none"
    )
    return tuple(LikeThis(row.title, f"/cases/{row.slug}", _why(row)) for row in rows)


@Prepared
def _alike() -> Select[*tuple[Any, ...]]:
    shared = func.count(PostService.service_id)
    same_way = case((TABLE.c.arrangement == bindparam("arrangement"), 1), else_=0)
    same_region = case((Post.region_code == bindparam("region_code"), 1), else_=0)
    return (
        select(
            Post.title,
            Post.slug,
            Post.region,
            TABLE.c.people_served,
            same_way.label("same_way"),
            same_region.label("same_region"),
        )
        .join(TABLE, TABLE.c.post_id == Post.id)
        .join(PostService, PostService.post_id == Post.id)
        .where(
            PostService.service_id.in_(bindparam("service_ids", expanding=True)),
            Post.id != bindparam("case_id"),
            Post.state == "visible",
        )
        .group_by(Post.id, TABLE.c.post_id)
        .order_by((shared * 2 + same_way + same_region).desc(), Post.n_useful.desc(), Post.id.desc())
        .limit(MOST_ALIKE)
    )


def _why(row: Any) -> str:
    reasons = [_("Same service")]
    if row.same_way:
        reasons.append(_("same arrangement"))
    if row.same_region:
        reasons.append(_("same region"))
    elif row.region:
        reasons.append(row.region)
    if row.people_served:
        reasons.append(_("pop. %(n)s") % {"n": number(row.people_served)})
    return " · ".join(reasons)
