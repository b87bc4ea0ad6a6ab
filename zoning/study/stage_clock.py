"""How long each stage of a run took, and who is told where it is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoning.stack.stack_build import Progress


@dataclass(kw_only=True)
class Clock:
    """Wall time by stage; stages may overlap."""

    progress: Progress | None = None
    """Told where the run is."""
    seconds: dict[str, float] = field(default_factory=dict)
    """Stage to the wall time it took, s."""
    begin: float = field(default_factory=time.perf_counter)
    """When the clock was made, s of the performance counter."""

    @property
    def total(self) -> float:
        """Seconds since the clock was made."""
        return round(time.perf_counter() - self.begin, 2)

    @contextmanager
    def stage(self, name: str, *, told: bool = True) -> Iterator[None]:
        """Time a block.

        Parameters
        ----------
        name
            Of the stage; of a stage in several parts the times add up.
        told
            Whether the progress is told: not of what runs beside other stages.
        """
        begin = time.perf_counter()
        if self.progress is not None and told:
            self.progress(name, 0.0)
        yield
        self.seconds[name] = round(self.seconds.get(name, 0.0) + time.perf_counter() - begin, 2)
        if self.progress is not None and told:
            self.progress(name, 1.0)
