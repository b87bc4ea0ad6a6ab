"""A zoning from prepared layers to polygons with reasons, on disk and opened again."""
