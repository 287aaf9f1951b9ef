"""What rules may do."""
