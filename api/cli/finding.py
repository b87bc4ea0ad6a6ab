"""What one check of ``valles doctor`` found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one check found."""

    name: str
    """What was looked at."""
    state: Literal["good", "warning", "bad"]
    found: str
    remedy: str = ""
    """What to do; empty where nothing is to be done."""
