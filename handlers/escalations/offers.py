"""What this feature offers to whoever asks: its lines of the help, and a button for words that ask for it."""

from handlers.escalations.views.waiting import raising
from handlers.house import Help, Understood

HELP = (
    Help(
        "Escalations",
        everyone="`/escalate` raises one · `/escalate mine` · `/escalate list` · `/escalate E-42` · ⋮ on any message",
        leads="`/escalate stats` figures · `/escalate policy` deadlines · `/escalate handover @person`",
    ),
)
WORDS = (
    Understood(
        ("escalate", "escalation", "furious", "angry customer", "urgent", "customer is waiting"),
        "I can raise an escalation with that: you choose how bad it is, and who is on duty hears of it at once.",
        raising,
    ),
)
