"""A few places of the gazetteer, with the numbers that they have there."""

from forum.core.db import write
from forum.places.models import Place, place_key, region_name

# id, name, region, country, population, latitude, longitude.
PLACES = [
    (5039675, "Northfield", "US-MN", "US", 20_380, 44.4583, -93.1616),
    (5025219, "Faribault", "US-MN", "US", 23_594, 44.295, -93.2688),
    (5036588, "Maplewood", "US-MN", "US", 40_567, 44.953, -92.9952),
    (5261457, "Madison", "US-WI", "US", 280_305, 43.0731, -89.4012),
    (5391811, "San Diego", "US-CA", "US", 1_404_452, 32.7157, -117.1647),
    (2644688, "Leeds", "GB-ENG", "GB", 536_280, 53.7965, -1.5479),
    (2193733, "Auckland", "NZ-AUK", "NZ", 1_478_800, -36.8485, 174.7635),
    (1_000_027_131, "Rice County", "US-MN", "US", 0, 44.3543, -93.2963),
]  # fmt: skip
NORTHFIELD, FARIBAULT, MAPLEWOOD, MADISON, SAN_DIEGO, LEEDS, AUCKLAND, RICE_COUNTY = (
    row[0] for row in PLACES
)


def add_places() -> None:
    """Put them into the gazetteer."""
    with write() as session:
        session.add_all(
            Place(
                id=id_,
                name=name,
                key=place_key(name),
                region_code=code,
                region=region_name(code),
                country=country,
                population=population,
                latitude=latitude,
                longitude=longitude,
            )
            for id_, name, code, country, population, latitude, longitude in PLACES
        )


def located(name: str, region_code: str, **more: object) -> dict[str, object]:
    """What a form says of a place."""
    return {
        "name": name,
        "region": region_name(region_code),
        "region_code": region_code,
        "country": region_code[:2],
    } | more
