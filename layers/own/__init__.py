"""Layers that users bring themselves: recognised, checked, given a legend, and recorded like the rest."""
