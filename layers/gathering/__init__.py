"""Gathering what a territory needs: open data or a mirror brought here, then prepared."""
