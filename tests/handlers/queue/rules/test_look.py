"""On which days nothing stands out, so that “all clear” may be said."""

from datetime import timedelta
from typing import Any

import pytest

from handlers.queue.rules.figures import Share, Spread
from handlers.queue.rules.freshness import Freshness
from handlers.queue.rules.look import Flow, Look, Period
from handlers.queue.rules.usual import Usual
from storage.queue_figures import Standing
from storage.spikes import SpikeDay
from tests.handlers.teams.people import TUESDAY, team


def standing(**more: Any) -> Standing:
    nothing = dict.fromkeys(("open", "unassigned", "urgent", "urgent_unassigned", "breached", "at_risk"), 0)
    return Standing(**{**nothing, "oldest_at": None, "tells_sla": True, "tells_urgency": True, **more})


def period(came: int, usual: float | None) -> Period:
    none, share = Spread(0), Share(0)
    flow = Flow(came, Usual(8 if usual is not None else 0, usual))
    return Period(flow, flow, none, none, none, share, share, share, 0, share)


def look(came: int = 10, usual: float | None = 10.0, **more: Any) -> Look:
    usually = {"standing": standing(open=40, unassigned=9, urgent=3), "period": period(came, usual)}
    fresh = Freshness(is_connected=True, as_of=TUESDAY)
    return Look(team(), TUESDAY - timedelta(days=1), TUESDAY, fresh, **{**usually, **more})


def test_a_day_like_others_is_ordinary_however_much_is_open() -> None:
    assert look().is_ordinary


@pytest.mark.parametrize(
    ("came", "usual", "ordinary"),
    [
        (15, 10.0, True),  # half as many again
        (16, 10.0, False),
        (1, 0.0, True),  # one is no flood where nothing is usual
        (2, 0.0, False),
        (0, None, False),  # what is usual isn't known
    ],
)
def test_more_than_half_again_of_the_usual_is_no_ordinary_day(came: int, usual: float | None, ordinary: bool) -> None:
    assert look(came, usual).is_ordinary is ordinary


@pytest.mark.parametrize(
    "more",
    [
        {"standing": standing(breached=1)},
        {"standing": standing(at_risk=1)},
        {"standing": standing(urgent_unassigned=1)},
        {"spikes": [SpikeDay(tag="login")]},
        {"standing": None},
        {"period": None},
    ],
    ids=lambda more: next(iter(more)),
)
def test_anything_that_stands_out_or_isnt_known_is_not_ordinary(more: dict[str, Any]) -> None:
    assert not look(**more).is_ordinary
