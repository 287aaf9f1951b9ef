"""Text: findings, JSON with positions, layout."""
