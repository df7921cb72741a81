"""What this feature offers to whoever asks: its lines of the help, and a button for words that ask for it."""

from handlers.blocks import button
from handlers.goals.views.words import LIST, SET
from handlers.house import Help, Understood

HELP = (
    Help(
        "Goals",
        everyone="`/goal` sets one · `/goal list` where they stand · `/goal update` gives your numbers",
        leads="`/goal` also for your people and teams: each person accepts theirs",
    ),
)
WORDS = (
    Understood(
        ("set a goal", "new goal", "set goals"),
        "I can help you set a goal.",
        lambda _: button("Set a goal…", SET, style="primary"),
    ),
    Understood(
        ("goal", "goals", "target", "targets"),
        "Your goals, and where they stand:",
        lambda _: button("My goals", LIST, "open", style="primary"),
    ),
)
