"""Bringing bytes over the web: retries, resumed downloads, reading by range."""
