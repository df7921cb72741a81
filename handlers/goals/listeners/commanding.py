"""`/goal`: a verb, or the form."""

import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from handlers.blocks import section
from handlers.goals.listeners import closing, updating
from handlers.goals.listeners.looking import LISTS, Looking
from handlers.goals.listeners.setting import Setting
from handlers.goals.views import goals as views
from handlers.house import Limits, Listener, Me, Reply
from handlers.refusals import Refusal
from handlers.verbs import DID_YOU_MEAN, ArgumentParser, NearMiss, Parsed, parse
from storage.store import Store

NUMBER = re.compile(r"(?:g-?)?([0-9]{1,9})", re.IGNORECASE)
WHICH = "Say which one: `/goal {} G-7`. `/goal list` shows them, each with its buttons."
NO_SUCH_WORDS = "I don’t know what that means for goals. `/goal` sets one, `/goal help` shows the rest."


def _number(rest: str) -> int:
    found = NUMBER.fullmatch(rest.strip())
    if found is None:
        raise ValueError(rest)
    return int(found[1])


def _number_or_none(rest: str) -> int | None:
    return _number(rest) if rest else None


def _which(rest: str) -> str:
    which = rest.strip().lower() or "open"
    if which not in LISTS:
        raise ValueError(rest)
    return which


def _nothing(rest: str) -> None:
    if rest:
        raise ValueError(rest)


VERBS: Mapping[str, ArgumentParser] = {
    "list": _which,
    "show": _number_or_none,
    "update": _number_or_none,
    "close": _number_or_none,
    "set": _nothing,
    "help": _nothing,
}


def commanding(setting: Setting, looking: Looking) -> Listener:
    """The command's listener."""

    async def help_(_arguments: None, *, reply: Reply, **_: Any) -> None:
        await reply("What /goal can do", blocks=[section(views.HELP)])

    answers: Mapping[str, Callable[..., Awaitable[None]]] = {
        "list": looking.list_,
        "show": looking.show,
        "update": updating.update,
        "close": closing.close,
        "help": help_,
    }

    async def goal(
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
            case Parsed(verb="show" | "close" as verb, arguments=None):
                raise Refusal(WHICH.format(verb))
            case Parsed(verb=verb, arguments=arguments) if verb != "set":
                await answers[verb](arguments, client=client, body=body, reply=reply, store=store, me=me, now=now)
            case NearMiss() as near:
                raise Refusal(DID_YOU_MEAN, near.meant(f"/{settings.command_prefix}goal"))
            case other:
                text = getattr(other, "text", "")
                if NUMBER.fullmatch(text):
                    await looking.show(_number(text), reply=reply, store=store, me=me, now=now)
                elif text:
                    raise Refusal(NO_SUCH_WORDS)
                else:
                    await setting.open_form(client, body, store, me, now)

    return goal
