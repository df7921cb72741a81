"""What people do with training."""
