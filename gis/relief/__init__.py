"""What an elevation tells: slope, shade, the way of water; and how far everything is."""
