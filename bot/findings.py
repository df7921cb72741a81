"""What doctor finds: each thing that it looked at, whether it is right, and how to mend it."""

from dataclasses import dataclass
from enum import Enum


class Verdict(Enum):
    GOOD = "ok"
    WARNING = "warning"
    BAD = "wrong"


@dataclass(frozen=True)
class Finding:
    about: str
    verdict: Verdict
    says: str
    mend: str = ""

    @property
    def is_bad(self) -> bool:
        return self.verdict is Verdict.BAD


def good(about: str, says: str) -> Finding:
    return Finding(about, Verdict.GOOD, says)


def warning(about: str, says: str, mend: str) -> Finding:
    return Finding(about, Verdict.WARNING, says, mend)


def bad(about: str, says: str, mend: str) -> Finding:
    return Finding(about, Verdict.BAD, says, mend)
