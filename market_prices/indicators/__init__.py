"""What a monthly series says: real prices, season, abnormal prices, change and volatility; pure functions."""
