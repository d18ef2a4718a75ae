"""Templates: what they may use, and the one door for HTML."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app, render_template
from jinja2 import StrictUndefined
from markupsafe import Markup

from forum.core import clock, i18n
from forum.core.format import day, money, number
from forum.web.access import signed_in


def safe(html: str) -> Markup:
    """HTML that `core.markdown.render` made. The only place where a string becomes markup."""
    return Markup(html)  # noqa: S704  # sanitised when it was written, by the one door for member text


def page(template: str, **values: Any) -> str:
    """Render one page. Every name that the template uses must be given: an undefined one is an error."""
    return render_template(template, **values)


def template(name: str, **values: Any) -> str:
    """Render what is no page: a mail. It knows what it is given and nothing of a request, so a worker can do it."""
    return current_app.jinja_env.get_template(name).render(**values)


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
