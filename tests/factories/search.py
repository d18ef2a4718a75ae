"""A small site to search: a few services with the words that people use for them, and posts about them."""

from typing import Any

from forum.accounts.models import Person
from forum.search.actions.curate import load_synonyms
from forum.search.queries import read_query, search
from forum.topics.actions import load_services
from tests.factories.cases import add_case
from tests.factories.questions import add_question

SERVICES = [
    {"slug": "safety", "name": "Public safety", "parent": None, "synonyms": []},
    {"slug": "dispatch", "name": "Emergency dispatch", "parent": "safety", "synonyms": ["911", "PSAP"]},
    {"slug": "fire", "name": "Fire & rescue", "parent": "safety", "synonyms": ["fire department"]},
    {"slug": "culture", "name": "Culture", "parent": None, "synonyms": []},
    {"slug": "libraries", "name": "Public libraries", "parent": "culture", "synonyms": ["library"]},
    {
        "slug": "technology",
        "name": "Information technology",
        "parent": "culture",
        "synonyms": ["IT services"],
    },
]
SYNONYMS = ["interlocal agreement, ILA, IGA", "dispatch, 911, PSAP", "rec center, community centre"]


def add_vocabulary() -> None:
    """The services and the synonyms."""
    load_services([{"description": ""} | record for record in SERVICES])
    load_synonyms(SYNONYMS)


def add_site(author: Person) -> dict[str, Any]:
    """Some posts by name. Comes with the vocabulary."""
    add_vocabulary()
    return {
        "dispatch": add_case(
            author,
            title="Flagstaff dispatches for the county sheriff",
            services=["dispatch"],
            summary="The city's center answers calls for the county. Each pays in proportion to the calls "
            "that it receives. They signed a five-year agreement in 2020.",
            place={"name": "Flagstaff", "region": "Arizona", "region_code": "US-AZ", "country": "US"},
        ),
        "library": add_case(
            author,
            title="Three shires share a library corporation",
            services=["libraries"],
            summary="Three councils run their libraries through a joint corporation. They pay by population, "
            "and a new law puts the corporation at risk.",
            place={"name": "Québec", "region": "Quebec", "region_code": "CA-QC", "country": "CA"},
            story="The director found the co-op model too slow. Non-profit status helped with the tax.",
        ),
        "question": add_question(
            author,
            title="Who pays for the fire chief that we share?",
            body="Two towns share a fire chief and **nobody** wants to pay for the car. Our HR office asks too.",
            services=["fire"],
        ),
    }


def titles(query: str, actor: Person | None = None, **options: Any) -> list[str]:
    """The titles of what this search finds, in order."""
    return [result.post.title for result in search(actor, read_query(query), **options).rows]
