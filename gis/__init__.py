"""Geometry and rasters: reference systems, grids, rasters, vectors, coverages and files.

The lowest floor of the house: it knows no crop, no price and no municipality.
"""
