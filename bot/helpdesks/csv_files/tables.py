"""A CSV file as a table: its encoding and delimiter found, its rows read one after another."""

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DELIMITERS = ",;\t|"
FIELD_AT_MOST = 1024 * 1024
"""Characters in one field: descriptions may be long, an unclosed quotation mark must not swallow a file."""
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
LOOKED_AT = 64 * 1024


class UnreadableFileError(Exception):
    """It is no table that can be read; the message says why."""


@dataclass(frozen=True)
class Table:
    """What was found out about a file."""

    path: Path
    encoding: str
    delimiter: str
    header: tuple[str, ...]

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """(number of the row's last line, its cells), without the header and without empty rows. Raises
        UnreadableFileError."""
        csv.field_size_limit(FIELD_AT_MOST)
        try:
            with self.path.open(encoding=self.encoding, newline="") as file:
                reader = csv.reader(file, delimiter=self.delimiter)
                next(reader, None)
                for cells in reader:
                    if any(map(str.strip, cells)):
                        yield reader.line_num, cells
        except (csv.Error, UnicodeError, OSError) as error:
            raise UnreadableFileError(f"{self.path.name} can’t be read on: {error}") from error


def open_table(path: Path) -> Table:
    """Raises UnreadableFileError when the file isn't there, is empty, or is no text."""
    try:
        with path.open("rb") as file:
            beginning = file.read(LOOKED_AT)
        encoding = _encoding(path, beginning)
    except OSError as error:
        raise UnreadableFileError(f"{path} can’t be opened: {error.strerror}") from error
    text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(beginning)
    if not text.strip():
        raise UnreadableFileError(f"{path.name} is empty")
    if "\0" in text:
        raise UnreadableFileError(f"{path.name} is no text: export it as CSV (a spreadsheet’s own file can’t be read)")
    delimiter = _delimiter(text)
    header = next(csv.reader(text.splitlines(keepends=True), delimiter=delimiter), [])
    names = tuple(name.strip() for name in header)
    if len(names) < 2:
        raise UnreadableFileError(f"{path.name} has one column only: is its first line the columns’ names?")
    return Table(path, encoding, delimiter, names)


def _encoding(path: Path, beginning: bytes) -> str:
    """By its mark; else UTF-8 if every byte of the file fits it; else what Windows programs write in the West."""
    for mark, encoding in BOMS:
        if beginning.startswith(mark):
            return encoding
    try:
        with path.open(encoding="utf-8") as file:
            while file.read(LOOKED_AT):
                pass
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _delimiter(text: str) -> str:
    """The one that most often stands in the first row, outside quotation marks."""
    counts = dict.fromkeys(DELIMITERS, 0)
    quoted = False
    for character in text:
        if character == '"':
            quoted = not quoted
        elif character in "\r\n" and not quoted and any(counts.values()):
            break
        elif character in counts and not quoted:
            counts[character] += 1
    return max(DELIMITERS, key=lambda delimiter: counts[delimiter])
