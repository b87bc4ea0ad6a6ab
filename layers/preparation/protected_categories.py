"""What a designation of a protected area means to a zoning: parks and strict reserves exclude, the others restrict."""

from __future__ import annotations

NATIONAL_PARK = "national_park"
INTEGRATED = "integrated_management"
MUNICIPAL = "municipal"
STRICT = "strict_reserve"
CATEGORIES = (NATIONAL_PARK, INTEGRATED, MUNICIPAL, STRICT)
"""Every category that the layer of protected areas may hold."""
