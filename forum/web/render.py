"""Templates: what they may use, and the one door for HTML."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app, render_template
from jinja2 import StrictUndefined, Template
from jinja2.environment import TemplateModule
from jinja2.runtime import Context
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


def _translated(message: str, **values: Any) -> Markup:
    """A string of a template in the reader's language.

    Jinja's own does the same by way of the context, many times slower; a page of ours has a hundred.
    """
    text = i18n.gettext(message)
    return Markup(text) % values if values or "%" in text else Markup(text)  # noqa: S704  # our own words


class _Template(Template):
    """A template whose macros are the same wherever they are imported: ours see nothing of who imports them.

    Jinja compares all global names at each import, some thirty times a page, to find that out.
    """

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:
        if self._module is None:
            self._module = self.make_module()
        return self._module


def install(app: Flask) -> None:
    """Give templates their filters and globals."""
    environment = app.jinja_env
    environment.undefined = StrictUndefined
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=True)  # type: ignore[attr-defined]
    environment.globals["_"] = environment.globals["gettext"] = _translated
    environment.template_class = _Template
    environment.filters.update(money=money, number=number, date=day, safe_html=safe)
    del environment.filters["safe"]

    @app.context_processor
    def _common() -> dict[str, Any]:
        return {"actor": signed_in(), "now_year": clock.today().year}
