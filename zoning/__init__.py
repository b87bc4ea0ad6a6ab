"""The zoning engine: land evaluation by the law of the minimum, with a reason for every polygon."""
