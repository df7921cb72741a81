"""Who may see a goal, and who may set or change one. An admin as such may neither."""

from handlers.refusals import Refusal
from storage.goal_circles import Circle
from storage.goals import Goal, State, Whose
from storage.people import Person

UNKNOWN = "I don’t know that goal. `/goal list` shows the ones you can open."
"""The same for one that isn't there and for one that somebody may not see: the answer tells nothing."""
ONLY_MANAGERS = "Only the managers and heads of {} change its goals."
ONLY_HEADS = "Only the heads of {} change its goals."
ONLY_THEIRS = "Only {} can answer this."
CLOSED = "{} is closed: {}. `/goal show {}` shows how it ended."
NOT_WAITING = "{} doesn’t wait for an answer any more."
NOT_AGREED = "{} isn’t agreed yet: it counts from *Accept*."


def may_see(goal: Goal, circle: Circle) -> bool:
    """A person's goals: they and their managers. A team's: its members and heads. A department's: its teams."""
    match goal.whose:
        case Whose.PERSON:
            return goal.whose_id == circle.person_id or goal.whose_id in circle.reports
        case Whose.TEAM:
            return goal.whose_id in circle.teams
        case Whose.DEPARTMENT:
            return goal.whose_id in circle.departments


def may_set(whose: Whose, whose_id: int, circle: Circle) -> bool:
    """One's own and those of the people whom one manages; a team's: its managers and heads; a department's: heads."""
    match whose:
        case Whose.PERSON:
            return whose_id == circle.person_id or whose_id in circle.reports
        case Whose.TEAM:
            team = circle.teams.get(whose_id)
            return whose_id in circle.managed or (team is not None and team.department_id in circle.led)
        case Whose.DEPARTMENT:
            return whose_id in circle.led


def require_sight(goal: Goal, circle: Circle) -> None:
    if not may_see(goal, circle):
        raise Refusal(UNKNOWN)


def require_change(goal: Goal, circle: Circle, *, name: str) -> None:
    """May update and close it. `name`: of the team or department. Raises Refusal."""
    require_sight(goal, circle)
    if not may_set(goal.whose, goal.whose_id, circle):
        raise Refusal(ONLY_MANAGERS if goal.whose == Whose.TEAM else ONLY_HEADS, name)


def require_open(goal: Goal) -> None:
    if goal.state == State.CLOSED:
        raise Refusal(CLOSED, goal.label, str(goal.ending), goal.label)


def require_answerable(goal: Goal, me: Person, *, name: str) -> None:
    """Only the person whose goal it is accepts it, while it waits for that."""
    if goal.whose_id != me.id:
        raise Refusal(ONLY_THEIRS, name)
    require_open(goal)
    if goal.state == State.OPEN:
        raise Refusal(NOT_WAITING, goal.label)
