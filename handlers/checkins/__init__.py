"""Check-ins: a team says how loaded it is, in two taps, near the end of each one's own shift.

Private answers are their writer's: managers read sums of five or more, once, after the close, and what is in the way
without names. Named answers need an admin and a day's notice. Who wants it hears first, and alone, that their own load
stays high, and chooses whether their manager does.
"""

from handlers.checkins import describing, measures, offers, renderers, retention, rounds, sections, steps, telling
from handlers.checkins.listeners import answering, commanding, looking, setting, sharing
from handlers.checkins.views import home, notes, result, trend
from handlers.checkins.views import prompt as prompt_view
from handlers.checkins.views import settings as settings_view
from handlers.house import House
from handlers.nightly import every_night


def register(house: House) -> None:
    """Everything that wakes this feature, everything that it renders."""
    house.command("checkin", commanding.checkin, verbs=commanding.VERBS)
    house.action(commanding.START, commanding.start)

    for step, action_id in enumerate(prompt_view.LOAD_ACTIONS, start=1):
        house.action(action_id, answering.taps("load", step))
    for step, action_id in enumerate(prompt_view.FEELING_ACTIONS, start=1):
        house.action(action_id, answering.taps("feeling", step))
    house.action(prompt_view.SAY_MORE, answering.say_more)
    house.action(home.ANSWER, answering.open_form)
    house.submission(prompt_view.FORM, answering.submit)

    house.team_setting("Check-ins…", settings_view.OPEN)
    house.action(settings_view.OPEN, setting.open_form)
    house.action(settings_view.MORE, setting.open_more)
    house.submission(settings_view.FORM, setting.submit)

    house.action(result.SHOW, looking.show_result)
    house.action(result.WHO, looking.who_said_what)
    house.action(result.TREND, looking.show_trend)
    house.action(result.DONE, looking.open_done)
    house.submission(result.DONE_FORM, looking.submit_done)
    house.action(trend.WATCH, looking.watch)
    house.action(trend.UNWATCH, looking.unwatch)
    house.action(notes.SHARE, sharing.open_form)
    house.submission(notes.SHARE_FORM, sharing.submit)

    house.renders(rounds.PROMPT, renderers.render_prompt, parked=renderers.when_prompt_is_parked)
    house.renders(rounds.RESULT, renderers.render_result)
    house.renders(rounds.NAMED, renderers.render_named)
    house.renders(telling.NOTE, renderers.render_note)
    house.renders(telling.SHARED, renderers.render_shared)

    house.fires(steps.PLAN, steps.plan)
    house.step(rounds.LOOK, steps.look)
    house.step(rounds.ASK, steps.ask)
    house.step(rounds.NUDGE, steps.nudge)
    house.step(rounds.CLOSE, steps.close)
    house.step(rounds.FINISH, steps.finish)

    every_night(house, retention.RETENTION, at=retention.AT_NIGHT, run=retention.forgetting(house.keeping))

    for measure in measures.MEASURES:
        house.measure(measure)
    house.section(sections.on_home)
    house.reports(sections.in_report)
    for name, describer in describing.DESCRIBERS.items():
        house.describes(name, describer)

    house.helps(*offers.HELP)
    for offer in offers.WORDS:
        house.understands(offer)
