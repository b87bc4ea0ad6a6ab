"""An extract of a whole country is read in bounded memory: what it takes is what lies in the place."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import osmium
import pytest
from osmium.osm.mutable import Node, Way

pytestmark = [pytest.mark.torture, pytest.mark.timeout(1200)]

NODES, WAYS = 3_000_000, 300_000
MOST_GROWTH_MB = 200
READER = """
import json, resource, sys
from gis.vectors.osm_extract import read_osm
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
box = (-64.5, -18.7, -64.3, -18.5)
rows = len(read_osm(sys.argv[1], "lines", keys=("highway", "name"), any_of=("highway",), bbox=box))
print(json.dumps([rows, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024]))
"""


def test_the_memory_for_a_large_extract_is_bounded(tmp_path: Path) -> None:
    file = tmp_path / "pais.osm.pbf"
    chance = random.Random(7)  # noqa: S311  no secret
    writer = osmium.SimpleWriter(str(file))
    for number in range(NODES):
        shift = chance.uniform(0, 0.004)
        place = (-69 + number % 2000 * 0.005 + shift, -22 + number // 2000 * 0.005 - shift)
        writer.add_node(Node(id=number + 1, location=place))
    for number in range(WAYS):
        first = number * (NODES // WAYS) + 1
        tags = {"highway": "track", "name": f"Camino {chance.getrandbits(80):x}"}
        writer.add_way(
            Way(id=number + 1, nodes=[first, *(first + chance.randrange(10) for _step in range(6))], tags=tags)
        )
    writer.close()
    done = subprocess.run([sys.executable, "-c", READER, str(file)], capture_output=True, text=True, check=True)
    rows, growth = json.loads(done.stdout)
    assert 0 < rows < WAYS / 100
    assert growth < MOST_GROWTH_MB, growth
