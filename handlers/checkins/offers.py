"""What this feature offers to whoever asks: its lines of the help, and a button for words that ask for it."""

from handlers.blocks import button
from handlers.checkins.views.home import ANSWER
from handlers.house import Help, Understood

HELP = (
    Help(
        "Check-ins",
        everyone="`/checkin` how loaded you are, in two taps · `/checkin trend` your own answers",
        leads="`/checkin start-round` asks now · `/checkin trend` the team’s load",
    ),
)
WORDS = (
    Understood(
        ("overloaded", "too much", "too much work", "can't cope", "stressed", "exhausted", "burnt out", "check-in"),
        "You can say how loaded you are, in two taps. Above them stands who sees it.",
        lambda _: button("Say how it is…", ANSWER, style="primary"),
    ),
)
