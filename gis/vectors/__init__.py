"""Vector files: read with every bad input refused, measured, burnt into grids, written."""
