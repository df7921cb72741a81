"""What digests, figures and spikes look like, and every sentence they say."""
