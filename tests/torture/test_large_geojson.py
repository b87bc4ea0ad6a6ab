"""A GeoJSON of 200 MB is read as a stream: what it takes in memory is what lies in the place, not the file."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.torture, pytest.mark.timeout(1200)]

FEATURES = 90_000
MOST_GROWTH_MB = 60
READER = """
import json, resource, sys
from gis.vectors.vector import read_vector
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
rows = len(read_vector(sys.argv[1], bbox=(-65.0, -19.0, -63.5, -17.5)))
print(json.dumps([rows, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024]))
"""


def test_the_memory_for_a_large_geojson_is_flat(tmp_path: Path) -> None:
    file = tmp_path / "pais.geojson"
    with file.open("w", encoding="utf-8") as target:
        target.write('{"type": "FeatureCollection", "features": [\n')
        for number in range(FEATURES):
            west, south = -69 + number % 400 * 0.03, -22 + number // 400 * 0.04
            ring = [[west + 0.02 * (step % 7) / 7, south + 0.02 * step / 60] for step in range(60)]
            geometry = {"type": "Polygon", "coordinates": [[*ring, [west + 0.02, south], ring[0]]]}
            feature = {"type": "Feature", "properties": {"clase": f"c{number % 7}"}, "geometry": geometry}
            target.write(("," if number else "") + json.dumps(feature) + "\n")
        target.write("]}")
    assert file.stat().st_size > 190_000_000
    done = subprocess.run([sys.executable, "-c", READER, str(file)], capture_output=True, text=True, check=True)
    rows, growth = json.loads(done.stdout)
    assert 1_000 < rows < 4_000
    assert growth < MOST_GROWTH_MB
