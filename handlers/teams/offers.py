"""What this feature offers to whoever asks: its lines of the help, and a button for words that ask for it."""

from handlers.blocks import button
from handlers.house import Help, Understood
from handlers.teams.views.availability import AWAY, BACK, HOURS
from handlers.teams.views.home import SHOW_MY_DATA

HELP = (
    Help(
        "Your team",
        everyone="`/backstop team` who is in it · `/backstop duty` who is on duty · `/availability` who is on and away",
        leads="`/backstop team` also has its settings · `/backstop duty` its rota · `/backstop preview digest`",
        admins="`/backstop team create` starts a team at once · requests wait on your Home",
    ),
    Help("Being away", everyone="`/availability away until friday` · `back` · `hours`"),
)
WORDS = (
    Understood(
        ("i'm away", "i am away", "away", "sick", "on vacation", "on holiday", "day off", "out of office"),
        "I can note that you are away: nothing unasked comes to you then, and duty passes you over.",
        lambda _: button("I’m away…", AWAY, style="primary"),
    ),
    Understood(("i'm back", "i am back"), "Welcome back.", lambda _: button("I’m back", BACK, style="primary")),
    Understood(
        ("my hours", "working hours"),
        "Your working hours, in which I write to you:",
        lambda _: button("My hours…", HOURS, style="primary"),
    ),
    Understood(
        ("my data", "privacy", "what do you know about me"),
        "What is kept about you: to see, to have as a file, to erase.",
        lambda _: button("My data", SHOW_MY_DATA, style="primary"),
    ),
)
