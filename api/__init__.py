"""Delivery only: HTTP, pages and the command line."""
