"""HTTP of this room."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("moderation", __name__)
