"""What goals mean: targets as people type them, periods, where a goal stands, and who may do what with it."""
