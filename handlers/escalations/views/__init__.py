"""What people see of escalations. Pure builders: nouns → blocks; every sentence stands here once."""
