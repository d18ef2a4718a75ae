"""Searching: `search` for the page, `suggest` while somebody types, `alike` for what was asked before."""

from forum.search.queries.language import Query, read_query
from forum.search.queries.quick import Alike, Suggestion, alike, suggest
from forum.search.queries.results import Results, search, search_at

__all__ = ["Alike", "Query", "Results", "Suggestion", "alike", "read_query", "search", "search_at", "suggest"]
