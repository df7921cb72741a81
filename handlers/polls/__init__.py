"""Training polls: what a team needs to learn, when a session suits, what stuck; asked in two taps, and trusted.

A manager chooses a template, sees the poll before it is sent, and sends it to teams, a channel or people. An anonymous
poll keeps who said what only until its close: then the answers are cut loose, shuffled and shown from five on, and
the ballots are gone. `/poll privacy` says exactly how.
"""

from handlers.house import House
from handlers.nightly import every_night
from handlers.polls import closing, describing, offers, opening, renderers, retention, sections, steps
from handlers.polls.listeners import commanding, drafting, editing, looking, voting
from handlers.polls.views import draft, prompt, results


def register(house: House) -> None:
    """Everything that wakes this feature, everything that it renders."""
    house.command("poll", commanding.poll, verbs=[*commanding.VERBS, "P-1"])

    house.action(draft.NEW, drafting.new)
    house.action(draft.TEMPLATE, drafting.choose_template)
    house.action(draft.QUIZ, drafting.quiz_for_session)
    house.action(draft.MORE, drafting.more)
    house.submission(draft.FORM, drafting.submit_new)
    house.action(draft.ADD, editing.add_question)
    house.action(draft.QUESTION_MENU, editing.question_menu)
    house.submission(draft.QUESTION_FORM, editing.submit_question)
    house.action(draft.PREVIEW, editing.preview)
    house.submission(prompt.PREVIEW_FORM, editing.end_preview)
    house.submission(draft.EDITOR, editing.send)

    booth = voting.Voting()
    house.action(prompt.TAP, booth.tap)
    house.action(prompt.ANSWER, voting.open_answer)
    house.submission(prompt.FORM, booth.submit_answer)

    house.action(prompt.RESULTS, looking.open_result)
    house.action(results.CSV, looking.send_csv)
    house.action(results.NAMES, looking.open_names)
    house.action(results.CLOSE, looking.close_now)
    house.action(results.STOP, looking.stop_repeating)

    house.renders(closing.PROMPT, renderers.render_prompt, parked=renderers.when_prompt_is_parked)
    house.renders(closing.OUTCOME, renderers.render_outcome)
    house.renders(renderers.PARKED, renderers.render_parked)
    house.renders(renderers.UNSENT, renderers.render_unsent)

    house.step(opening.CLOSE_STEP, steps.close_at_its_time)
    house.step(steps.TURNOUT, steps.show_turnout)
    house.job(opening.ASK, steps.ask)
    house.fires(opening.AGAIN, steps.when_it_is_time_again)
    house.job(opening.AGAIN, steps.ask_again)
    house.job(closing.SCRUB, steps.scrub)

    every_night(house, retention.RETENTION, at=retention.AT_NIGHT, run=retention.forgetting(house.keeping))

    house.section(sections.on_home)
    house.reports(sections.in_report)

    for name, describer in describing.DESCRIBERS.items():
        house.describes(name, describer)

    house.helps(*offers.HELP)
    for offer in offers.WORDS:
        house.understands(offer)
