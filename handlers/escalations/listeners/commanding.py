"""`/escalate`: a verb, an escalation's number, a ticket, or words that start the form."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from handlers.blocks import clean, section
from handlers.escalations.listeners import asking, handing_over, policy, raising
from handlers.escalations.rules import references
from handlers.escalations.rules.references import EscalationNumber, Problem, Ticket
from handlers.escalations.views import answers
from handlers.helpdesks import HelpDesks
from handlers.house import Limits, Me, Reply
from handlers.refusals import Refusal
from handlers.verbs import DID_YOU_MEAN, ArgumentParser, NearMiss, Parsed, Words, nothing, parse
from storage.store import Store


def _list_arguments(rest: str) -> tuple[str, str]:
    """(which, words): `list overdue acme`; words alone search the open ones only after a `which`."""
    which, _, words = rest.partition(" ")
    if not which:
        return "open", ""
    if which.lower() not in asking.LISTS:
        raise ValueError(rest)
    return which.lower(), clean(words)


def _period(rest: str) -> str:
    period = rest.strip().lower() or "month"
    if period not in asking.PERIODS:
        raise ValueError(rest)
    return period


def _number(rest: str) -> int | None:
    return references.escalation_number(rest).number if rest else None


def _taker(rest: str) -> tuple[str, str] | None:
    return handing_over.taker(rest) if rest else None


def _only(which: str) -> ArgumentParser:
    """`/escalate mine` is the list of mine."""

    def read(rest: str) -> tuple[str, str]:
        nothing(rest)
        return which, ""

    return read


VERBS: Mapping[str, ArgumentParser] = {
    "list": _list_arguments,
    "stats": _period,
    "why": _number,
    "handover": _taker,
    "mine": _only("mine"),
    "overdue": _only("overdue"),
    "follow-ups": nothing,
    "policy": nothing,
    "help": nothing,
}


async def _help(_arguments: None, *, reply: Reply, settings: Limits, **_: Any) -> None:
    text = answers.help_text(settings.command_prefix)
    await reply("What /escalate can do", blocks=[section(text)])


ANSWERS: Mapping[str, Callable[..., Awaitable[None]]] = {
    "list": asking.list_,
    "stats": asking.stats,
    "why": asking.why,
    "handover": handing_over.offer,
    "mine": asking.list_,
    "overdue": asking.list_,
    "follow-ups": asking.follow_ups,
    "policy": policy.show,
    "help": _help,
}


async def escalate(
    ack: Any,
    body: dict[str, Any],
    client: AsyncWebClient,
    reply: Reply,
    store: Store,
    me: Me,
    words: str,
    now: datetime,
    settings: Limits,
    helpdesks: HelpDesks,
) -> None:
    await ack()
    match parse(words, VERBS):
        case Parsed(verb=verb, arguments=arguments):
            await ANSWERS[verb](arguments, reply=reply, store=store, me=me, now=now, settings=settings)
        case NearMiss() as near:
            raise Refusal(DID_YOU_MEAN, near.meant(f"/{settings.command_prefix}escalate"))
        case Words(text=text):
            prefix = settings.command_prefix
            match references.read(text):
                case EscalationNumber(number=number):
                    await asking.show_number(number, reply=reply, store=store, me=me, now=now)
                case Ticket(written=written):
                    typed = {"ticket": written}
                    await raising.open_form(client, store, me, body, typed, prefix=prefix, helpdesks=helpdesks)
                case Problem(text=problem):
                    await raising.open_on_words(
                        client, store, me, body, problem, reply, prefix=prefix, helpdesks=helpdesks
                    )
