"""The tables of the book: opened, upgraded, written once, asked."""
