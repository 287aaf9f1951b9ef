"""What golden cases show, and what they would notice."""
