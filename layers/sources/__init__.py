"""Where layers come from."""
