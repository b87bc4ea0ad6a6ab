"""Prepared layers as map layers: features and tiles."""
