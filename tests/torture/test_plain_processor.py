"""A processor without wide instructions zones the same: everything is compiled for it anew."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.torture, pytest.mark.timeout(1800)]

ROOT = Path(__file__).parents[2]
TESTS = ("tests/zoning/test_row_kernel.py", "tests/zoning/test_crop_rows.py")


def test_the_kernels_hold_on_a_processor_without_wide_instructions(tmp_path: Path) -> None:
    plain = os.environ | {"NUMBA_CPU_NAME": "generic", "NUMBA_CACHE_DIR": str(tmp_path)}
    asked = subprocess.run(
        [sys.executable, "-c", "from gis.wide_bytes import usable; print(usable())"],
        cwd=ROOT,
        env=plain,
        capture_output=True,
        text=True,
        check=True,
    )
    assert asked.stdout.strip() == "False"
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", *TESTS],
        cwd=ROOT,
        env=plain,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-3000:]
