"""What people read and press: every sentence about goals stands here."""
