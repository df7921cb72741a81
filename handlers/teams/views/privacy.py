"""What `/backstop privacy` says. docs/privacy.md says the same: a test holds one against the other."""

from handlers.blocks import Block, header, section
from handlers.keeping import Keeping, in_words

TITLE = "What Backstop knows about you, and who sees it"
PRIVACY = """\
## What is kept

- From Slack: your name, e-mail address, time zone, your Do Not Disturb times, and whether you are an admin, a guest or
  deactivated.
- From you: your working hours and country, when you are away, and what you type into Backstop’s forms.
- About you: the teams you are in, your place in a duty rota, which escalations you raised, owned or changed, and when.
- Of training: which sessions you said you come to and whether you were there, what is required of you and when you did
  it, the topics you see to, and on which day of your onboarding you are.
- Your goals, the numbers that you gave for them, and goals that you set for others; what each day measured of you, as
  long as a goal of yours reads it.
- Of what you write in an escalation’s thread only the time is kept, never the text.
- What you answer in polls. Of an anonymous poll your name stays with the answer only until its close: then the answers
  are cut loose and shuffled, and the ballots are overwritten. `/poll privacy` says exactly how.
- Of the digest: which lines you took, and what you passed on to the product people. Of the help desk: which tickets
  are yours, when they were answered and solved, and how customers rated them.
- Of check-ins: your answers by day, when you were to be asked, whether you want to be asked or warned, and what you
  shared with your managers.
- Which messages Backstop sent you, and how many unasked on a day, so that they stay few; when you last opened Home, and
  when you were welcomed.

## Who sees what

- An escalation whose card stands in a public channel: everyone in this workspace. In a private channel: the team, its
  managers and heads, whoever raised it and whoever owns it. A restricted one: only the people named on it, whoever
  raised it and whoever owns it.
- Your answer to an anonymous poll: nobody, ever; what 5 or more others than the reader answered together is shown, and
  nothing that subtraction would narrow to fewer. To a named one: whoever asked, and the managers of the teams asked.
- Your private check-in: you. Your managers and their heads see sums, once after the close, if 5 or more others than
  them answered, and then what is in the way without names. A named one, and that it is, they see with your name: an
  admin turns it on, you hear it one working day before, and each reading of it is logged.
- That your own load stays high: you, if you asked to hear it. Your managers only if you press “Share”. Nobody sees who
  didn’t answer, or who switched check-ins off.
- Your hours, and whether and until when you are away: the people in your teams, their heads, and admins.
- Who is on duty, and who is passed over because they are away or in Do Not Disturb: the same people.
- Your goals and where they stand: you and the managers of your teams, and you see who looked. One that somebody sets
  for you is counted once you accept it; before that they see no figure of yours. A team’s goals: the team and its
  heads; a department’s: its teams.
  One on check-ins reads their means only where six or more answered: whoever knows their own answer learns nothing of
  fewer than five others.
- An admin sets teams up, and is not thereby a reader: of what is planned for teams that they don’t lead they read
  titles only.
- Who comes to a session, and who was there: its host and those who lead the team; everyone else sees numbers. Who
  hasn’t done what is required: those who lead the team, and you see that they looked.
- Figures about your own tickets (`/queue @you`): you alone, unless your team says otherwise. It may switch them off.
  Only an admin lets your managers see them; you hear it a working day before, and each look of theirs is logged.
- Posts in channels carry no figures about one person.
- Exports of your data are logged, and `/backstop my-data` shows you who made them.

## How long

- Your hours and absences: until you change or erase them.
- Escalations, their history and follow-ups: {escalations} after they were resolved; deleted in the night after.
- Polls: what was written, and the names in named ones, {answers} after the close; counts 24 months.
- Check-ins: your answers, what was in the way and what you shared {answers}; the team’s sums 13 months.
- Training sessions with their answers, topics and onboarding: 13 months after they were over. Who did what was
  required: 24 months after it isn’t required any more; of a yearly one, 24 months after each year’s day.
- Tickets and ratings of the help desk: {tickets} after their last change. Customers’ conversations: not kept; they are
  asked of the help desk when somebody presses the button.
- Digests, what was taken of them, and spikes: {tickets}, as tickets.
- Goals and their numbers: 24 months after they ended, or until you erase your own. What days measured: 200 days.
- Copies that stand in Slack stay in Slack, also after Backstop has erased its own.
- Backups keep what they held when they were made, until whoever runs Backstop deletes them.

## What you can do

- `/backstop my-data` shows what is kept about you, sends it to you as a file, and erases what is yours alone.
- `/availability` sets your hours and absences; nothing unrequested comes outside them.
- `/checkin off` ends the question, `/checkin trend` shows you your own answers.
- `/backstop team leave` takes you out of a team.
"""


def _text(keeping: Keeping) -> str:
    return PRIVACY.format(
        answers=in_words(keeping.answers),
        tickets=in_words(keeping.tickets),
        escalations=in_words(keeping.escalations),
    )


def privacy(keeping: Keeping) -> list[Block]:
    """As Slack shows it: each part a section, each line a bullet."""
    parts = [part.split("\n\n") for part in _text(keeping).removeprefix("## ").split("\n## ")]
    return [header(TITLE), *(section(f"*{title.strip()}*\n{_bullets(lines)}") for title, lines, *_ in parts)]


def _bullets(lines: str) -> str:
    joined = lines.strip().replace("\n  ", " ")
    return "\n".join(f"• {line.removeprefix('- ')}" for line in joined.split("\n"))


def privacy_as_markdown() -> str:
    """The same as docs/privacy.md keeps it: of an installation whose operator chose nothing else."""
    return f"# {TITLE}\n\n`/backstop privacy` shows this text in Slack.\n\n{_text(Keeping())}"
