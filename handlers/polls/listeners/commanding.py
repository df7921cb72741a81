"""`/poll`: a verb, a poll's number, or words that become the question."""

import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from handlers.blocks import clean, readable, section
from handlers.house import Limits, Me, Reply
from handlers.polls.listeners import drafting, looking
from handlers.polls.views import lists, privacy
from handlers.refusals import Refusal
from handlers.verbs import DID_YOU_MEAN, ArgumentParser, NearMiss, Parsed, Words, nothing, parse
from storage.polls import Template
from storage.store import Store

NUMBER = re.compile(r"(?:p-?)?([0-9]{1,9})", re.IGNORECASE)


def number_of(rest: str) -> int:
    """The number of `P-7`. Raises ValueError for anything else."""
    found = NUMBER.fullmatch(rest.strip())
    if found is None:
        raise ValueError(rest)
    return int(found[1])


def _number_or_none(rest: str) -> int | None:
    return number_of(rest) if rest else None


VERBS: Mapping[str, ArgumentParser] = {
    "list": nothing,
    "close": _number_or_none,
    "privacy": nothing,
    "help": nothing,
}


async def _help(_arguments: None, *, reply: Reply, settings: Limits, **_: Any) -> None:
    await reply("What /poll can do", blocks=[section(lists.help_text(settings.command_prefix))])


async def _privacy(_arguments: None, *, reply: Reply, settings: Limits, **_: Any) -> None:
    await reply(privacy.TITLE, blocks=privacy.privacy(settings.keeping))


ANSWERS: Mapping[str, Callable[..., Awaitable[None]]] = {
    "list": looking.list_,
    "close": looking.offer_close,
    "privacy": _privacy,
    "help": _help,
}


async def poll(
    ack: Any,
    body: dict[str, Any],
    client: AsyncWebClient,
    reply: Reply,
    store: Store,
    me: Me,
    words: str,
    now: datetime,
    settings: Limits,
) -> None:
    await ack()
    match parse(words, VERBS):
        case Parsed(verb=verb, arguments=arguments):
            await ANSWERS[verb](arguments, reply=reply, store=store, me=me, now=now, settings=settings)
        case NearMiss() as near:
            raise Refusal(DID_YOU_MEAN, near.meant(f"/{settings.command_prefix}poll"))
        case Words(text=""):
            await drafting.show_templates(body, client=client, store=store, me=me, now=now)
        case Words(text=text) if NUMBER.fullmatch(text):
            await looking.show_number(number_of(text), reply=reply, store=store, me=me)
        case Words(text=text):
            typed = {"question": clean(readable(text))[:300]}
            await drafting.show_form(body, Template.BLANK, typed, client=client, store=store, me=me, now=now)
