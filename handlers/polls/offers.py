"""What this feature offers to whoever asks: its lines of the help, and a button for words that ask for it."""

from handlers.blocks import button
from handlers.house import Help, Understood
from handlers.polls.views.draft import NEW

HELP = (
    Help(
        "Polls",
        everyone="`/poll list` what is open · `/poll privacy` what anonymous means here",
        leads="`/poll` asks your team: training needs, a topic, a date, a quiz, a pulse",
    ),
)
WORDS = (
    Understood(
        ("poll", "survey", "vote", "quiz"),
        "I can ask your team: choose a template, see it before it is sent.",
        lambda _: button("New poll…", NEW, style="primary"),
    ),
)
