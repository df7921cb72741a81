"""The Home screen, the help, and the answer to words."""
