"""The facets of the book: what it can be asked and told, one subject each; ``Book`` joins them."""
