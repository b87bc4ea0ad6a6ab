"""The price book: an append-only, bitemporal record of market prices and what is read from it."""
