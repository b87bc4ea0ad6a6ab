"""Tiles and tile archives."""
