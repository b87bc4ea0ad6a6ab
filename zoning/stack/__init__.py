"""All layers of a territory as bytes in one file: read once, zoned again and again."""
