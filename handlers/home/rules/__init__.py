"""What words to the bot ask for, and what the help tells whom."""
