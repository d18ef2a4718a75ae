"""Made-up posts about towns and what they share: the same ones for the same seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

from forum.places.models import Place
from forum.posts.models import RESOURCE_KINDS
from forum.topics.queries import ServiceRef
from tests.bench.lexicon import lexicon

# Some 13 words each. {a} and {b} are towns; {service} is what they share; the others are words of the lexicon, some of
# which stand in nearly everything and some in one text alone.
SENTENCES = """
{a} and {b} had each run {service} with a {w} crew that was too small to cover a {x}.
The council of {a} voted for it in {year}, after two {w} meetings and one long {x}.
We pay **{percent} percent** and {b} pays the {w}, by population, trued up every {x}.
The first {w} came to about {money} a year, of which most is {x} and fuel.
Nobody lost a job: two people in {b} were {w} and {x}, and were not replaced.
What made it work was a *named person* in each {w} who could say yes to {x} and {y}.
In the third year {b} asked to leave the {w}, and the {x} clause of {days} days gave all of us time.
Residents of {a} noticed shorter waits; hardly anybody noticed whose {w} was on the {x}.
Our attorney took the {w} section from [the state's {x}](https://example.org/samples/{number}).
The formula weighs {w} and {x} equally, because {y} alone swings too much from year to year.
Keep a log of {w} from the first day, or you will argue about {x} at every budget meeting.
Before that, {a} had bought {service} from the {w} at a price that rose nine percent a year.
The joint board meets four times a year and has never needed to vote on anything but {w} or {x}.
We measured it: the average {w} went from {number} to {days} {x} in the first two years.
Equipment stays the property of whoever bought it, and `schedule B` lists every {w} with its {x}.
A grant of {money} paid for the {w} and the software, and nothing for the {x} after that.
Small towns nearby asked to join; we let {b} in at the {w} that the others had {x}.
The union wanted the same {w} for all, which cost {a} more than the saving of the first {x}.
If I did it again I would write down **who decides about {w}** before anything else.
It is not cheaper for everyone, but {service} would no longer exist in {b} without {w}.
Our {w} and our {x} are {y} now, as are the {z} of {b}.
A {w} {x} is better than a {y} {z}.
Ask for {w}, {x} and {y} in writing; {z} can wait.
""".strip().splitlines()
# Of titles, each has a word that no other title has.
TITLES = """
{a} and {b} share {t} {service}
{a} buys {t} {service} from {b}
{a}, {b} and their {t} neighbors run {service} together
How {a} and {b} split the {t} cost of {service}
{a} hands {t} {service} over to {b}
""".strip().splitlines()
QUESTIONS = """
How do you split {t} {service} between a town like {a} and a smaller one?
Has anyone left a {t} agreement about {service} the way {a} wants to?
Who should employ the {t} staff when {a} and {b} share {service}?
What does {t} {service} cost you per resident in a place like {a}?
Which {t} clauses did you need for {service} with {b}?
""".strip().splitlines()
RESOURCES = """
A {t} handbook of {service} for {a} and its neighbors
Sample {t} agreement for {service} between {a} and {b}
What {a} learned in {t} years of {service} with {b}
""".strip().splitlines()
GUIDES = """
Sharing {t} {service}: where to begin in a place like {a}
The {t} neighbor: costs, staff and exits of {service}, read in {a}
""".strip().splitlines()


# Words: of a case's story, and of a comment or an answer; the sentence that passes them comes on top.
BODY, REPLY = 355, 80
TASKS = (
    "Hire and supervise staff",
    "Answer the phone",
    "Keep the equipment",
    "Set the fees",
    "Report to councils",
)


class Writer:
    """Writes about these places and services, from a source of chance that it shares with its caller.

    Records have the shapes that forms and files have, and are still to be judged.
    """

    def __init__(self, chance: Random, places: Sequence[Place], services: Sequence[ServiceRef]) -> None:
        self.chance, self.places, self.services = chance, places, services
        self.towns = list(dict.fromkeys(place.name for place in places))

    def line(self, patterns: Sequence[str], service: str = "") -> str:
        """One sentence or title after one of these patterns."""
        chance, known = self.chance, lexicon()
        a, b = chance.sample(self.towns, 2)
        line = chance.choice(patterns).format(
            a=a,
            b=b,
            service=(service or chance.choice(self.services).name).lower(),
            year=chance.randrange(1995, 2026),
            percent=chance.randrange(20, 80),
            money=f"${chance.randrange(20, 900)},000",
            days=chance.randrange(3, 180),
            number=chance.randrange(2, 60),
            **{slot: known.draw(chance) for slot in "wxyz"},
            t=known.draw_for_title(chance),
        )
        return line[0].upper() + line[1:]

    def prose(self, sentences: int) -> str:
        """Sentences in a row, without line breaks."""
        return " ".join(self.line(SENTENCES) for _ in range(sentences))

    def markdown(self, words: int, *, headings: bool = False) -> str:
        """Paragraphs, with lists, emphasis and links among them; the last one passes `words`."""
        blocks = [self.prose(2)]
        while sum(len(block.split()) for block in blocks) < words:
            if headings and len(blocks) % 4 == 3:
                blocks.append(f"## {self.line(TITLES)}")
            blocks.append(self.chance.choice(BLOCKS)(self))
        return "\n\n".join(blocks)

    def listed(self, mark: str) -> str:
        """A list of three sentences."""
        return "\n".join(f"{mark} {self.line(SENTENCES)}" for _ in range(3))

    def reply(self) -> str:
        """A comment or an answer."""
        return self.markdown(REPLY)

    def case(self) -> dict[str, Any]:
        """A case with every part filled in, of three to five parties."""
        chance, service = self.chance, self.chance.choice(self.services)
        places = list(
            {place.name: place for place in chance.sample(self.places, chance.randrange(3, 6))}.values()
        )
        ids = [f"p{n}" for n in range(1, len(places) + 1)]
        year = chance.randrange(1995, 2024)
        share = round(100 / len(ids), 2)
        return {
            "title": self.line(TITLES, service.name)[:120],
            "services": [service.slug],
            "arrangement": chance.choice(("joint_program", "intergovernmental_contract", "mutual_aid")),
            "summary": self.prose(4),
            "status": "in_effect",
            "source_kind": "first_hand",
            "motives": ["save_money", "scale"],
            "story": self.markdown(BODY, headings=True),
            "place": {
                "name": places[0].name,
                "region": places[0].region,
                "region_code": places[0].region_code,
                "country": "US",
                "population": places[0].population,
            },
            "parties": [
                {
                    "id": id_,
                    "name": f"City of {place.name}",
                    "kind": "municipality",
                    "part": ["lead" if id_ == "p1" else "recipient"],
                    "population": place.population,
                    "setting": "small_city",
                }
                for id_, place in zip(ids, places, strict=True)
            ],
            "responsibilities": [
                {"task": task, "roles": {id_: ["D", "P"] if id_ == "p1" else ["$", "U"] for id_ in ids}}
                for task in TASKS
            ],
            "costs": [
                {
                    "label": label,
                    "category": category,
                    "amount": chance.randrange(20, 900) * 1000,
                    "period": "per_year",
                    "basis": "budgeted",
                    "fiscal_year": 2025,
                    "paid_by": "split",
                }
                for label, category in (("Salaries", "personnel"), ("Fuel and repairs", "operating"))
            ],
            "split": {
                "method": "per_capita",
                "adjust": ["annual_true_up"],
                "note": self.prose(1),
                "shares": [{"party": id_, "pct": share} for id_ in ids],
            },
            "schedule": [
                {"label": "Joint board meets", "kind": "recurring_task", "when_text": "Each quarter"},
                {"label": "Payments are due", "kind": "payment_date", "when_text": "1 July", "party": "p2"},
                {"label": "Formula is reviewed", "kind": "review_date", "when_date": str(year + 30)},
            ],
            "agreement": {
                "instrument": "interlocal_agreement",
                "starts_on": f"{year}-07-01",
                "term_years": 5,
                "renewal": "automatic",
                "exit_notice_days": 180,
                "oversight": "joint_board",
                "clauses": {"purpose": "yes", "cost_split_payment": "yes", "disputes": "no"},
            },
            "outcomes": [
                {
                    "type": "speed_backlog",
                    "direction": "better",
                    "basis": "measured",
                    "measure": "Days to the first visit",
                    "unit": "days",
                    "before": chance.randrange(20, 40),
                    "after": chance.randrange(2, 20),
                    "before_year": year - 1,
                    "after_year": year + 2,
                },
                {
                    "type": "cost",
                    "direction": "better",
                    "basis": "estimated",
                    "money": 120_000,
                    "party": "p1",
                },
                {"type": "staffing", "direction": "mixed", "basis": "impression", "statement": self.prose(1)},
            ],
            "lessons": {name: self.prose(3) for name in ("challenges", "what_helped", "would_change")},
            "documents": [{"title": "The agreement", "url": f"https://example.org/{chance.random()}"}],
            "sources": [
                {"title": self.line(RESOURCES), "year": year, "url": f"https://example.org/{chance.random()}"}
                for _ in range(3)
            ],
        }

    def question(self) -> dict[str, Any]:
        """A question."""
        service = self.chance.choice(self.services)
        return {
            "title": self.line(QUESTIONS, service.name),
            "body": self.markdown(BODY),
            "services": [service.slug],
            "wants": ["examples", "cost_split"],
            "stage": "planning",
        }

    def resource(self, number: int) -> dict[str, Any]:
        """A link, to a place that no other number leads to."""
        service = self.chance.choice(self.services)
        return {
            "url": f"https://example.org/library/{lexicon().draw_for_title(self.chance)}-{number}",
            "title": self.line(RESOURCES, service.name),
            "kind": self.chance.choice(RESOURCE_KINDS.keys),
            "annotation": self.prose(4),
            "services": [service.slug],
            "publisher": "League of cities",
            "year": self.chance.randrange(1995, 2026),
            "access": "free",
        }

    def guide(self, refs: Sequence[str]) -> dict[str, Any]:
        """A guide through these posts."""
        service = self.chance.choice(self.services)
        items: list[Mapping[str, str]] = [
            {"ref": ref, "section": ("Begin here", "Go on")[n * 2 // len(refs)], "note": self.prose(3)}
            for n, ref in enumerate(refs)
        ]
        return {
            "title": self.line(GUIDES, service.name)[:120],
            "answers": self.line(QUESTIONS, service.name),
            "intro": self.markdown(120),
            "items": items,
            "start_here": list(refs[:2]),
            "takeaways": [self.prose(1) for _ in range(3)],
            "services": [service.slug],
        }


BLOCKS: Sequence[Callable[[Writer], str]] = (
    lambda writer: writer.prose(3),
    lambda writer: writer.prose(2),
    lambda writer: writer.listed("-"),
    lambda writer: writer.listed("1."),
    lambda writer: f"> {writer.prose(1)}",
)
