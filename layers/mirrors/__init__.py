"""Mirrors: folders, archives or addresses whose files are described by theme."""
