"""The synthetic demonstration territory, made by code."""
