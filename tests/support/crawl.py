"""Every route of an application, and an address for each."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from forum.core.roles import Role


@dataclass(frozen=True)
class Crawl:
    """The routes of an application, each with an address that leads somewhere."""

    app: Flask
    # folder -> the last part of an address below it; argument -> its value wherever else it stands.
    below: dict[str, str]
    values: dict[str, Any]

    def rules(self, *methods: str) -> Iterator[Rule]:
        """The routes that answer one of these methods."""
        for rule in sorted(self.app.url_map.iter_rules(), key=str):
            if set(methods) & (rule.methods or set()):
                yield rule

    def needs(self, rule: Rule) -> Role | None:
        """Who may enter, by the route's own word."""
        return getattr(self.app.view_functions[rule.endpoint], "opens_to", None)

    def address(self, rule: Rule) -> str:
        """An address of this route. What we have no value for gets one that is not there: 404 is an answer too."""
        folder = rule.rule.split("/")[1]
        values = self.values | {"slug": self.below.get(folder, "nothing")}
        with self.app.test_request_context():
            adapter = self.app.url_map.bind("localhost")
            return adapter.build(rule.endpoint, {name: values.get(name, 1) for name in rule.arguments})
