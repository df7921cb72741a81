"""What people see of teams, hours and duty: pure builders, nouns → blocks. They own the action ids "teams.…"."""
