"""Text in a file that a spreadsheet opens: nothing in it may run as a formula."""

import re

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
AFTER_SEPARATOR = re.compile(r"([;\t,\n])(\s*[=+\-@＝＋－＠])")


def defused(cell: str) -> str:
    """The cell, with an apostrophe where a spreadsheet would otherwise take it for a formula."""
    # in some countries a spreadsheet splits at semicolons: what follows one is a cell's beginning there
    cell = AFTER_SEPARATOR.sub(r"\1'\2", cell)
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell
