"""Telling a mistake from a price: errors of writing, units that change, series that stand still or fall silent."""
