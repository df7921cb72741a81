"""What this feature offers to whoever asks: its lines of the help, and a button for words that ask for it."""

from handlers.blocks import button
from handlers.house import Help, Understood
from handlers.training.views.words import REQUIRED_LIST

HELP = (
    Help(
        "Training",
        everyone="`/training` sessions, topics, what is required of you",
        leads="`/training new` a topic · `/training session` a date · `/training required` · `/training onboarding`",
    ),
)
WORDS = (
    Understood(
        ("training", "learn", "session", "course"),
        "What is required of you in training:",
        lambda _: button("My training", REQUIRED_LIST, style="primary"),
    ),
)
