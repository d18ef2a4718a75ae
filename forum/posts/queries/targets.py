"""What one post may point to: any post, or an answer, named by a reference such as "case:slug" or "answer:12"."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import select

from forum.accounts.models import Person
from forum.core.db import db
from forum.core.i18n import gettext as _
from forum.posts.models import FOLDERS, KINDS, FormerSlug, Post
from forum.posts.policy import seen_by

# kind -> what finds the ids of its posts by other names that references give them than the slug.
NAMED: dict[str, Callable[[Sequence[str]], dict[str, int]]] = {}
KIND_OF_FOLDER = {folder: kind for kind, folder in FOLDERS.items()}


@dataclass(frozen=True)
class Target:
    """Something that can be pointed to. `post_id` or `answer_id` says which row it is."""

    ref: str
    kind: str
    title: str
    href: str
    hint: str = ""
    post_id: int | None = None
    answer_id: int | None = None

    @property
    def kind_label(self) -> str:
        """What it is."""
        return _("Answer") if self.kind == "answer" else KINDS.label(self.kind)


# What finds answers by their ids: the questions stand above this room, and come to it.
ANSWERS: list[Callable[[Person | None, Sequence[int]], dict[int, Target]]] = []
# What finds posts and answers by words, as references, the best first: the search comes to it too.
FINDERS: list[Callable[[Person | None, str], Sequence[str]]] = []


def targets_of(actor: Person | None, refs: Iterable[str]) -> dict[str, Target]:
    """ref -> what it points to, for those that lead to something this person may see.

    A statement for each kind among the refs, and one for all of their names.
    """
    refs = set(refs)
    ids = ids_of_refs(refs)
    rows = {}
    if ids:
        rows = {
            row.id: row
            for row in db.session.execute(
                select(Post.id, Post.kind, Post.slug, Post.title, Post.summary).where(
                    Post.id.in_(ids.values()), seen_by(actor)
                )
            )
        }
    found = {}
    for ref, id_ in ids.items():
        if row := rows.get(id_):
            href = f"/{FOLDERS[row.kind]}/{row.slug}"
            found[ref] = Target(ref, row.kind, row.title, href, row.summary, post_id=id_)
    return found | _answers(actor, refs)


def _answers(actor: Person | None, refs: Iterable[str]) -> dict[str, Target]:
    wanted = {
        int(number): ref
        for ref in refs
        for kind, _, number in [ref.partition(":")]
        if kind == "answer" and number.isascii() and number.isdecimal() and len(number) < 10
    }
    if not wanted:
        return {}
    return {wanted[id_]: target for find in ANSWERS for id_, target in find(actor, list(wanted)).items()}


def find_targets(actor: Person | None, typed: str, limit: int = 8) -> list[Target]:
    """What typed words may mean, the best first; an address of this site, or of a link in the library, means itself."""
    typed = typed.strip()
    ref = ref_of_address(typed) or (f"resource:{typed}" if typed.startswith(("http://", "https://")) else "")
    if ref and (exactly := targets_of(actor, [ref])):
        return list(exactly.values())
    refs = list(dict.fromkeys(found for find in FINDERS for found in find(actor, typed)))[:limit]
    targets = targets_of(actor, refs)
    return [targets[found] for found in refs if found in targets]


def ref_of_address(address: str) -> str:
    """ "case:x" for "/cases/x" or "https://this.site/cases/x", "answer:3" for ".../answers/3"; "" for others."""
    try:
        parts = urlsplit(address.strip())
        _root, folder, slug, *rest = parts.path.removesuffix("/").split("/")
    except ValueError:
        return ""
    kind = KIND_OF_FOLDER.get(folder, "")
    if not kind or not slug:
        return ""
    answer = rest[1] if len(rest) == 2 and rest[0] == "answers" else parts.fragment.removeprefix("answer-")
    if kind == "question" and answer.isascii() and answer.isdecimal():
        return f"answer:{answer}"
    return "" if rest else f"{kind}:{slug}"


def ids_of_refs(refs: Iterable[str]) -> dict[str, int]:
    """ref -> post id for those of `refs` ("case:slug", "resource:https://...") that name a post.

    Two statements a kind.
    """
    wanted: dict[str, set[str]] = {}
    for ref in refs:
        kind, _colon, name = ref.partition(":")
        wanted.setdefault(kind, set()).add(name)
    found: dict[str, int] = {}
    for kind in sorted(wanted.keys() & set(KINDS.keys)):
        names = sorted(wanted[kind])
        ids = NAMED[kind](names) if kind in NAMED else {}
        if rest := [name for name in names if name not in ids]:
            ids |= _ids_of_slugs(kind, rest)
        found |= {f"{kind}:{name}": id_ for name, id_ in ids.items()}
    return found


def _ids_of_slugs(kind: str, slugs: Sequence[str]) -> dict[str, int]:
    """slug -> post id, also of slugs that a post once had."""
    former = select(FormerSlug.slug, FormerSlug.post_id).where(
        FormerSlug.kind == kind, FormerSlug.slug.in_(slugs)
    )
    present = select(Post.slug, Post.id).where(Post.kind == kind, Post.slug.in_(slugs))
    return {row.slug: row.post_id for row in db.session.execute(former.union_all(present))}
