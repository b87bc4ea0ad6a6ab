"""Checking prepared layers: what covers how much of the territory, and what would falsify a zoning."""
