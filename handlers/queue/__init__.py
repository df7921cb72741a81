"""The queue: how it stands, what is unusual about it, and every morning what needs somebody.

The digest comes at the team's hour, covers exactly the time since the last one, and has the three things that need
somebody on top, each with its buttons. The weekly report goes to managers and heads. What the other features tell in
them comes through `house.reports`.
"""

from handlers.house import House
from handlers.queue import describing, renderers, retention, steps
from handlers.queue.listeners import acting, previewing, settings
from handlers.queue.views import digest as digest_views
from handlers.queue.views import settings as settings_views


def register(house: House) -> None:
    """Everything that wakes this feature, everything that it renders."""
    house.command("preview", previewing.preview_with(house.report_sections), standalone=False)

    house.team_setting(settings_views.LABEL, settings_views.OPEN)
    house.action(settings_views.OPEN, settings.open_form)
    house.submission(settings_views.FORM, settings.submit)
    house.after_own_action(settings.follow_own_action)

    house.action(digest_views.TAKE, acting.take)
    house.action(digest_views.SNOOZE, acting.snooze)

    house.renders(steps.DIGEST, renderers.render_digest)
    house.renders(acting.REMINDER, renderers.render_reminder)

    house.opens(steps.open_queue)
    house.step(steps.HOURLY, steps.every_hour)
    house.fires(steps.DIGEST, steps.begin_digest)
    house.fires(steps.WEEKLY, steps.begin_digest)
    house.job(steps.DIGEST, steps.making_with(house.report_sections))

    house.opens(retention.open_retention)
    house.fires(retention.RETENTION, retention.at_night)
    house.job(retention.RETENTION, retention.forget_what_is_old)

    house.describes(steps.DIGEST, describing.digest)
    house.describes(steps.WEEKLY, describing.scheduled)
    house.describes(steps.HOURLY, describing.hourly)
    house.describes(acting.REMINDER, describing.reminder)
    house.describes(retention.RETENTION, describing.nightly)
