"""What people read and click about training."""
