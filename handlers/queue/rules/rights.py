"""Who may see figures about one person: nobody, themselves, or their managers too, as each team says."""

from collections.abc import Sequence
from enum import StrEnum

from handlers.refusals import Refusal
from handlers.teams.rules import roles
from storage.people import Person
from storage.team_facts import TeamFacts
from storage.teams import Team


class PersonalMetrics(StrEnum):
    OFF = "off"
    """Nobody sees figures about one person, themselves included."""
    SELF = "self"
    """Each sees their own."""
    MANAGERS = "managers"
    """Their managers as well; each read is logged, and shown to them."""


ORDER = (PersonalMetrics.OFF, PersonalMetrics.SELF, PersonalMetrics.MANAGERS)
ONLY_THEM = "Only {} can see this."
SWITCHED_OFF = "Figures about one person are switched off in {}."
NOT_TOLD_YET = "{} hasn’t been told yet that their managers can see this. It is shown a working day after they were."


def is_wider(level: PersonalMetrics, than: PersonalMetrics) -> bool:
    return ORDER.index(level) > ORDER.index(than)


def visible_teams(subject: Person, reader: Person, shared: Sequence[TeamFacts]) -> list[Team]:
    """The teams whose figures about `subject` this reader may see; `shared`: the subject's teams.

    Raises Refusal: the same sentence for every reader who may not, whatever the reason.
    """
    if reader.id == subject.id:
        open_to = [facts.team for facts in shared if facts.team.personal_metrics != PersonalMetrics.OFF]
        if not open_to and shared:
            raise Refusal(SWITCHED_OFF, " and ".join(facts.team.name for facts in shared[:3]))
        return open_to
    open_to = [
        facts.team
        for facts in shared
        if facts.team.personal_metrics == PersonalMetrics.MANAGERS and roles.is_manager(facts, reader)
    ]
    if not open_to:
        raise Refusal(ONLY_THEM, subject.name)
    return open_to
