"""Goals: what a person, a team or a department would like to reach, set together, counted by itself, and telling the
truth about the pace.

A goal that somebody sets for another counts once that person accepts it. Where it stands is counted from the same days
that the digest reads; people give the numbers that nothing measures. A period's end closes it, and one press sets the
next.
"""

from handlers.goals import describing, offers, renderers, retention, sections, steps
from handlers.goals.listeners import answering, closing, updating
from handlers.goals.listeners.commanding import VERBS, commanding
from handlers.goals.listeners.looking import Looking
from handlers.goals.listeners.setting import Setting
from handlers.goals.views import form, goals, words
from handlers.house import House
from handlers.nightly import every_night


def register(house: House) -> None:
    """Everything that wakes this feature, everything that it renders."""
    setting, looking = Setting(house.measures), Looking(house.measures)
    house.command("goal", commanding(setting, looking), verbs=[*VERBS, "G-1"])
    house.action(words.SET, setting.press_set)
    house.action(form.WHO, setting.redraw)
    house.action(form.PERSON, setting.redraw)
    house.action(form.METRIC, setting.redraw)
    house.action(form.PERIOD_CHOSEN, setting.redraw)
    house.action(form.STARTS, setting.redraw)
    house.action(form.MORE, setting.show_more)
    house.submission(form.FORM, setting.submit)
    house.action(words.CHANGE, setting.open_change)
    house.action(words.NEXT, setting.open_next)

    house.action(words.OPEN, looking.open)
    house.action(words.LIST, looking.press_list)
    house.action(words.ACCEPT, answering.accept)
    house.action(words.TALK, answering.talk)
    house.action(words.UPDATE, updating.press)
    house.submission(goals.NUMBERS, updating.submit)
    house.action(words.CLOSE, closing.press)
    house.submission(goals.CLOSING, closing.submit)

    renderers.register(house)
    steps.register(house)
    describing.register(house)
    house.section(sections.on_home)
    house.reports(sections.reporting(house))

    every_night(house, retention.RETENTION, at=retention.AT_NIGHT, run=retention.forget_what_is_old)

    house.helps(*offers.HELP)
    for offer in offers.WORDS:
        house.understands(offer)
