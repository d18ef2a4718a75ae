"""A small gazetteer out of the real one: every place whose name begins in one of a few ways."""

import csv
import gzip
import io
from collections.abc import Iterable
from pathlib import Path

import pytest

from forum.places.actions import DATA, load_gazetteer

BEGINNINGS = (
    "Northf", "Maplewood", "Princeton", "Saint Paul", "St. Paul", "Québec", "San José", "San Jose", "London",
    "Warren", "New York", "Washington", "Łódź", "O'Fallon", "Leeds", "Poway", "Lyon", "Fort Col",
    "Zürich", "Sammamish", "Madison", "Portland", "Paris",
)  # fmt: skip


def read_places(file: Path = DATA) -> list[dict[str, str]]:
    """The lines of a data file."""
    return list(csv.DictReader(io.StringIO(gzip.decompress(file.read_bytes()).decode())))


def write_places(file: Path, places: Iterable[dict[str, str]]) -> Path:
    """A data file of these lines."""
    lines = io.StringIO()
    writer = csv.DictWriter(
        lines, ["id", "name", "region_code", "country", "population", "latitude", "longitude"]
    )
    writer.writeheader()
    writer.writerows(places)
    file.write_bytes(gzip.compress(lines.getvalue().encode(), mtime=0))
    return file


@pytest.fixture(scope="session")
def all_places() -> list[dict[str, str]]:
    return read_places()


@pytest.fixture(scope="session")
def small_file(all_places: list[dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    chosen = [line for line in all_places if line["name"].startswith(BEGINNINGS)]
    return write_places(tmp_path_factory.mktemp("places") / "places.csv.gz", chosen)


@pytest.fixture
def gazetteer(session, small_file: Path) -> int:
    """The small gazetteer, loaded; the number of its places."""
    return load_gazetteer(file=small_file)
