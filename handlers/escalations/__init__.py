"""Escalations: an agent who can't solve something alone says so, the right people know within seconds, clocks run, and
the case comes to a documented end that doesn't repeat.

The card in the team's escalation channel always shows the truth; its buttons move the case. Who owes something is
told in a direct message before and after a deadline. What was learnt stays: outcome, root cause, follow-ups.
"""

from handlers.escalations import (
    describing,
    leaving,
    measures,
    offers,
    renderers,
    reporting,
    retention,
    sections,
    steps,
    tickets,
)
from handlers.escalations.listeners import (
    asking,
    commanding,
    ending,
    handing_over,
    moving,
    policy,
    raising,
    ticketing,
    window,
)
from handlers.escalations.views import answers, card, raise_form, waiting
from handlers.escalations.views import policy as policy_view
from handlers.escalations.views import ticket as ticket_views
from handlers.escalations.views import window as window_view
from handlers.house import House
from handlers.nightly import every_night


def register(house: House) -> None:
    """Everything that wakes this feature, everything that it renders."""
    house.command("escalate", commanding.escalate, verbs=[*commanding.VERBS, "E-1", "#4711"])
    house.shortcut("escalations.raise", raising.raise_from_shortcut)
    house.shortcut("escalations.escalate_message", raising.escalate_message)
    house.shortcut("escalations.this_escalation", asking.this_escalation)

    house.submission(raise_form.RAISE, raising.submit_raise)
    house.submission(raise_form.OFFER, raising.submit_offer)
    house.action(raise_form.MORE_FIELDS, raising.more_fields)
    house.action(raise_form.TEAM, raising.choose_team)
    house.action(waiting.RAISE, raising.raise_from_shortcut)
    house.action("escalations.raise_ticket", raising.raise_ticket)
    house.section(sections.on_home)
    house.reports(reporting.in_report)

    house.action(card.CLAIM, moving.claim)
    house.action(card.RESUME, moving.resume)
    house.action(card.CONFIRM, moving.confirm)
    house.action(card.SEEN, moving.see_breach)
    for name in moving.FORM_MOVES:
        house.action(f"escalations.{name}", moving.opens(name))
        house.submission(f"escalations.{name}_form", moving.submits(name))

    house.action(card.RESOLVE, ending.open_resolve)
    house.action("escalations.more_resolution", ending.more_resolution)
    house.submission("escalations.resolve_form", ending.submit_resolve)
    house.action("escalations.close_follow_up", ending.open_close_follow_up)
    house.submission("escalations.close_follow_up_form", ending.submit_close_follow_up)

    house.action(card.OPEN, window.open_window)
    house.action(card.MORE, window.open_window)
    house.action(window_view.HISTORY, window.open_history)
    house.action(window_view.WHY, window.open_why)
    house.action(answers.NEXT_PAGE, asking.next_page)
    house.action(answers.CSV, asking.send_csv)
    house.action(policy_view.CHANGE, policy.open_form)
    house.submission(policy_view.FORM, policy.submit)
    house.action("escalations.accept_handover", handing_over.accept)
    house.action("escalations.decline_handover", handing_over.decline)

    house.action(ticket_views.CONVERSATION, ticketing.show_conversation)
    house.job(tickets.NOTE, tickets.notes_through(house.helpdesks))
    house.after_pull(tickets.offer_tagged)
    house.renders(tickets.TAGGED, renderers.render_tagged)

    house.event("message", moving.hear_thread)
    house.when_somebody_left(leaving.tell_of_an_owner)

    ahead, parked = renderers.load_ahead, renderers.when_card_is_parked
    house.renders("escalations.card", renderers.render_card, parked=parked, ahead=ahead)
    house.renders("escalations.note", renderers.render_note, ahead=ahead)
    house.renders("escalations.page", renderers.render_page, ahead=ahead)
    house.renders("escalations.receipt", renderers.render_receipt, ahead=ahead)
    house.renders("escalations.news", renderers.render_news, ahead=ahead)
    house.renders("escalations.follow_up", renderers.render_follow_up)
    house.renders("escalations.handover", renderers.render_handover)
    house.renders("escalations.parked", renderers.render_parked, ahead=ahead)

    house.step("escalations.warn", steps.warn)
    house.step("escalations.breach", steps.breach)
    house.step("escalations.run_out", steps.run_out)
    house.step("escalations.remind_follow_up", steps.remind_follow_up)
    house.step("escalations.handover_unanswered", steps.handover_unanswered)

    every_night(house, retention.RETENTION, at=retention.AT_NIGHT, run=retention.forgetting(house.keeping))

    for name, describer in describing.DESCRIBERS.items():
        house.describes(name, describer)
    for measure in measures.MEASURES:
        house.measure(measure)

    house.helps(*offers.HELP)
    for offer in offers.WORDS:
        house.understands(offer)
