"""Maps: what part of the world they show, where its lines run, and how dots that crowd become one."""

import itertools
import json
import math
import re
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.places.data import build_outlines
from forum.places.likeness import Community, kilometres
from forum.places.maps.drawing import APART, MapPoint, draw, globe, main_part
from forum.places.maps.frames import Extent, fit, paths, world
from forum.places.maps.outlines import DATA, FILLED, LAYERS, LEVELS, level_for, outlines
from forum.places.maps.projections import AzimuthalEqualArea, EqualEarth

WIDTH, HEIGHT = 720.0, 440.0
# Longitude, latitude.
SEATTLE, BOSTON, MIAMI, SAN_DIEGO = (-122.3, 47.6), (-71.1, 42.4), (-80.2, 25.8), (-117.2, 32.7)
LONDON, LEEDS, AUCKLAND, CHATHAM, SUVA = (
    (-0.1, 51.5), (-1.5, 53.8), (174.8, -36.9), (-176.6, -43.9), (178.4, -18.1),
)  # fmt: skip
STATES = [SEATTLE, BOSTON, MIAMI, SAN_DIEGO]

degrees = st.tuples(st.floats(-180, 180), st.floats(-85, 85))


def point(place, n=1, **more):
    longitude, latitude = place
    return MapPoint(latitude, longitude, f"{place}", n, **more)


def named(dots):
    """Names and addresses for tests to read."""
    return [
        (points[0].key, f"/{points[0].key}")
        if len(points) == 1
        else (f"{sum(p.n for p in points)} things", f"/?box={Extent.around(globe(points)).text}")
        for points in dots
    ]


def at(place):
    longitude, latitude = place
    return Community("", latitude=latitude, longitude=longitude)


def drawing_of(places, **options):
    return draw([point(place) for place in places], named, **options)


# --- Projections


@given(degrees, degrees)
def test_what_is_put_on_paper_can_be_found_on_the_globe_again(middle, place):
    projection = AzimuthalEqualArea(*middle)
    if kilometres(at(middle), at(place)) > 19_900:
        return  # The other side of the globe is everywhere on the rim.
    ((x, y),) = projection.place([place])
    longitude, latitude = projection.unplace(x, y)
    assert latitude == pytest.approx(place[1], abs=1e-3)
    turned = (longitude - place[0] + 180) % 360 - 180
    assert turned * math.cos(math.radians(latitude)) == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize("projection", [EqualEarth(), AzimuthalEqualArea(-95.0, 40.0)], ids=["world", "part"])
@pytest.mark.parametrize("place", [(-95.0, 40.0), (-120.0, 60.0), (-60.0, -5.0)], ids=str)
def test_areas_stay_true(projection, place):
    step = 0.01
    x, y = place
    (a, b, c) = projection.place([(x, y), (x + step, y), (x, y + step)])
    on_paper = abs((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1]))
    on_the_globe = math.radians(step) ** 2 * math.cos(math.radians(y))
    assert on_paper == pytest.approx(on_the_globe, rel=0.002)


# --- The part of the world that is shown


@pytest.mark.parametrize(
    "places",
    [
        STATES,
        [*STATES, (-114.0, 60.0)],
        [LONDON, LEEDS],
        [AUCKLAND, CHATHAM, SUVA],
        [BOSTON],
        [LONDON, BOSTON],
    ],
    ids=["the states", "with Canada", "England", "across the date line", "one", "across an ocean"],
)
def test_every_place_is_in_the_picture_with_room_around_it(places):
    frame = fit(places, WIDTH, HEIGHT)
    assert isinstance(frame.projection, AzimuthalEqualArea)
    for x, y in frame.place(places):
        assert 20 < x < WIDTH - 20
        assert 20 < y < HEIGHT - 20


@given(st.lists(degrees, min_size=1, max_size=20))
def test_whatever_is_to_be_shown_is_shown(places):
    frame = fit(places, WIDTH, HEIGHT)
    inhabited = [place for place in places if -55 < place[1] < 79]
    assert all(frame.shows(x, y) for x, y in frame.place(inhabited))


def test_one_place_is_shown_with_the_country_around_it():
    frame = fit([BOSTON], WIDTH, HEIGHT)
    ((x1, _), (x2, _)) = frame.place([BOSTON, (BOSTON[0] + 1, BOSTON[1])])
    assert x2 - x1 < WIDTH / 8


def test_what_is_on_either_side_of_the_globe_is_shown_on_a_map_of_the_world():
    assert isinstance(fit([BOSTON, AUCKLAND], WIDTH, HEIGHT).projection, EqualEarth)
    assert fit([], WIDTH, HEIGHT) == world(WIDTH, HEIGHT)


def test_maps_of_nearly_the_same_part_are_the_same_map():
    shifted = [(x + 0.2, y - 0.1) for x, y in STATES]
    assert fit(STATES, WIDTH, HEIGHT) == fit(shifted, WIDTH, HEIGHT)
    assert paths(fit(STATES, WIDTH, HEIGHT)) is paths(fit(shifted, WIDTH, HEIGHT))


