"""A territory zoned piece by piece from a stack, by threads, processes or a cluster."""
