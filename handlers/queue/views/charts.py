"""The chart of a digest and of a weekly report: what came and what was solved, day by day."""

from handlers.drawing import OverTime
from handlers.queue.rules.look import Look

LEAST_DAYS = 7
"""Fewer days with anything in them make no picture."""


def in_and_out(look: Look) -> OverTime | None:
    """None where there is too little to see."""
    if sum(1 for _, came, solved in look.days if came or solved) < LEAST_DAYS:
        return None
    return OverTime(
        title=f"{look.team.name}: tickets that came and that were solved, by day",
        days=tuple(day for day, _, _ in look.days),
        series=(
            ("came", tuple(float(came) for _, came, _ in look.days)),
            ("solved", tuple(float(solved) for _, _, solved in look.days)),
        ),
        as_bars=True,
        low=0,
    )
