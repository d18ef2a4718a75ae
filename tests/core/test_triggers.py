"""The triggers that tell of changes can be put in while others write."""

from threading import Thread
from typing import Any

from flask import Flask
from sqlalchemy import event

from forum.core import limits
from forum.core.db import db
from forum.core.triggers import install_triggers
from forum.pages import RAISES


def test_who_writes_meanwhile_waits_or_is_waited_for(app: Flask) -> None:
    def write() -> None:
        with app.app_context():
            limits.spend("somebody", 10, 600)

    other = Thread(target=write)

    def let_others_write(_connection: Any, _cursor: Any, statement: str, *_arguments: Any) -> None:
        if other.ident is None and "sqlite_master" in statement:
            other.start()
            other.join(0.5)

    with app.app_context():
        event.listen(db.engine, "after_cursor_execute", let_others_write)
        install_triggers(RAISES)
        event.remove(db.engine, "after_cursor_execute", let_others_write)
    if other.ident is not None:
        other.join()
