"""Filling the gazetteer."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from forum.core.db import db, write
from forum.places.models import Gazetteer, Place, place_key, region_name

DATA = Path(__file__).with_name("data") / "places.csv.gz"
# Rows a statement: few enough that progress moves, many enough that it costs nothing.
CHUNK = 5_000


def load_gazetteer(progress: Callable[[int, int], None] | None = None, file: Path = DATA) -> int:
    """Load the places that ship with us; returns how many were written, 0 when they are there already.

    A newer file updates and adds places and removes none, since others refer to them. `progress` is told
    (done, total) as it goes. Source: GeoNames, see data/README.md.
    """
    packed = file.read_bytes()
    checksum = hashlib.sha256(packed).hexdigest()
    loaded = select(Gazetteer.checksum)
    if db.session.scalar(loaded) == checksum:
        return 0
    rows = _rows(packed)
    with write() as session:
        # Somebody else may have loaded it while we waited for the lock.
        if session.scalar(loaded) == checksum:
            return 0
        insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        places = insert(Place)
        places = places.on_conflict_do_update(
            index_elements=["id"], set_={name: places.excluded[name] for name in rows[0] if name != "id"}
        )
        for start in range(0, len(rows), CHUNK):
            # Core's table rather than the class: the ORM would prepare each row once more.
            session.connection().execute(places, rows[start : start + CHUNK])
            if progress:
                progress(min(start + CHUNK, len(rows)), len(rows))
        session.merge(Gazetteer(id=1, checksum=checksum))
    return len(rows)


def _rows(packed: bytes) -> list[dict[str, Any]]:
    """The places in a file, as rows of the table."""
    lines = csv.DictReader(io.StringIO(gzip.decompress(packed).decode()))
    return [
        {
            "id": int(line["id"]),
            "name": line["name"],
            "key": place_key(line["name"]),
            "region_code": line["region_code"] or None,
            "region": region_name(line["region_code"]),
            "country": line["country"],
            "population": int(line["population"]),
            "latitude": float(line["latitude"]),
            "longitude": float(line["longitude"]),
        }
        for line in lines
    ]
