"""Wraps every listener: loads `me`, gives `store` and `now`, and makes an answer of whatever goes wrong.

It wraps the function; it is no middleware, whose scope ends before the listener starts.
"""

import asyncio
import inspect
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import aiohttp
import structlog
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.kwargs_injection.async_args import AsyncArgs
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from structlog.contextvars import bind_contextvars

from bot.answering import Answer
from bot.clock import Clock
from bot.directory import Directory
from bot.logs import where
from bot.measures import Measures
from bot.refused import read_refusal
from bot.spelling import Spelling
from handlers.forms import clicked
from handlers.helpdesks import HelpDesks
from handlers.house import HEARD, Limits, Listener, Me
from handlers.refusals import OUTSIDER, FormRefusal, Refusal
from storage.people import Person
from storage.store import DatabaseAwayError, Store, TryAgainError

log = structlog.get_logger(__name__)

DATABASE_AWAY = "My database is away for a moment, so nothing was saved. Please try again shortly."
FORM_STAYS = "{} What you typed is still here."
UNEXPECTED = (
    "Something went wrong on my side, and nothing was changed. If it happens again, tell an admin this reference: {}."
)
EXPIRED = "That took a moment too long for Slack to open the form. Please try again."
TRIES = 3
HEARD_BY = "heard_by"
"""Where an event's context names the listener that has it: Bolt takes one that never acknowledges for none."""
IN_TIME_S = 3.0
"""Slack waits no longer for an acknowledgement."""

Heard = Callable[[AsyncArgs], Awaitable[None]]


class UnknownParameterError(TypeError):
    """A listener asks for something that no event brings (Bolt would silently give None)."""


@dataclass(frozen=True)
class Listening:
    store: Store
    clock: Clock
    directory: Directory
    settings: Limits
    wake: Callable[[], None]
    """Tells delivery that there may be something to send."""
    helpdesks: HelpDesks
    measures: Measures = field(default_factory=Measures)
    spelling: Spelling = field(default_factory=lambda: Spelling((), ""))
    at_work: set[asyncio.Task[None]] = field(default_factory=set)
    """The tasks that listeners run in: nothing else refers to them once they have acknowledged."""

    def hears(self, listener: Listener, *, then: Sequence[Listener] = ()) -> Heard:
        """The listener as Bolt calls it; `then` follows when it went well. Whatever is logged meanwhile says whose
        event it was. Raises UnknownParameterError for a name that isn't in HEARD."""
        wants = _wanted(listener)
        following = [(one, _wanted(one)) for one in then]

        name = _name(listener)

        async def heard(args: AsyncArgs) -> None:
            args.context[HEARD_BY] = name
            reference = secrets.token_hex(4)
            bind_contextvars(listener=name, reference=reference)
            began, wanted = time.perf_counter(), self.store.wanted
            answer = Answer(args.body, ack=args.ack, client=args.client, spelling=self.spelling)
            try:
                me = await self._me(args.body)
                await self._listen(listener, wants, args, answer, me)
            except FormRefusal as refusal:
                await answer.refuse_form(refusal.errors)
            except Refusal as refusal:
                await _say(answer, str(refusal), args.body)
            except DatabaseAwayError:
                log.warning("database away")
                await _say(answer, DATABASE_AWAY, args.body)
            except SlackApiError as refused:
                await _answer_slack_error(refused, answer, args.body, reference)
            except Exception as error:  # the one place that answers for every listener: the person is told
                _log_bug("listener failed", error)
                await _say(answer, UNEXPECTED.format(reference), args.body)
            else:
                wanted = self._wake_since(wanted)
                await self._follow(following, args, answer, me)
            finally:
                self.measures.listened(name, time.perf_counter() - began)
                self._wake_since(wanted)

        return heard

    async def until_acknowledged(self, heard: Heard, args: AsyncArgs) -> None:
        """Returns as soon as Slack can be answered: the listener goes on by itself. Bolt answers events on its own."""
        began, ack = time.perf_counter(), Acknowledgement(args.ack)
        args.ack = ack
        task = asyncio.create_task(_whole(heard, args))
        self.at_work.add(task)
        task.add_done_callback(self.at_work.discard)
        task.add_done_callback(lambda _: ack.given.set())
        if "event" not in args.body:
            await ack.given.wait()
            if ack.response is not None and time.perf_counter() - began > IN_TIME_S:
                log.warning("not acknowledged in time", listener=args.context.get(HEARD_BY))

    async def drain(self, *, at_most_s: float) -> None:
        """Waits for the listeners that are at work, so that their answers still go out; cuts off the rest."""
        if self.at_work:
            _, late = await asyncio.wait(set(self.at_work), timeout=at_most_s)
            for task in late:
                task.cancel()

    def _wake_since(self, wanted: int) -> int:
        """Wakes delivery if something was wanted of it since then: most events only look, or count an answer."""
        if self.store.wanted != wanted:
            self.wake()
        return self.store.wanted

    async def _listen(
        self, listener: Listener, wants: frozenset[str], args: AsyncArgs, answer: Answer, me: Me | None
    ) -> None:
        for last in (attempt == TRIES for attempt in range(1, TRIES + 1)):
            try:
                await listener(**self._given(wants, args, answer, me))
            except TryAgainError:
                # safe to run again: nothing was committed, and Slack is called only after the commit
                if last:
                    raise
            else:
                return

    async def _follow(
        self, following: Sequence[tuple[Listener, frozenset[str]]], args: AsyncArgs, answer: Answer, me: Me | None
    ) -> None:
        """What follows a listener that went well: the person has their answer already, so troubles are only logged."""
        for one, wants in following:
            bind_contextvars(listener=_name(one))
            try:
                await one(**self._given(wants, args, answer, me))
            except (Refusal, DatabaseAwayError, SlackApiError, aiohttp.ClientError, OSError) as trouble:
                log.warning("what follows failed", error=type(trouble).__name__)
            except Exception as error:  # likewise: it must not turn a good answer into a bad one
                _log_bug("what follows failed", error)

    def _given(self, wants: frozenset[str], args: AsyncArgs, answer: Answer, me: Me | None) -> dict[str, Any]:
        body = args.body
        ready: dict[str, Any] = {
            "ack": self.spelling.ack(args.ack),
            "body": body,
            "client": self.spelling.client(args.client),
            "reply": answer,
            "store": self.store,
            "now": self.clock.now(),
            "me": me,
            # not an event's team_id: in a channel that workspaces share it names the one that the channel began in
            "workspace_id": self.directory.workspace_id,
            "words": str(body.get("text") or "").strip(),
            "view": body.get("view"),
            "action": clicked(body),
            "event": body.get("event"),
            "shortcut": body,
            "settings": self.settings,
            "helpdesks": self.helpdesks,
        }
        return {name: ready[name] for name in wants}

    async def _me(self, body: dict[str, Any]) -> Me | None:
        """Whoever caused the event; None for events without a person. Raises Refusal for those who may not use it."""
        slack_id, from_workspace = _who(body)
        if slack_id is None:
            return None
        is_event = "event" in body
        if from_workspace not in {None, self.directory.workspace_id}:
            person = None
        else:
            person = await self.directory.person(slack_id)
        if person is None or not person.is_reachable:
            if is_event:
                return None
            raise Refusal(OUTSIDER)
        return Me(person, is_admin=self.is_admin(person))

    def is_admin(self, person: Person) -> bool:
        return person.is_admin or person.slack_id in self.settings.admins


