"""Products, markets, units and words as data."""
