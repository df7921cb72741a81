"""The tables' history, one file per step. `python -m storage.migrations "what changed"` writes the next one."""