def test_an_extent_leaves_out_the_widest_stretch_without_any():
    assert Extent.around([BOSTON]) == Extent(*BOSTON, *BOSTON)
    across = Extent.around([AUCKLAND, CHATHAM, SUVA])
    assert across.west == pytest.approx(174.8)
    assert across.east == pytest.approx(183.4)
    assert across.holds(*CHATHAM)
    assert not across.holds(*BOSTON)


@given(st.lists(degrees, min_size=1, max_size=8))
def test_an_extent_survives_its_address(places):
    extent = Extent.around(places)
    read = Extent.read(extent.text)
    assert read is not None
    assert all(read.holds(*place) for place in places)


@pytest.mark.parametrize(
    "text",
    ["", "1,2,3", "a,b,c,d", "3,2,1,0", "1e9,2,3,4", "nan,1,2,3", "1,2,3,4,5", "1,2,3,4\n", "9" * 9999],
)
def test_what_is_no_extent_is_none(text):
    assert Extent.read(text) is None


# --- Outlines


def numbers(path):
    return [int(number) for number in re.findall(r"-?\d+", path)]


def bounds(path):
    """The places that a path goes through, in units of the picture."""
    for part in path.split("M")[1:]:
        start, steps = part.rstrip("z").split("l")
        x, y = numbers(start)
        yield x / 10, y / 10
        found = numbers(steps)
        for dx, dy in zip(found[::2], found[1::2], strict=True):
            x, y = x + dx, y + dy
            yield x / 10, y / 10


@pytest.mark.parametrize(
    "places",
    [[], STATES, [LONDON, LEEDS], [AUCKLAND, CHATHAM], [(-150.0, 61.2)], [(24.9, 60.2), (18.0, 70.0)]],
    ids=["world", "the states", "England", "New Zealand", "Alaska", "the north"],
)
def test_land_is_cut_at_the_edge_of_the_picture(places):
    frame = fit(places, WIDTH, HEIGHT)
    drawn = paths(frame)
    assert re.fullmatch(r"[Mlz\d -]*", "".join(drawn.values()))
    for layer in FILLED:
        for x, y in bounds(drawn[layer]):
            assert -10 <= x <= frame.width + 10
            assert -10 <= y <= frame.height + 10
    assert drawn["land"]


@pytest.mark.parametrize(
    ("place", "wet"),
    [
        (BOSTON, False), (SEATTLE, False), ((-95.0, 40.0), False), ((-87.0, 44.0), True), ((-70.0, 35.0), True),
        ((-120.0, 30.0), True), ((-98.0, 52.5), True),
    ],
    ids=["Boston", "Seattle", "Kansas", "Lake Michigan", "Atlantic", "Pacific", "Lake Winnipeg"],
)  # fmt: skip
def test_land_is_land_and_water_is_water(place, wet):
    frame = fit(STATES, WIDTH, HEIGHT)
    drawn = paths(frame)
    ((x, y),) = frame.place([place])
    on_land, in_lake = (inside(drawn[layer], x, y) for layer in FILLED)
    assert (not on_land or in_lake) is wet


def inside(path, x, y):
    """Whether a point is in a filled path, by the rule of even and odd."""
    crossings = 0
    for part in path.split("M")[1:]:
        ring = list(bounds("M" + part))
        for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True):
            if (y1 > y) != (y2 > y) and x < x1 + (y - y1) / (y2 - y1) * (x2 - x1):
                crossings += 1
    return crossings % 2 == 1


def test_a_map_of_the_world_needs_few_points_and_one_of_a_county_many():
    assert level_for(2.0) == 0
    assert level_for(100.0) == LEVELS - 1
    for layer in LAYERS:
        amounts = [sum(len(outline.points) for outline in outlines(layer, level)) for level in range(LEVELS)]
        assert amounts == sorted(amounts)
    assert sum(len(path) for path in paths(world(WIDTH, HEIGHT)).values()) < 45_000


def test_the_outlines_are_small_enough_to_ship():
    assert DATA.stat().st_size < 200_000


# --- Dots


def test_a_place_alone_is_a_dot_that_leads_to_it():
    (dot,) = drawing_of([BOSTON]).wide
    assert (dot.n, dot.label, dot.href) == (1, str(BOSTON), f"/{BOSTON}")
    assert dot.reach > dot.radius


def test_places_that_crowd_become_one_dot_which_leads_to_all_of_them():
    brookline = (BOSTON[0] + 0.05, BOSTON[1])
    wide = drawing_of([*STATES, brookline]).wide
    assert sorted(dot.n for dot in wide) == [1, 1, 1, 2]
    cluster = max(wide, key=lambda dot: dot.n)
    assert cluster.label == "2 things"
    extent = Extent.read(cluster.href.removeprefix("/?box="))
    assert extent.holds(*BOSTON)
    assert extent.holds(*brookline)


