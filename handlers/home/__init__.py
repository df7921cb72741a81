"""Home: one screen per person with what waits for them, as each feature says it; `/backstop help`; and an answer to
whoever speaks to the bot in words."""

from handlers.home import listeners, steps
from handlers.home.drawing import REFRESH
from handlers.house import House


def register(house: House) -> None:
    home = listeners.Home(house)
    house.command("help", home.help, verbs=(), standalone=False)
    house.event("app_home_opened", home.open)
    house.event("app_mention", home.answer_mention)
    house.event("message", home.answer_direct_message)
    house.after_own_action(home.follow)
    house.renders(listeners.OUTSIDER, listeners.render_outsider)
    house.step(REFRESH, steps.refresh)
    house.job(REFRESH, steps.refreshing(house.sections))
    house.describes(REFRESH, steps.describe)
