"""Founding a territory: its boundary file read, its municipalities named and numbered, its cell chosen."""
