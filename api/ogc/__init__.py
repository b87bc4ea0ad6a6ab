"""OGC API Features over any map layer."""
