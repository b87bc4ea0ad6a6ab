"""Where to sell: what is left at the farm gate of the price in each market."""
