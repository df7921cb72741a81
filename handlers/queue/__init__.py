"""The queue: how it stands, what is unusual about it, and every morning what needs somebody.

The digest comes at the team's hour, covers exactly the time since the last one, and has the three things that need
somebody on top, each with its buttons. The weekly report goes to managers and heads. What the other features tell in
them comes through `house.reports`.
"""

from handlers.house import House
from handlers.nightly import every_night
from handlers.queue import describing, measures, offers, renderers, retention, sections, spotting, steps, widening
from handlers.queue.listeners import acting, asking, filing, previewing, settings, spikes
from handlers.queue.views import digest as digest_views
from handlers.queue.views import queue as queue_views
from handlers.queue.views import report as report_views
from handlers.queue.views import settings as settings_views
from handlers.queue.views import spikes as spike_views


def register(house: House) -> None:
    """Everything that wakes this feature, everything that it renders."""
    house.command("queue", asking.queue, verbs=asking.VERBS)
    house.action(queue_views.LOOK, asking.look)
    house.section(sections.on_home)
    house.helps(*offers.HELP)
    for offer in offers.WORDS:
        house.understands(offer)
    house.command("preview", previewing.preview_with(house.report_sections), verbs=previewing.KINDS, standalone=False)

    house.team_setting(settings_views.LABEL, settings_views.OPEN)
    house.action(settings_views.OPEN, settings.open_form)
    house.submission(settings_views.FORM, settings.submit)
    house.team_setting(settings_views.FIGURES_LABEL, settings_views.FIGURES)
    house.action(settings_views.FIGURES, settings.open_figures)
    house.submission(settings_views.FIGURES_FORM, settings.submit_figures)
    house.renders(widening.NEWS, renderers.render_metrics_news)
    house.step(widening.TAKE_EFFECT, widening.take_effect)
    house.describes(widening.NEWS, describing.metrics_news)
    house.describes(widening.TAKE_EFFECT, describing.widening)
    house.after_own_action(settings.follow_own_action)

    house.action(digest_views.TAKE, acting.take)
    house.action(digest_views.SNOOZE, acting.snooze)

    house.action(digest_views.CSV, filing.weekly_csv)
    house.action(report_views.SHOW, spikes.show_waiting)
    house.action(report_views.SHOW_SPIKE, spikes.show_spike)
    house.action(spike_views.TELL, spikes.tell)
    house.submission(spike_views.TELL_FORM, spikes.submit)

    house.renders(steps.DIGEST, renderers.render_digest)
    house.renders(acting.REMINDER, renderers.render_reminder)
    house.renders(spotting.SPIKE, renderers.render_spike)
    house.renders(spikes.PRODUCT, renderers.render_product)

    for measure in measures.MEASURES:
        house.measure(measure)

    house.opens(steps.open_queue)
    house.step(steps.HOURLY, steps.every_hour)
    house.fires(steps.DIGEST, steps.begin_digest)
    house.fires(steps.WEEKLY, steps.begin_digest)
    house.job(steps.SPOT, steps.spot_spikes)
    house.job(steps.DIGEST, steps.making_with(house.report_sections))

    every_night(house, retention.RETENTION, at=retention.AT_NIGHT, run=retention.forgetting(house.keeping))

    house.describes(steps.DIGEST, describing.digest)
    house.describes(steps.WEEKLY, describing.scheduled)
    house.describes(steps.HOURLY, describing.hourly)
    house.describes(acting.REMINDER, describing.reminder)
    house.describes(spotting.SPIKE, describing.spike)
    house.describes(spikes.PRODUCT, describing.product)
    house.describes(retention.RETENTION, describing.nightly)
