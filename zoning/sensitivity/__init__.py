"""What each single rule or source moves: the same cells rated again, one thing changed at a time."""