def test_a_place_of_several_things_keeps_its_name():
    (dot,) = draw([point(BOSTON, n=7)], named).wide
    assert (dot.n, dot.label) == (7, str(BOSTON))


@given(st.lists(degrees, min_size=1, max_size=120))
def test_no_dot_is_too_near_to_another_and_none_is_lost(places):
    drawing = drawing_of(places)
    for dots, unit in ((drawing.wide, 1), (drawing.narrow, 2)):
        assert sum(dot.n for dot in dots) == len(places)
        for a, b in itertools.combinations(dots, 2):
            apart = math.hypot(a.x - b.x, a.y - b.y)
            assert apart > APART * unit - 0.5
            assert apart > a.radius + b.radius


def test_there_are_fewer_dots_for_narrow_screens():
    places = [(-120 + i * 1.5, 35 + i % 7) for i in range(30)]
    drawing = drawing_of(places)
    assert len(drawing.narrow) < len(drawing.wide)


def test_more_things_make_a_larger_dot():
    few, many = (draw([point(BOSTON, n=n)], named).wide[0] for n in (4, 30))
    assert few.radius < many.radius


def test_many_thousand_places_are_drawn_all_the_same():
    places = [(-120 + i % 97 * 0.5, 30 + i % 31 * 0.5) for i in range(5000)]
    drawing = drawing_of(places)
    assert drawing.shown == 5000
    assert len(drawing.wide) < 300


def test_what_lies_beyond_the_extent_is_counted_and_left_out():
    places = [point(place) for place in (*STATES, LONDON, AUCKLAND)]
    extent = main_part(places)
    drawing = draw(places, named, extent=extent)
    assert (drawing.shown, drawing.outside) == (4, 2)
    assert main_part(places[:4]) is None
    assert main_part([]) is None


def test_a_mark_that_is_not_counted_is_set_apart():
    drawing = draw([point(BOSTON, n=0, marked=True), point(MIAMI)], named)
    assert drawing.shown == 1
    (mark,) = [dot for dot in drawing.wide if dot.marked]
    assert mark.label == str(BOSTON)


def test_the_map_without_anything_on_it_is_the_world():
    drawing = draw([], named)
    assert (drawing.wide, drawing.narrow, drawing.shown) == ([], [], 0)
    assert drawing.height < HEIGHT


# --- The file of outlines


def write_package(folder, name, objects, arcs, translate=(0, 0)):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        json.dumps(
            {
                "transform": {"scale": [1, 1], "translate": list(translate)},
                "objects": {layer: {"geometries": found} for layer, found in objects.items()},
                "arcs": arcs,
            }
        )
    )


def two_halves(**properties):
    """Two squares side by side: the arc between them is their border."""
    left = {"type": "Polygon", "arcs": [[0, 1]], "properties": properties}
    right = {"type": "MultiPolygon", "arcs": [[[-1, 2]]], "properties": properties}
    arcs = [[[5, 0], [0, 5]], [[5, 5], [-5, 0], [0, -5], [5, 0]], [[5, 5], [5, 0], [0, -5], [-5, 0]]]
    return [left, right], arcs


def test_building_the_outlines_again_gives_the_same_bytes(tmp_path):
    halves, arcs = two_halves()
    whole = [{"type": "Polygon", "arcs": [[1, 0]]}]
    write_package(tmp_path, build_outlines.WORLD, {"countries": halves, "land": whole}, arcs)
    write_package(tmp_path, build_outlines.STATES, {"states": halves}, arcs)
    governed, _arcs = two_halves(gu="CAN")
    lakes = [{"type": "Polygon", "arcs": [[1, 0]]}]
    write_package(tmp_path, build_outlines.NORTH_AMERICA, {"subunits": governed, "lakes": lakes}, arcs)
    governed, _arcs = two_halves(gu="AUS")
    write_package(tmp_path, build_outlines.SUBUNITS, {"subunits": governed, "lakes": lakes}, arcs)
    sums = set()
    for target in (tmp_path / "one.gz", tmp_path / "two.gz"):
        assert build_outlines.build(tmp_path, target)["countries"] == 2
        sums.add(sha256(target.read_bytes()).hexdigest())
    assert len(sums) == 1


def test_a_line_over_the_date_line_does_not_run_round_the_globe():
    line = build_outlines.unbroken([(179.0, 0.0), (-179.0, 1.0), (-178.0, 1.0), (179.5, 2.0)])
    assert [x for x, _y in line] == [179.0, 181.0, 182.0, 179.5]


def test_the_sources_of_the_outlines_are_named():
    readme = DATA.with_name("README.md").read_text()
    assert "Natural Earth" in readme
    assert "U.S. Census Bureau" in readme
    assert "public domain" in readme
