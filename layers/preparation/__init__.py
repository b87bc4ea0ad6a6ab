"""Bringing a source's files onto the territory's grid, resumably and with their provenance."""
