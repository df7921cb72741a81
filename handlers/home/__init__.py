"""Home: one screen per person, of what each feature says matters to them; and `/backstop help`."""

from handlers.home import listeners
from handlers.house import House


def register(house: House) -> None:
    house.command("help", listeners.help_, standalone=False)
    house.event("app_home_opened", listeners.open_home)
