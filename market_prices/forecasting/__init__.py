"""Forecasts of monthly prices: a mean of small models, judged by rolling origin, silent where it is no better."""
