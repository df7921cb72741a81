"""Teams: who belongs to them, when they work, and who is on duty."""
