"""What people press and submit."""
