"""What polls look like: nouns → blocks, and every sentence."""
