"""What happened to digests."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class IssuePublished:
    """An issue of the digest can be read by everybody; its mails go out from now on."""

    issue_id: int
