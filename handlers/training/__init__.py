"""Training: what a team wants to learn becomes a topic with an owner and a date, then a session that people come to.

`/training` shows it. Sessions invite, keep places and a waiting list, remind who accepted, and know who was there. What
is required is asked of each one until it is done; who leads the team sees how far it is. Newcomers get their team's
plan day by day, at their own hours.
"""

from handlers.house import House
from handlers.nightly import every_night
from handlers.training import (
    describing,
    enrolling,
    items,
    measures,
    nightly,
    offers,
    renderers,
    requiring,
    sections,
    sessions,
    steps,
)
from handlers.training.listeners import commanding, onboarding, required
from handlers.training.listeners import items as item_listeners
from handlers.training.listeners import sessions as session_listeners
from handlers.training.listeners.asking import only_opens
from handlers.training.views import words


def register(house: House) -> None:
    """Everything that wakes this feature, everything that it renders."""
    house.command("training", commanding.command, verbs=commanding.VERBS)
    house.team_setting("Onboarding…", words.ONBOARDING)
    house.action(words.LINK, only_opens)

    house.action(words.NEW_ITEM, item_listeners.open_new)
    house.action(words.EDIT_ITEM, item_listeners.open_edit)
    house.action(words.ITEM_DONE, item_listeners.done)
    house.submission(words.ITEM_FORM, item_listeners.submit)

    house.action(words.NEW_SESSION, session_listeners.open_new)
    house.action(words.SESSION_OF_ITEM, session_listeners.open_for_item)
    house.action(words.EDIT_SESSION, session_listeners.open_edit)
    house.action(words.SESSION_MORE, session_listeners.open_more)
    house.action(words.CANCEL_SESSION, session_listeners.cancel)
    house.action(words.OPEN_SESSION, session_listeners.open_window)
    house.action(words.GOING, session_listeners.go)
    house.action(words.NOT_GOING, session_listeners.stay)
    house.action(words.ATTENDANCE, session_listeners.open_attendance)
    house.submission(words.SESSION_FORM, session_listeners.submit)
    house.submission(words.ATTENDANCE_FORM, session_listeners.submit_attendance)

    house.action(words.REQUIRED_LIST, required.open_list)
    house.action(words.REQUIRE, required.open_new)
    house.action(words.REQUIRED_MORE, required.open_more)
    house.action(words.DONE, required.done)
    house.action(words.WHO_IS_MISSING, required.who_is_missing)
    house.action(words.END_REQUIRED, required.end)
    house.submission(words.REQUIRED_FORM, required.submit)

    house.action(words.ONBOARDING, onboarding.open_window)
    house.action(words.EDIT_DAY, onboarding.open_day)
    house.action(words.BUDDIES, onboarding.open_buddies)
    house.action(words.START, onboarding.open_start)
    house.action(words.STOP, onboarding.stop)
    house.action(words.CHANGE_BUDDY, onboarding.open_buddy)
    house.submission(words.DAY_FORM, onboarding.submit_day)
    house.submission(words.BUDDIES_FORM, onboarding.submit_buddies)
    house.submission(words.START_FORM, onboarding.submit_start)
    house.submission(words.BUDDY_FORM, onboarding.submit_buddy)
    house.after_own_action(onboarding.notice_newcomers)
    house.event("member_joined_channel", nightly.joined_channel)

    house.renders(sessions.INVITATION, renderers.invitation, parked=renderers.when_invitation_is_parked)
    house.renders(sessions.NEWS, renderers.news)
    house.renders(sessions.TOLD, renderers.session_told)
    house.renders(renderers.NOT_POSTED, renderers.not_posted)
    house.renders(items.TOLD, renderers.item)
    house.renders(requiring.TOLD, renderers.required)
    house.renders(enrolling.DAY, renderers.onboarding_day)
    house.renders(enrolling.BUDDY, renderers.buddy)

    house.step(sessions.REMIND, steps.remind_session)
    house.step(items.REMIND, steps.remind_item)
    house.step(enrolling.ONBOARD, steps.onboard)
    house.job(sessions.TELL_JOB, steps.tell_session)
    house.job(requiring.ASK_JOB, nightly.ask)
    house.job(nightly.NEWCOMERS, nightly.begin_newcomers)

    every_night(house, nightly.NIGHTLY, at=nightly.AT_NIGHT, run=nightly.every_night)

    for measure in measures.MEASURES:
        house.measure(measure)
    house.section(sections.on_home)
    house.reports(sections.in_report)
    for name, describer in describing.DESCRIBERS.items():
        house.describes(name, describer)

    house.helps(*offers.HELP)
    for offer in offers.WORDS:
        house.understands(offer)
