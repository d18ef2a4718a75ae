"""Templates: what they may use, and how things are written for people (money, dates, numbers)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal
from flask import Flask, render_template
from jinja2 import StrictUndefined
from markupsafe import Markup

from forum.core import clock, i18n
from forum.web.access import signed_in

LOCALE = "en_US"


@lru_cache(maxsize=4096)
def money(amount: Decimal | float | int, currency: str) -> str:
    """"$62,000" (no cents unless there are some), "CA$1,200", "£90.50"."""
    exact = Decimal(str(amount))
    digits = exact != exact.to_integral_value()
    pattern = "¤#,##0.00" if digits else "¤#,##0"
    return format_currency(exact, currency, pattern, locale=LOCALE, currency_digits=False).replace("-¤", "-¤")


@lru_cache(maxsize=4096)
def number(value: Decimal | float | int) -> str:
    """"31,200", "9.5"."""
    return format_decimal(Decimal(str(value)).normalize(), "#,##0.####", locale=LOCALE)


@lru_cache(maxsize=4096)
def _day(value: date) -> str:
    return format_date(value, "d MMMM y", locale="en")


def day(value: date | datetime | str | None) -> str:
    """"3 March 2026". A partial date ("2014", "2014-07-01") is written as far as it is known."""
    if value is None or value == "":
        return ""
    if isinstance(value, str):
        if len(value) == 10:
            return _day(date.fromisoformat(value))
        return value
    return _day(value.date() if isinstance(value, datetime) else value)


def safe(html: str) -> Markup:
    """HTML that `core.markdown.render` made. The only place where a string becomes markup."""
    return Markup(html)  # noqa: S704  # sanitised when it was written, by the one door for member text


def page(template: str, **values: Any) -> str:
    """Render one page. Every name that the template uses must be given: an undefined one is an error."""
    return render_template(template, **values)


def install(app: Flask) -> None:
    """Give templates their filters and globals."""
    environment = app.jinja_env
    environment.undefined = StrictUndefined
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=True)  # type: ignore[attr-defined]
    environment.filters.update(money=money, number=number, date=day, safe_html=safe)
    del environment.filters["safe"]

    @app.context_processor
    def _common() -> dict[str, Any]:
        return {"actor": signed_in(), "now_year": clock.today().year}
