"""What wakes goals: the command, the forms, the buttons."""
