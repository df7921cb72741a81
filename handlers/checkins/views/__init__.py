"""What people see of check-ins. Pure builders: nouns → blocks; every sentence stands here once."""
