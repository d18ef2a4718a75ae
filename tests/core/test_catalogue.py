"""Filters count and order as the plain definition says, whatever was put in and taken out before."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from forum.core.catalogue import Catalogue, Entry

facets = st.fixed_dictionaries(
    {}, optional={name: st.lists(st.sampled_from("abc"), max_size=3) for name in ("kind", "place", "split")}
)
entries = st.builds(
    Entry,
    facets=facets,
    keys=st.fixed_dictionaries({}, optional={"cost": st.integers(-3, 3).map(float)}),
    visible=st.booleans(),
)
changes = st.lists(st.tuples(st.integers(1, 12), st.none() | entries), max_size=30)
selections = st.fixed_dictionaries(
    {}, optional={name: st.lists(st.sampled_from("abcd"), max_size=2) for name in ("kind", "place")}
)
searches = st.none() | st.lists(st.integers(1, 14), max_size=8, unique=True)


def plainly(
    present: Mapping[int, Entry], selection: Mapping[str, list[str]], within: list[int] | None
) -> list[int]:
    """Which ids match, by the definition: OR within a facet, AND between facets."""
    return [
        id_
        for id_, entry in present.items()
        if entry.visible
        and (within is None or id_ in within)
        and all(
            set(values) & set(entry.facets.get(facet, ())) for facet, values in selection.items() if values
        )
    ]


def filled(steps: list[tuple[int, Entry | None]]) -> tuple[Catalogue, dict[int, Entry]]:
    catalogue, present = Catalogue(), {}
    for id_, entry in steps:
        catalogue.put(id_, entry)
        catalogue.page({}, "cost")
        present.pop(id_, None)
        if entry is not None:
            present[id_] = entry
    return catalogue, present


@given(changes, selections, searches)
def test_counts_are_what_choosing_the_value_would_give(
    steps: list[tuple[int, Entry | None]], selection: dict[str, list[str]], within: list[int] | None
) -> None:
    catalogue, present = filled(steps)
    assert catalogue.total(selection, within) == len(plainly(present, selection, within))
    counts = catalogue.counts(selection, within)
    for facet in ("kind", "place", "split"):
        for value in "abc":
            alone = plainly(present, selection | {facet: [value]}, within)
            assert counts.get(facet, {}).get(value, 0) == len(alone)


@given(changes, selections, searches)
def test_pages_hold_every_match_once_from_high_to_low(
    steps: list[tuple[int, Entry | None]], selection: dict[str, list[str]], within: list[int] | None
) -> None:
    catalogue, present = filled(steps)
    seen: list[int] = []
    ids, cursor = catalogue.page(selection, "cost", limit=2, within=within)
    seen += ids
    while cursor:
        assert len(ids) == 2
        ids, cursor = catalogue.page(selection, "cost", cursor, limit=2, within=within)
        assert ids
        seen += ids
    expected = sorted(
        plainly(present, selection, within),
        key=lambda id_: (-present[id_].keys.get("cost", float("-inf")), -id_),
    )
    assert seen == expected


@given(changes, selections)
def test_what_a_search_ranked_stays_in_its_order(
    steps: list[tuple[int, Entry | None]], selection: dict[str, list[str]]
) -> None:
    catalogue, present = filled(steps)
    ranked = [7, 3, 99, 1, 5, 2]
    matching = plainly(present, selection, None)
    assert catalogue.matching(selection, ranked) == [id_ for id_ in ranked if id_ in matching]


def test_a_chosen_value_that_leaves_nothing_is_still_shown() -> None:
    catalogue = Catalogue()
    catalogue.put(1, Entry({"kind": ["a"], "place": ["x"]}, {}))
    catalogue.put(2, Entry({"kind": ["b"], "place": ["y"]}, {}))
    counts = catalogue.counts({"kind": ["a"], "place": ["y"]})
    assert counts["place"] == {"x": 1, "y": 0}
    assert counts["kind"] == {"b": 1, "a": 0}
