"""Ties every table of a house to Slack.

Bolt asks one listener after the other whether a payload is theirs, and we have some two hundred. So it is told of
one for each kind of payload, which finds the right one by its name: an event costs the same however many features
there are.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.kwargs_injection.async_args import AsyncArgs

from bot.commands import UMBRELLA, word_of
from bot.listening import Heard, Listening
from handlers.house import House

ANY = re.compile("")

Body = dict[str, Any]
Place = Callable[..., Callable[..., object]]
"""Bolt's own registration of one kind of payload: bolt.block_action, say."""


def connect(bolt: AsyncApp, house: House, listening: Listening, prefix: str) -> None:
    words = {command.name: listening.hears(command.listener) for command in house.commands.values()}
    commands = {f"/{prefix}{name}": heard for name, heard in words.items() if house.commands[name].standalone}
    commands[f"/{prefix}{UMBRELLA}"] = _umbrella(house, listening, words, prefix)
    actions = {name: listening.hears(one, then=house.afterwards) for name, one in house.actions.items()}
    submissions = {name: listening.hears(one, then=house.afterwards) for name, one in house.submissions.items()}
    options = {name: listening.hears(one) for name, one in house.options.items()}
    shortcuts = {name: listening.hears(one) for name, one in house.shortcuts.items()}
    events = {kind: _one_after_another([listening.hears(one) for one in all_]) for kind, all_ in house.events.items()}

    _hear(listening, bolt.command, commands, itemgetter("command"))
    _hear(listening, bolt.block_action, actions, lambda body: body["actions"][0]["action_id"])
    _hear(listening, bolt.view_submission, submissions, lambda body: body["view"]["callback_id"])
    _hear(listening, bolt.block_suggestion, options, itemgetter("action_id"))
    _hear(listening, bolt.shortcut, shortcuts, itemgetter("callback_id"))
    _hear(listening, bolt.event, events, lambda body: body["event"]["type"])


def _hear(listening: Listening, place: Place, table: Mapping[str, Heard], name_of: Callable[[Body], str]) -> None:
    async def is_known(body: Body) -> bool:
        """Else nobody listens, and Bolt says so."""
        return name_of(body) in table

    async def listener(args: AsyncArgs) -> None:  # Bolt gives every argument to a parameter that is called so
        await listening.until_acknowledged(table[name_of(args.body)], args)

    place(ANY, matchers=[is_known])(listener)


def _umbrella(house: House, listening: Listening, heard: Mapping[str, Heard], prefix: str) -> Heard:
    """`/backstop word rest`: the word's own listener hears the rest as if it had been typed to its own command."""

    async def name_the_word(words: str) -> None:
        word_of(house, words, prefix)

    refuse_unknown = listening.hears(name_the_word)

    async def backstop(args: AsyncArgs) -> None:
        first, _, rest = str(args.body.get("text") or "").strip().partition(" ")
        chosen = heard.get(first.lower() or "help")
        if chosen is None:
            await refuse_unknown(args)
            return
        args.body["text"] = rest.strip()
        await chosen(args)

    return backstop


def _one_after_another(several: Sequence[Heard]) -> Heard:
    """Bolt gives an event to the first listener that takes it, and to no other."""

    async def heard(args: AsyncArgs) -> None:
        for each in several:
            await each(args)

    return heard
