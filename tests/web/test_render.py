"""What is drawn once and remembered is what would be drawn anew."""

from collections.abc import Iterator

import pytest
from flask import Flask
from jinja2 import nodes
from markupsafe import Markup

# What a macro may ask for that is drawn once: what is the same for everybody, on every page; and a call block, with
# which it is drawn anew.
SHARED = {"_", "gettext", "ngettext", "asset", "loop", "namespace", "varargs", "kwargs", "caller"}


class Templates:
    """The macros of all templates, and what each asks for beside its arguments."""

    def __init__(self, app: Flask) -> None:
        environment = app.jinja_env
        self.parsed = {
            name: environment.parse(environment.loader.get_source(environment, name)[0])
            for name in environment.list_templates(["html"])
        }

    def remembered(self) -> Iterator[tuple[str, str]]:
        """(template, macro) of those that are drawn once."""
        for name, template in self.parsed.items():
            for assigned in template.find_all(nodes.Assign):
                call = assigned.node
                if isinstance(call, nodes.Call) and getattr(call.node, "name", "") == "once":
                    yield name, assigned.target.name

    def asks_for(self, template: str, macro: str) -> set[str]:
        """The names that a macro, or one that it calls, takes from neither its arguments nor its template."""
        tree = self.parsed[template]
        macros = {each.name: each for each in tree.find_all(nodes.Macro)}
        if macro not in macros:
            return set()  # a constant
        constants = {each.target.name for each in tree.body if isinstance(each, nodes.Assign)} - set(macros)
        found = self._free(template, macros[macro]) - constants
        for include in macros[macro].find_all(nodes.Include):
            # What is included sees the arguments of the macro, and the template around it.
            part = include.template.value
            found |= (
                self._free(part, self.parsed[part])
                - constants
                - _bound(macros[macro])
                - set(self._imported(tree))
            )
        return found

    def _free(self, template: str, tree: nodes.Node) -> set[str]:
        """The names that a part of a template asks for, and those that the macros ask for which it calls."""
        whole = self.parsed[template]
        macros = {each.name for each in whole.find_all(nodes.Macro)}
        imported = self._imported(whole)
        found = set()
        for name in {name.name for name in tree.find_all(nodes.Name) if name.ctx == "load"} - _bound(tree):
            if name in imported:
                found |= self.asks_for(*imported[name])
            elif name in macros and getattr(tree, "name", "") != name:
                found |= self.asks_for(template, name) if tree is not whole else set()
            elif name not in macros:
                found.add(name)
        return found

    @staticmethod
    def _imported(tree: nodes.Template) -> dict[str, tuple[str, str]]:
        found = {}
        for each in tree.find_all(nodes.FromImport):
            for pair in each.names:
                theirs, ours = (pair, pair) if isinstance(pair, str) else pair
                found[ours] = (each.template.value, theirs)
        return found


def _bound(tree: nodes.Node) -> set[str]:
    return {name.name for name in tree.find_all(nodes.Name) if name.ctx in ("store", "param")}


def test_what_is_drawn_once_follows_from_its_arguments_alone(app: Flask) -> None:
    templates = Templates(app)
    remembered = list(templates.remembered())
    assert len(remembered) > 10
    for template, macro in remembered:
        assert templates.asks_for(template, macro) <= SHARED, f"{macro} of {template}"
    # It would be noticed: a form carries somebody's token.
    assert "csrf_token" in templates.asks_for("components/watch.html", "watch")
    assert ("case_studies/body.html", "case_body") in remembered


@pytest.fixture
def tag(app: Flask) -> Iterator[object]:
    with app.test_request_context():
        yield app.jinja_env.get_template("components/tag.html").module.tag  # type: ignore[attr-defined]


def test_text_and_markup_of_the_same_letters_are_told_apart(tag) -> None:
    assert "<b>x</b>" in tag(Markup("<b>x</b>"))
    for _twice in range(2):
        assert "&lt;b&gt;x&lt;/b&gt;" in tag("<b>x</b>")
    assert tag(1) != tag(True)


def test_arguments_by_name_and_without_a_hash_are_told_apart_too(tag) -> None:
    assert tag("a", href="/x") == tag("a", href="/x") != tag("a", href="/y") != tag("a")
    assert tag(["a"]) == tag(["a"]) != tag(["b"])


def test_memory_is_bounded(tag, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forum.web.render.MOST_DRAWN", 10_000)
    drawn = [tag(str(number)) for number in range(1000)]
    once = app.jinja_env.globals["once"]
    assert sum(len(html) for drawn in once.drawn.values() for html in drawn.values()) <= 10_000
    assert drawn == [tag(str(number)) for number in range(1000)]


def test_what_is_imported_with_context_is_remembered_too(app: Flask) -> None:
    source = "{% macro hello(name) %}Hello {{ name }}{% endmacro %}{% set hello = once(hello) %}"
    template = app.jinja_env.from_string(source)
    once = app.jinja_env.globals["once"]
    before = len(once.drawn)
    with app.test_request_context():
        for reader in ("Ana", "Bo"):
            assert template.make_module({"reader": reader}).hello("you") == "Hello you"  # type: ignore[attr-defined]
    assert len(once.drawn) == before + 1
    assert [len(drawn) for drawn in once.drawn.values()][-1] == 1
