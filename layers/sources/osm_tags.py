"""What the tags of OpenStreetMap mean to a zoning: classes of roads, waters, places and points of interest.

The classes are those of the OpenMapTiles schema, so that an extract and vector tiles of the same data give one layer.
"""

from __future__ import annotations

from collections.abc import Mapping

Tags = Mapping[str, object]
"""Key to value; a key that is not there is missing or not text."""

ROAD_KEYS = ("highway", "name", "ref", "surface", "tracktype")
STREAM_KEYS = ("waterway", "name", "intermittent", "seasonal")
AREA_KEYS = ("natural", "water", "landuse", "leisure", "wetland", "waterway", "name", "intermittent")
PLACE_KEYS = ("place", "name", "population")
POI_KEYS = ("tourism", "shop", "amenity", "historic", "craft", "leisure", "name")

_ROADS = {
    **{kind: kind for kind in ("motorway", "trunk", "primary", "secondary", "tertiary")},
    **{f"{kind}_link": kind for kind in ("motorway", "trunk", "primary", "secondary", "tertiary")},
    **dict.fromkeys(("unclassified", "residential", "living_street", "road"), "minor"),
    "service": "service",
    "track": "track",
    **dict.fromkeys(("path", "footway", "bridleway", "cycleway", "steps"), "path"),
    "pedestrian": "pedestrian",
    "construction": "construction",
    "raceway": "raceway",
    "rest_area": "rest_area",
}
_PAVED = frozenset(
    {"paved", "asphalt", "concrete", "concrete:plates", "concrete:lanes", "chipseal", "paving_stones", "sett", "bricks"}
)
_LOOSE = frozenset(
    {"unpaved", "gravel", "fine_gravel", "compacted", "pebblestone", "ground", "dirt", "earth", "sand", "mud", "grass"}
)
_STREAMS = frozenset({"river", "stream", "canal", "ditch", "drain"})
_COVERS = {
    "landuse": {
        **dict.fromkeys(("farmland", "orchard", "vineyard", "plant_nursery", "farm", "allotments"), "farmland"),
        "forest": "wood",
        **dict.fromkeys(("meadow", "grass", "recreation_ground", "village_green"), "grass"),
    },
    "natural": {
        "wood": "wood",
        "wetland": "wetland",
        **dict.fromkeys(("grassland", "heath", "scrub"), "grass"),
        **dict.fromkeys(("sand", "beach"), "sand"),
        **dict.fromkeys(("bare_rock", "scree"), "rock"),
        "glacier": "ice",
    },
}
_URBAN = frozenset({"residential", "industrial", "commercial", "retail", "cemetery", "military", "quarry", "landfill"})
_PLACES = frozenset(
    {
        "city",
        "town",
        "village",
        "hamlet",
        "isolated_dwelling",
        "farm",
        "suburb",
        "quarter",
        "neighbourhood",
        "locality",
    }
)
SETTLEMENTS = frozenset({"city", "town", "village", "hamlet", "isolated_dwelling"})
"""Ranks of places where people live apart from others; the rest are parts of a town, or names of places."""
_POIS: Mapping[str, Mapping[str, str]] = {
    "tourism": {
        **dict.fromkeys(("hotel", "hostel", "guest_house", "motel", "chalet", "alpine_hut", "apartment"), "lodging"),
        **dict.fromkeys(("camp_site", "caravan_site"), "campsite"),
        **dict.fromkeys(("attraction", "viewpoint", "theme_park", "zoo", "picnic_site", "artwork"), "attraction"),
        "museum": "museum",
        "gallery": "art_gallery",
        "information": "information",
    },
    "historic": {
        **dict.fromkeys(("castle", "ruins", "fort"), "castle"),
        **dict.fromkeys(("monument", "memorial", "archaeological_site"), "monument"),
    },
    "amenity": {
        "marketplace": "grocery",
        "arts_centre": "art_gallery",
        "restaurant": "restaurant",
        "bank": "bank",
        "fuel": "fuel",
        "school": "school",
        "hospital": "hospital",
        "townhall": "town_hall",
        "bus_station": "bus",
    },
    "shop": {"supermarket": "grocery", "greengrocer": "grocery", "craft": "shop", "gift": "shop", "art": "art_gallery"},
}


