"""Help desks: connected to a team in two steps, tested before anything is stored, and pulled every few minutes.

Whoever connects one sees how far its eight weeks are, in one message that keeps itself true. Its agents are matched
with colleagues by their e-mail addresses; those who can't be are listed to be named. A source that fails is shown as
failing, with the time of its last good pull, and mends itself when the help desk does.
"""

from handlers.desks import describing, renderers, steps
from handlers.desks.listeners import connecting, matching
from handlers.desks.views import connecting as views
from handlers.desks.views import matching as matching_views
from handlers.house import Help, House
from storage.sources import FAILING, PROGRESS


def register(house: House) -> None:
    """Everything that wakes this feature, everything that it renders."""
    house.team_setting("Help desk…", views.OPEN, verb="connect", form=connecting.settings)
    house.action(views.OPEN, connecting.open_settings)
    house.action(views.TEST, connecting.test)
    house.submission(views.CONNECT_FORM, connecting.submit_connection)
    house.action(views.NOTES, connecting.switch_notes)
    house.action(views.DISCONNECT, connecting.disconnect)
    house.action(matching_views.MATCH, matching.open_unmatched)
    house.submission(matching_views.FORM, matching.submit_matches)

    house.renders(PROGRESS, renderers.render_progress)
    house.renders(FAILING, renderers.render_failing)

    house.opens(steps.open_sources)
    house.step(steps.PULL_DUE, steps.pull_is_due)
    house.job(steps.PULL, house.helpdesks.pull)
    house.fires(steps.SNAPSHOT, steps.take_snapshot)
    house.fires(steps.NIGHT, steps.at_night)
    house.job(steps.NIGHT, steps.tidying(house.keeping))
    house.job(steps.REGROUP, steps.regroup)

    house.helps(Help("Help desk", leads="`/backstop team connect` · *Help desk…* in `/backstop team`"))

    for name, describer in describing.DESCRIBERS.items():
        house.describes(name, describer)
