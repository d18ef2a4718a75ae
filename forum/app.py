"""The application: the only file, with `cli` and `reactions`, that knows every room."""

from __future__ import annotations

import ctypes
import gc
import logging
import sys
from contextlib import suppress
from pathlib import Path

from flask import Flask
from flask_compress import Compress

import forum.case_studies.models
import forum.comments.models
import forum.core.jobs
import forum.core.limits
import forum.core.mail
import forum.freshness.models
import forum.guides.models
import forum.links.models
import forum.moderation.models
import forum.places.models
import forum.questions.models
import forum.resources.models
import forum.search.models  # noqa: F401  # a room's tables exist once its models are imported
from forum import pages, reactions
from forum.accounts import views as accounts
from forum.admin import views as admin
from forum.announcements import views as announcements
from forum.case_studies import views as case_studies
from forum.comments import views as comments
from forum.config import Settings
from forum.core import db as database
from forum.core import http, triggers
from forum.curation import views as curation
from forum.desk import views as desk
from forum.digests import desk as digest_desk
from forum.digests import views as digests
from forum.freshness import views as freshness
from forum.guides import views as guides
from forum.knowledge import views as knowledge
from forum.links import addresses
from forum.moderation import views as moderation
from forum.places import views as places
from forum.posts import views as posts
from forum.questions import views as questions
from forum.resources import views as resources
from forum.search import views as search
from forum.site import views as site
from forum.web import access, assets, errors, pagecache, render, security

HERE = Path(__file__).resolve().parent
ROOMS = (
    site,
    accounts,
    places,
    posts,
    case_studies,
    questions,
    guides,
    freshness,
    knowledge,
    resources,
    comments,
    moderation,
    search,
    curation,
    admin,
    announcements,
    digests,
    digest_desk,
    desk,
)

# Seconds that a thread may compute while others wait. At Python's own 5 ms, whoever reads waits as long for one who
# writes, and he again each time that the database has answered him: reading fell to a quarter beside a writer.
TURN = 0.0005

# glibc's M_ARENA_MAX: in so many parts memory is allocated. malloc.h
ARENAS = -8

log = logging.getLogger("interlocal")


def resource_dir(name: str) -> Path:
    """`templates`, `static` or `migrations`: beside the package in a checkout, inside it when installed."""
    return next(base / name for base in (HERE, HERE.parent) if (base / name).is_dir())


def create_app(settings: Settings) -> Flask:
    """An application for these settings. It does not touch the database until it is asked something."""
    app = Flask(__name__, template_folder=str(resource_dir("templates")), static_folder=None)
    app.extensions["interlocal"] = settings
    app.config["TESTING"] = settings.mode == "test"
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = database.engine_options(settings.database_url)
    database.db.init_app(app)
    with app.app_context():
        database.prepare_engine(database.db.engine)
    pagecache.install(app, settings, pages.PAGES, pages.own)
    security.install(app, settings)
    render.install(app)
    assets.install(app, resource_dir("static"), settings.data / "assets")
    errors.install(app)
    accounts.install(app)
    announcements.install(app)
    desk.install(app)
    access.install(app)
    Compress(app)
    pagecache.declare(app, pages.PAGES)
    for room in ROOMS:
        app.register_blueprint(room.blueprint)
    reactions.connect(settings)
    http.configure(settings.base_url, settings.fetch_allowed)
    addresses.configure(settings.archive)
    if settings.database_url.startswith("sqlite") and database.sqlite_is_at_risk():
        log.warning(
            "This SQLite can, very rarely, lose a commit when two processes write; use one server process."
        )
    return app


def ready() -> None:
    """Prepare this process to serve what it has loaded, or to fork others that do.

    What is in memory now is not looked through for garbage again: that took a tenth of a second, of whoever was being
    answered, and would end the sharing of memory between forks.
    """
    gc.freeze()
    # Threads that allocate apart keep apart what is free: 15 MB of two processes. Python lets one compute at a time.
    with suppress(AttributeError, OSError, TypeError):  # not every system's C library has this
        ctypes.CDLL(None).mallopt(ARENAS, 1)
    sys.setswitchinterval(TURN)


def migrate(revision: str = "head") -> None:
    """Bring the current application's database to `revision`."""
    triggers.install_triggers({})
    database.upgrade(resource_dir("migrations"), revision)
    if revision == "head":
        triggers.install_triggers(pages.RAISES)


def is_migrated() -> bool:
    """Whether the current application's database is as the code expects it."""
    return database.is_current(resource_dir("migrations"))
