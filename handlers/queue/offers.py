"""What this feature offers to whoever asks: its lines of the help, and a button for words that ask for it."""

from handlers.blocks import button
from handlers.house import Help, Understood
from handlers.queue.views.queue import LOOK

HELP = (
    Help(
        "The queue",
        everyone="`/queue` how it stands · `/queue tag:login` what came with a tag · `/queue me` your own figures",
        leads="`/backstop preview digest` what the digest would say now · `/backstop team` › *Digest…* when it comes",
        admins="`/backstop team` › *Figures…* who may see figures about one person",
    ),
)
WORDS = (
    Understood(
        ("queue", "backlog", "tickets", "digest"),
        "I can show you how the queue stands now, for you alone.",
        lambda _: button("The queue", LOOK, style="primary"),
    ),
)