def _said(tags: Tags, key: str) -> str:
    value = tags.get(key)
    return value.strip() if isinstance(value, str) else ""


def road(tags: Tags) -> str | None:
    """Return the class of a road, ``None`` for what is none.

    Examples
    --------
    >>> road({"highway": "trunk_link"}), road({"highway": "residential"}), road({"highway": "elevator"})
    ('trunk', 'minor', None)
    """
    return _ROADS.get(_said(tags, "highway"))


def surface(tags: Tags) -> str | None:
    """Return ``paved`` or ``unpaved``; ``None`` where nothing is said, a track's grade being said.

    Examples
    --------
    >>> surface({"surface": "gravel"}), surface({"tracktype": "grade1"}), surface({})
    ('unpaved', 'paved', None)
    """
    told = _said(tags, "surface")
    if told in _PAVED or (not told and _said(tags, "tracktype") == "grade1"):
        return "paved"
    return "unpaved" if told in _LOOSE or (not told and _said(tags, "tracktype").startswith("grade")) else None


def stream(tags: Tags) -> str | None:
    """Return the class of a watercourse, ``None`` for dams, locks and the like."""
    told = _said(tags, "waterway")
    return told if told in _STREAMS else None


def permanent(tags: Tags) -> bool:
    """Say whether water is there all the year: so it is, by the custom of the map, unless a tag says otherwise.

    Examples
    --------
    >>> permanent({}), permanent({"intermittent": "yes"}), permanent({"seasonal": "wet_season"})
    (True, False, False)
    """
    return _said(tags, "intermittent") in {"", "no"} and _said(tags, "seasonal") in {"", "no"}


def water(tags: Tags) -> str | None:
    """Return the class of a body of water."""
    if _said(tags, "natural") == "water":
        told = _said(tags, "water")
        return "river" if told in {"river", "stream", "canal", "oxbow"} else "lake"
    return {"reservoir": "lake", "basin": "lake"}.get(_said(tags, "landuse")) or (
        "river" if _said(tags, "waterway") == "riverbank" else None
    )


def cover(tags: Tags) -> tuple[str, str] | None:
    """Return class and subclass of what covers an area."""
    for key, classes in _COVERS.items():
        told = _said(tags, key)
        if told in classes:
            return classes[told], told
    return None


def urban(tags: Tags) -> str | None:
    """Return the use of built-up land."""
    told = _said(tags, "landuse")
    return told if told in _URBAN else None


def place(tags: Tags) -> str | None:
    """Return the rank of a place."""
    told = _said(tags, "place")
    return told if told in _PLACES else None


def population(tags: Tags) -> float | None:
    """Return the inhabitants of a place, ``None`` where no number is said.

    Examples
    --------
    >>> population({"population": "1 204"}), population({"population": "unos cien"})
    (1204.0, None)
    """
    digits = _said(tags, "population").replace(" ", "").replace(".", "").replace(",", "")
    return float(digits) if digits.isascii() and digits.isdigit() else None


def interest(tags: Tags) -> tuple[str, str] | None:
    """Return class and subclass of a point of interest; every workshop of a craft is one.

    Examples
    --------
    >>> interest({"tourism": "hostel"}), interest({"craft": "pottery"}), interest({"shop": "tyres"})
    (('lodging', 'hostel'), ('shop', 'craft'), ('shop', 'tyres'))
    """
    for key, classes in _POIS.items():
        told = _said(tags, key)
        if told in classes:
            return classes[told], told
    if _said(tags, "craft"):
        return "shop", "craft"
    return ("shop", _said(tags, "shop")) if _said(tags, "shop") not in {"", "no", "vacant"} else None
