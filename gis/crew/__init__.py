"""The same work over many pieces: by threads here, by processes here, or by the workers of a cluster."""
