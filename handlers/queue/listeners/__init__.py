"""What people ask of the queue and its digests."""
