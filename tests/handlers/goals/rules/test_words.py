"""A goal in words: what stands beside its sign."""

from handlers.goals.rules.standing import Pace, progress
from handlers.goals.views.words import line_with_bar, state_line
from storage.goals import Kind, Unit
from tests.handlers.goals.rules.test_standing import HALF, goal

LAST_DAY = Pace(0.95, 20, 1)


def test_a_good_level_that_is_at_risk_says_why() -> None:
    kept = goal(number=1, title="CSAT", kind=Kind.KEEP, unit=Unit.PERCENT, target=80.0, level=100 * 5 / 6, sample=6)
    spent, spare = progress(kept, LAST_DAY), progress(kept, HALF)
    assert "at risk: no miss left · 83.3 % (n=6)" in state_line(kept, spent)
    assert "83.3 % (n=6), at risk: no miss left" in line_with_bar(kept, spent)
    assert "on track · 83.3 % (n=6)" in state_line(kept, spare)
    assert "no miss left" not in line_with_bar(kept, spare)