class Acknowledgement(AsyncAck):
    """One that can be waited for."""

    def __init__(self, ack: AsyncAck) -> None:
        self._ack = ack
        self.given = asyncio.Event()

    @property
    def response(self) -> BoltResponse | None:  # type: ignore[override]  # Bolt's own is a plain attribute
        return self._ack.response

    async def __call__(self, *args: Any, **kwargs: Any) -> BoltResponse:
        response = await self._ack(*args, **kwargs)
        self.given.set()
        return response


async def _whole(heard: Heard, args: AsyncArgs) -> None:
    try:
        await heard(args)
    except Exception as error:  # nobody waits for it any more
        _log_bug("answering failed", error)


def _name(listener: Listener) -> str:
    return f"{listener.__module__.removeprefix('handlers.')}.{listener.__qualname__}"


@cache
def _wanted(listener: Listener) -> frozenset[str]:
    wants = frozenset(inspect.signature(listener).parameters)
    if unknown := wants - HEARD:
        raise UnknownParameterError(f"{listener.__module__}.{listener.__qualname__}: {', '.join(sorted(unknown))}")
    return wants


def _who(body: dict[str, Any]) -> tuple[str | None, str | None]:
    """(user id, the workspace they belong to) of any payload; the workspace is None where Slack doesn't say."""
    if "event" in body:
        user = body["event"].get("user")
        return (user if isinstance(user, str) else None), None
    if isinstance(body.get("user"), dict):
        return body["user"].get("id"), body["user"].get("team_id")
    return body.get("user_id"), body.get("team_id")


def _log_bug(what: str, error: Exception) -> None:
    """Its kind and where it happened, but not its message: that may hold what somebody typed."""
    log.error(what, error=type(error).__name__, where=where(error))


async def _say(answer: Answer, sentence: str, body: dict[str, Any]) -> None:
    if body.get("type") == "view_submission" and not answer.acknowledged:
        await answer.keep_form(FORM_STAYS.format(sentence))
        return
    try:
        await answer(sentence)
    except SlackApiError as refused:
        log.warning("answer not shown", error=read_refusal(refused).error)
    except (aiohttp.ClientError, OSError, TimeoutError) as lost:
        log.warning("answer not shown", error=type(lost).__name__)


async def _answer_slack_error(refused: SlackApiError, answer: Answer, body: dict[str, Any], reference: str) -> None:
    said = read_refusal(refused)
    if said.error in {"expired_trigger_id", "exchanged_trigger_id"}:
        if body.get("response_url"):
            await _say(answer, EXPIRED, body)
        log.info("trigger expired")
        return
    if said.error == "hash_conflict":  # they went on while it was being redrawn: what they see is newer
        log.info("view changed meanwhile")
        return
    log.error("slack refused", error=said.error, messages=said.why)
    await _say(answer, UNEXPECTED.format(reference), body)
