"""Text: findings, JSON with positions, replacing of files, layout, diagnostics."""
