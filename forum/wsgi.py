"""The application for servers that import it: `gunicorn --preload --workers 2 forum.wsgi:app`.

Settings come from the environment, and the background work is for `interlocal worker`. Loaded before the server forks,
most of the memory is shared; connections are not: each process opens its own at its first question.
"""

from __future__ import annotations

from forum.app import create_app, ready
from forum.config import Settings

settings = Settings.from_environment()
if settings.mode == "production":
    settings.require_secret()
app = create_app(settings)
ready()
