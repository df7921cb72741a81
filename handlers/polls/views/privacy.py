"""`/poll privacy`: what anonymous means, exactly."""

from handlers.blocks import Block, header, section
from handlers.keeping import Keeping, in_words

TITLE = "What anonymous means here"
PRIVACY = """\
*While the poll is open* your answer is kept with your name, so that you can change it and it is counted once. No
screen, file or log shows it: not to whoever asks, not to an admin. Not even you see it again.

*At the close*, in one step, each answer is cut loose from your name and from your other answers, gets a random
number, and is written in the order of those numbers; then every answer with a name is deleted for good: it is
overwritten in the database’s file, and within minutes its log is emptied.

*What is shown* is shown from 5 answers on, of everybody or of one team; and they are 5 of others: where everybody reads
the result it takes 6, as each knows their own, and the answers of managers, heads and whoever asks don’t count.

*Nothing is left by subtraction*: before a result is shown, it is added to and subtracted from all results that the
same question had in the 8 weeks before, also of other teams and of a poll that repeats. If that could leave the answers
of fewer people, the smallest team isn’t shown by itself, or nothing of the question is. In a poll that repeats,
newcomers are asked once there are 5 of them. What may not be shown isn’t kept at all.

*What anonymity can’t do*: if everybody answers alike, everybody’s answer is known. Your own words may tell who you
are. A question in other words is another question, and isn’t compared; nor is a result from more than 8 weeks before,
since people may think otherwise by now. People who put together what each of them knows
know more than each. That you were asked is kept; whether you answered isn’t, once the poll is closed. (Who came to its
channel while it was open counts as asked when they answer.)

*Backups* made while a poll was open hold its answers with names until whoever runs Backstop deletes them; so does
PostgreSQL’s log until it is written over, and its archive or replica, if there is one. Whoever runs the database could
look into it while a poll is open.

*How long*: words {answers} after the close, counts 24 months. In a *named* poll your name stands beside your answer for
whoever asked and the managers, for {answers}; `/backstop my-data` lists to you who read it."""


def privacy(keeping: Keeping) -> list[Block]:
    text = PRIVACY.format(answers=in_words(keeping.answers))
    parts = [part.replace("\n", " ") for part in text.split("\n\n")]
    return [header(TITLE), *(section(part) for part in parts)]
