"""From cells to a valid map: patches merged, borders traced and simplified once, polygons that partition every unit."""
