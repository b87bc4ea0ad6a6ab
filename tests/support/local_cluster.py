"""A Dask cluster on loopback for tests: who waits for its end never waits long."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

END_S = 30.0


@contextmanager
def local_cluster(workers: int) -> Iterator[Any]:
    """Start a cluster whose pages take any free port; mark every test of the module ``network``.

    Its end opens connections too, whichever test is the last: one that blocks them would wait for ever.
    """
    distributed = pytest.importorskip("distributed", reason="the extra [distributed] is not installed")
    cluster = distributed.LocalCluster(
        n_workers=workers, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0", silence_logs=50
    )
    try:
        yield cluster
    finally:
        with suppress(TimeoutError):
            cluster.close(timeout=END_S)
