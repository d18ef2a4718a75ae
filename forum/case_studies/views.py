"""HTTP of this room."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("case_studies", __name__)
