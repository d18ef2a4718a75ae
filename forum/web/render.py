"""Templates: what they may use, and the one door for HTML."""

from __future__ import annotations

from collections.abc import Iterator
from types import CodeType, FunctionType, MethodType
from typing import Any

from flask import Flask, current_app, render_template
from jinja2 import StrictUndefined, Template
from jinja2.environment import TemplateModule
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from jinja2.runtime import Context, Macro
from markupsafe import Markup, escape

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
    said = {} if name.endswith(".html") else {"_": _in_plain_text}
    return current_app.jinja_env.get_template(name).render(**said, **values)


def _in_plain_text(message: str, **values: Any) -> str:
    """A string of a template in the reader's language, for what is no HTML: nothing is escaped."""
    return i18n.gettext(message) % values


def _translated(message: str, **values: Any) -> Markup:
    """A string of a template in the reader's language.

    Jinja's own does the same by way of the context, many times slower; a page of ours has a hundred.
    """
    text = i18n.gettext(message)
    return Markup(text) % values if values or "%" in text else Markup(text)  # noqa: S704  # our own words


class _Said(Extension):
    """Puts `{{ _('...') }}` and `{{ asset('...') }}` into the text around them when a template is compiled.

    A process speaks one language, and has one set of assets.
    """

    CONSTANT = ("_", "asset")
    TOKENS = ("variable_begin", "name", "lparen", "string", "rparen", "variable_end")

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """The tokens of a template, with text in place of what says always the same."""
        tokens = list(stream)
        at = 0
        while at < len(tokens):
            six = tokens[at : at + 6]
            if tuple(token.type for token in six) == self.TOKENS and six[1].value in self.CONSTANT:
                say: Any = self.environment.globals[six[1].value]
                yield Token(six[0].lineno, "data", str(escape(say(six[3].value))))
                at += 6
            else:
                yield six[0]
                at += 1


# Characters of HTML that remembered pieces may take together.
MOST_DRAWN = 4_000_000


class Once:
    """Macros whose HTML follows from their arguments alone: drawn once for each, and remembered.

    `{% set icon = once(icon) %}` stands after such a macro; a test sees to it that it asks for nothing else. What takes
    a call block, or an argument without a hash, is drawn anew.
    """

    def __init__(self) -> None:
        # By the code of the macro: a template that is imported with context makes its macros anew each time.
        self.drawn: dict[CodeType, dict[Any, str]] = {}
        self._size = 0

    def __call__(self, macro: Macro) -> _DrawnOnce:
        """The macro, with a memory."""
        return _DrawnOnce(macro, self, self.drawn.setdefault(macro._func.__code__, {}))

    def make_room(self, size: int) -> None:
        """For so many characters; when there is none, everything is forgotten."""
        self._size += size
        if self._size > MOST_DRAWN:
            self._size = size
            for drawn in self.drawn.values():
                drawn.clear()


class _DrawnOnce:
    def __init__(self, macro: Macro, once: Once, drawn: dict[Any, str]) -> None:
        self.macro, self._once, self.drawn = macro, once, drawn

    def __call__(self, *args: Any, **kwargs: Any) -> str:
        if "caller" in kwargs:
            return self.macro(*args, **kwargs)
        # With their types: text and markup of the same letters are equal, and only one of them is escaped.
        key = (args, *map(type, args), *kwargs.items(), *map(type, kwargs.values()))
        try:
            return self.drawn[key]
        except KeyError:
            drawn = self.macro(*args, **kwargs)
            self._once.make_room(len(drawn))
            self.drawn[key] = drawn
            return drawn
        except TypeError:
            return self.macro(*args, **kwargs)


class _Context(Context):
    """A context that calls macros, what remembers them, and functions that say nothing of it, without asking each
    time whether they want the context."""

    PLAIN = frozenset((Macro, _DrawnOnce, FunctionType, MethodType))

    def call(__self, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805  # as Jinja names them
        """What the template calls."""
        if type(__obj) in __self.PLAIN and not hasattr(__obj, "jinja_pass_arg"):
            kwargs.pop("_block_vars", None)
            kwargs.pop("_loop_vars", None)
            return __obj(*args, **kwargs)
        return super().call(__obj, *args, **kwargs)


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
    environment.add_extension(_Said)
    environment.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=True)  # type: ignore[attr-defined]
    environment.globals["_"] = environment.globals["gettext"] = _translated
    environment.globals["once"] = Once()
    environment.template_class = _Template
    environment.context_class = _Context
    environment.filters.update(money=money, number=number, date=day, safe_html=safe)
    del environment.filters["safe"]

    @app.context_processor
    def _common() -> dict[str, Any]:
        return {"actor": signed_in(), "now_year": clock.today().year}
