"""A copy of a stack that lies as map tiles do, and the tiles drawn from it."""
