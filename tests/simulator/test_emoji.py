"""The page draws every emoji that the product writes: a shortcode that it doesn't know would stand there as letters."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SHORTCODE = re.compile(r"(?:^|(?<=[\s*(>]))\+?:([a-z][a-z0-9_+-]+):(?=$|[\s*).,])")


def test_the_page_draws_every_emoji_that_the_product_writes() -> None:
    table, _, drawings = (ROOT / "simulator" / "page" / "emoji.js").read_text(encoding="utf-8").partition("};")
    known = dict(re.findall(r'[{\s]"?([a-z0-9_+-]+)"?: "([^"]+)"', table))
    drawn = set(re.findall(r'"([^"\s]+)": ', drawings))
    written = {code: where for where, text in _sentences() for code in SHORTCODE.findall(text)}
    assert len(written) > 20, "they are found by how they are written"
    assert {code: where for code, where in written.items() if code not in known} == {}
    assert {code for code in written if known[code].replace("\ufe0f", "") not in drawn} == set()


def _sentences() -> Iterator[tuple[str, str]]:
    for folder in ("bot", "handlers"):
        for file in (ROOT / folder).rglob("*.py"):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            # after a value in an f-string, ":note:" is a part of a key
            joined = (node.values[1:] for node in ast.walk(tree) if isinstance(node, ast.JoinedStr))
            parts = {id(part) for parts in joined for part in parts}
            for node in ast.walk(tree):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
                    yield f"{file.relative_to(ROOT)}:{node.lineno}", node.value
