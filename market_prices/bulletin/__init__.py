"""The weekly bulletin: what changed in a municipality and in the region, to be read aloud, sent and printed."""
