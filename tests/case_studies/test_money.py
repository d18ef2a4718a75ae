"""The sums of a case: they add up, and nothing is guessed."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.case_studies.queries.money import CostRow, PartyRow, allot, bill

CENTS = st.integers(-(10**12), 10**12).map(lambda n: Decimal(n) / 100)
WEIGHTS = st.dictionaries(
    st.text("abcdefghij", min_size=1, max_size=2), st.decimals(0, 10**9, places=2), min_size=1, max_size=12
)
# What the calculator of cost shares is tried with: population, property value, registrations.
POPULATION = {"A": Decimal(12000), "B": Decimal(6000), "C": Decimal(2000)}
VALUE = {"A": Decimal(1200), "B": Decimal(900), "C": Decimal(150)}
USE = {"A": Decimal(900), "B": Decimal(450), "C": Decimal(300)}


def cost(amount, *, label="Salaries", category="operating", period="per_year", year=2024, paid_by="split"):
    return CostRow(label, category, Decimal(str(amount)), period, "actual", year=year, paid_by=paid_by)


def town(key, pct=None, *, amount=None, population=None, kind="municipality"):
    share = None if pct is None else Decimal(str(pct))
    money = None if amount is None else Decimal(str(amount))
    return PartyRow(key, f"Town {key}", kind, population, share, money)


def weighted(**parts):
    """Weights of a mix of factors, as the rule has it: the sum of weight times value over total."""
    factors = {"population": POPULATION, "value": VALUE, "use": USE}
    return {
        key: sum(
            Decimal(weight) * factors[name][key] / sum(factors[name].values())
            for name, weight in parts.items()
        )
        for key in "ABC"
    }


# --- Dividing money


@pytest.mark.parametrize(
    ("weights", "shares"),
    [
        ({"A": Decimal(1), "B": Decimal(1), "C": Decimal(1)}, ("160000.00", "160000.00", "160000.00")),
        (POPULATION, ("288000.00", "144000.00", "48000.00")),
        (VALUE, ("256000.00", "192000.00", "32000.00")),
        (USE, ("261818.18", "130909.09", "87272.73")),
        (weighted(population=50, value=25, use=25), ("273454.55", "152727.27", "53818.18")),
    ],
    ids=["equal", "population", "property value", "use", "a mix"],
)
def test_the_textbook_shares_come_out_to_the_cent(weights, shares):
    assert list(allot(Decimal("480000.00"), weights).values()) == [Decimal(share) for share in shares]


def test_a_cent_that_is_left_goes_to_the_largest_remainder_and_among_equals_to_the_first():
    thirds = {"A": Decimal(1), "B": Decimal(1), "C": Decimal(1)}
    assert list(allot(Decimal("100.00"), thirds).values()) == [
        Decimal("33.34"),
        Decimal("33.33"),
        Decimal("33.33"),
    ]
    assert list(allot(Decimal("-100.00"), thirds).values()) == [
        Decimal("-33.34"),
        Decimal("-33.33"),
        Decimal("-33.33"),
    ]


def test_weights_of_nothing_are_an_error_and_not_a_share_of_nothing():
    with pytest.raises(ValueError, match="nothing"):
        allot(Decimal(100), {"A": Decimal(0), "B": Decimal(0)})


@given(CENTS, WEIGHTS)
def test_the_parts_always_come_to_the_whole(amount, weights):
    if not sum(weights.values()):
        return
    parts = allot(amount, weights)
    assert sum(parts.values()) == amount
    exact = {key: amount * weight / sum(weights.values()) for key, weight in weights.items()}
    assert all(abs(parts[key] - exact[key]) <= Decimal("0.01") for key in weights)
    assert all(part == 0 for key, part in parts.items() if not weights[key])


# --- A bill


@given(st.lists(st.tuples(st.sampled_from(["A", "B", "split", ""]), CENTS.map(abs)), min_size=1, max_size=8))
def test_every_total_is_the_sum_of_what_stands_above_it(lines):
    made = bill([town("A", 60), town("B", 40)], [cost(amount, paid_by=payer) for payer, amount in lines])
    (year,) = made.years
    assert year.total == sum(line.amount for line in year.lines)
    assert year.total == sum(year.by_party.values()) + year.shared
    for line in year.lines:
        assert line.amount == sum(line.by_party.values()) + line.shared


def test_income_is_subtracted_and_a_month_counts_twelve_times():
    made = bill([], [cost(1000, period="per_month"), cost(2000, category="revenue_offset")])
    assert made.years[0].total == 10_000


def test_years_are_not_added_to_each_other():
    made = bill([], [cost(100, year=2023), cost(120, year=2024), cost(7, year=None)])
    assert [(year.year, year.total) for year in made.years] == [(2024, 120), (2023, 100), (None, 7)]


def test_a_line_without_a_year_belongs_to_the_only_year_that_is_named():
    made = bill([], [cost(100, year=2023), cost(20, year=None)])
    assert [(year.year, year.total) for year in made.years] == [(2023, 120)]


def test_the_newest_year_stands_for_the_agreement_unless_too_little_of_it_is_known():
    whole_and_fee = [cost(3_500_000, year=2020), cost(65_000, year=2021)]
    assert bill([], whole_and_fee).headline.year == 2020
    two_years = [cost(2_600_000, year=2021), cost(2_700_000, year=2022)]
    assert bill([], two_years).headline.year == 2022
    assert bill([], [cost(92_000, category="revenue_offset")]).headline is None


def test_one_time_and_unit_lines_are_told_but_not_added_to_a_year():
    made = bill([], [cost(100), cost(5000, period="one_time"), cost(40, period="per_unit")])
    assert made.years[0].total == 100
    assert [line.amount for line in made.other] == [5000, 40]


def test_nobody_is_charged_where_no_payer_is_named_and_no_share_is_known():
    made = bill([town("A"), town("B")], [cost(100), cost(50, paid_by="A")])
    assert made.years[0].by_party == {"A": 50}
    assert made.years[0].shared == 100
    assert made.shares == ()


# --- Shares


def test_a_share_in_percent_is_laid_on_every_shared_line():
    made = bill([town("A", 66.67), town("B", 33.33)], [cost(64_000)])
    assert made.shares_stated
    assert [(share.pct, share.amount) for share in made.shares] == [
        (Decimal("66.70"), Decimal("42668.80")),
        (Decimal("33.30"), Decimal("21331.20")),
    ]


def test_shares_are_seen_to_come_to_a_hundred():
    made = bill([town(key, 33.33) for key in "ABC"], [])
    assert [share.pct for share in made.shares] == [Decimal("33.40"), Decimal("33.30"), Decimal("33.30")]
    assert all(share.amount is None for share in made.shares)


def test_shares_in_money_say_themselves_what_each_pays():
    made = bill([town("A", amount=3000), town("B", amount=1000)], [])
    assert [(share.pct, share.amount) for share in made.shares] == [(75, 3000), (25, 1000)]


def test_shares_follow_from_who_paid_which_line():
    made = bill([town("A"), town("B")], [cost(36_000, paid_by="A"), cost(36_000, paid_by="B")])
    assert not made.shares_stated
    assert [(share.pct, share.amount) for share in made.shares] == [(50, 36_000), (50, 36_000)]


def test_a_dollar_of_rent_makes_nobody_a_partner_in_the_cost():
    made = bill([town("A"), town("B")], [cost(203_772, paid_by="A"), cost(1, paid_by="B")])
    assert made.shares == ()


def test_figures_that_contradict_the_stated_shares_are_not_set_beside_them():
    made = bill([town("A", 50), town("B", 50)], [cost(80, paid_by="A"), cost(20, paid_by="B")])
    assert [(share.pct, share.amount) for share in made.shares] == [(50, None), (50, None)]
    nearly = bill([town("A", 50), town("B", 50)], [cost(50.5, paid_by="A"), cost(49.5, paid_by="B")])
    assert [share.amount for share in nearly.shares] == [Decimal("50.5"), Decimal("49.5")]


# --- People


def test_the_cost_of_a_resident_needs_everybodys_population():
    lines = [cost(61_500)]
    assert bill([town("A", 60, population=8200), town("B", 40, population=4100)], lines).per_resident == 5
    assert bill([town("A", 60, population=8200), town("B", 40)], lines).per_resident is None


def test_only_bodies_of_an_area_have_residents():
    parties = [town("A", population=8200), town("S", kind="nonprofit", population=500)]
    assert bill(parties, []).people == 8200
