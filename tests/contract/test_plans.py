"""What visitors and members read is found by indexes: no page reads a large table from end to end."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, event, text

from forum.core.db import db
from forum.core.roles import Role

# Tables that grow with the site. The others hold what curators keep: services, synonyms, announcements.
LARGE = frozenset(
    """
    answer answer_cite case_cost case_outcome case_paper case_party case_responsibility case_schedule case_study
    case_task_role catalogued comment former_slug gazetteer guide_item link link_use moderation_log organisation person
    place post post_service question resource revision same_here saved_search search_entry search_fts search_word
    useful_mark
    """.split()
)
SEARCHES = (
    "/search?q=community",
    "/search?q=split+cost+centers",
    '/search?q="community center"',
    "/search?q=communty",
    "/search?q=center+place:Minnesota+since:2025-03",
    "/search?q=by:ruth+center",
    "/search?q=center&kind=case&split=population&sort=cost",
    "/search/suggest?q=comm",
    "/search/alike?title=Sharing a community center with the school",
    "/cases/?service=community-centers&place=US-MN&sort=people",
)


@contextmanager
def recorded() -> Iterator[list[tuple[str, object]]]:
    """The SELECTs that are sent meanwhile, with their values."""
    found: list[tuple[str, object]] = []

    def listen(_connection: Connection, _cursor: object, statement: str, values: object, *_: object) -> None:
        if statement.lstrip().startswith(("SELECT", "WITH")):
            found.append((statement, values))

    engine = db.engine
    event.listen(engine, "before_cursor_execute", listen)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", listen)


def scans(connection: Connection, statement: str, values: object) -> list[str]:
    """The lines of a statement's plan that read a large table from end to end."""
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
        aliases = {name: table for table, name in re.findall(r"(?:FROM|JOIN) (\w+) AS (\w+)", statement)}
        lines = [row[-1] for row in rows]
        tables = [(line, match[1]) for line in lines if (match := re.match(r"SCAN (\w+)(?! VIRTUAL)", line))]
        return [line for line, name in tables if aliases.get(name, name) in LARGE and " VIRTUAL " not in line]
    rows = connection.exec_driver_sql(f"EXPLAIN {statement}", values).all()
    found = [(row[0], re.search(r"Seq Scan on (\w+)", row[0])) for row in rows]
    return [line.strip() for line, match in found if match and match[1] in LARGE]


@pytest.fixture
def connection(crawl):
    """A connection that reads no table from end to end if there is another way."""
    with crawl.app.app_context(), db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET enable_seqscan = off"))
        yield connection


def test_no_page_reads_a_large_table_from_end_to_end(crawl, connection, client, signed_in):
    readers = {Role.VISITOR: client, Role.MEMBER: signed_in("member")}
    client.get("/cases/")  # what lists are filtered by is in memory from now on
    pages = [
        (readers[crawl.needs(rule)], crawl.address(rule))
        for rule in crawl.rules("GET")
        if crawl.needs(rule) in readers
    ]
    faults = {}
    for reader, address in (*pages, *((client, address) for address in SEARCHES)):
        with recorded() as statements:
            reader.get(address)
        for statement, values in statements:
            for line in scans(connection, statement, values):
                if "by:" in address and "person" in line:
                    continue  # who is meant is found by any part of a name
                faults.setdefault(f"{line}: {' '.join(statement.split())[:400]}", address)
    assert not faults, "\n\n".join(f"{address}\n{fault}" for fault, address in faults.items())
