"""Raster files: read, warped, written, and cut into tiles."""
