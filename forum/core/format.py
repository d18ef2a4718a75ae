"""How money, numbers and dates are written for people."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal

LOCALE = "en_US"


@lru_cache(maxsize=4096)
def money(amount: Decimal | float | int, currency: str) -> str:
    """ "$62,000" (no cents unless there are some), "CA$1,200", "£90.50"."""
    exact = Decimal(str(amount))
    pattern = "¤#,##0.00" if exact != exact.to_integral_value() else "¤#,##0"
    return format_currency(exact, currency, pattern, locale=LOCALE, currency_digits=False)


@lru_cache(maxsize=4096)
def number(value: Decimal | float | int) -> str:
    """ "31,200", "9.5"."""
    return format_decimal(Decimal(str(value)).normalize(), "#,##0.####", locale=LOCALE)


@lru_cache(maxsize=4096)
def _day(value: date) -> str:
    return format_date(value, "d MMMM y", locale="en")


def day(value: date | datetime | str | None) -> str:
    """ "3 March 2026". A partial date ("2014", "2014-07-01") is written as far as it is known."""
    if value is None or value == "":
        return ""
    if isinstance(value, str):
        return _day(date.fromisoformat(value)) if len(value) == 10 else value
    return _day(value.date() if isinstance(value, datetime) else value)
