"""Answering: two taps in the message, or the form behind `/checkin`, Home and *What is in the way?*."""

from datetime import datetime
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.checkins import rounds
from handlers.checkins.forms import AnswerForm
from handlers.checkins.rules import answering, windows
from handlers.checkins.rules.answering import Place
from handlers.checkins.views import prompt as views
from handlers.checkins.views.words import local_time, long_date
from handlers.forms import NOT_OURS, identifier, values
from handlers.house import Listener, Me, Reply
from handlers.refusals import Refusal, StaleRefusal
from storage import checkin_answers, checkins
from storage.checkin_answers import Answer
from storage.checkins import Prompt, Round
from storage.store import Store

CLOSED = "That check-in closed at {}, and its answers don’t change any more. `/checkin` takes one for yourself."
CLOSED_TODAY = "Today’s check-in closed at {}. What you answered stands: {}."
SAVED = "Noted: *{}*. You can change it until {}."
SAVED_FOR_YOURSELF = "Noted, for you alone: *{}*. `/checkin trend` shows you your own answers."


def taps(what: str, step: int) -> Listener:
    """The listener of one button of a scale; `what`: load or feeling."""

    async def tap(ack: Any, action: dict[str, Any], store: Store, me: Me, now: datetime) -> None:
        prompt_id = identifier(action["value"])
        async with store.write() as session:
            closed_at = await answer_prompt(session, prompt_id, me, {what: step}, now=now)
        await ack()
        if closed_at is not None:
            raise StaleRefusal(CLOSED.format(local_time(closed_at, me.person.zone)))

    tap.__qualname__ = f"tap_{what}"  # without the step: logs and /metrics name the listener
    return tap


async def answer_prompt(
    session: AsyncSession, prompt_id: int, me: Me, said: dict[str, Any], *, now: datetime
) -> datetime | None:
    """Keeps what they said, and shows it in their messages. Returns when it closed, if it did: nothing is kept then.
    Raises Refusal for a prompt that is not theirs."""
    prompt, round_ = await own_prompt(session, prompt_id, me)
    await rounds.refresh_prompt(session, prompt.id, now=now)
    if not answering.is_open(prompt, round_, now):
        return min(prompt.closes_at, round_.closed_at or prompt.closes_at)
    await keep(session, me, Place(round_.day, prompt, round_), said, now=now)
    return None


async def own_prompt(session: AsyncSession, prompt_id: int, me: Me) -> tuple[Prompt, Round]:
    found = await checkins.locked_prompt(session, prompt_id)
    if found is None or found[0].person_id != me.id:
        raise Refusal(NOT_OURS)
    return found


async def keep(session: AsyncSession, me: Me, place: Place, said: dict[str, Any], *, now: datetime) -> None:
    """What was said for oneself on that day doesn't slip into a round that began later: its promise is another."""
    before = await checkin_answers.of_day(session, me.id, place.day)
    round_id = place.round.id if place.round else None
    if before is not None and before.round_id != round_id:
        said = {"load": None, "feeling": None, "blocker": None} | said
    await checkin_answers.keep(
        session,
        workspace_id=me.person.workspace_id,
        person_id=me.id,
        day=place.day,
        round_id=round_id,
        said=said,
        now=now,
    )


async def say_more(
    ack: Any, action: dict[str, Any], body: dict[str, Any], client: AsyncWebClient, store: Store, me: Me, now: datetime
) -> None:
    """*What is in the way?*: the form, with what they tapped in it."""
    await ack()
    async with store.read() as session:
        prompt = await session.get(Prompt, identifier(action["value"]))
        round_ = await session.get(Round, prompt.round_id) if prompt else None
        if prompt is None or round_ is None or prompt.person_id != me.id:
            raise Refusal(NOT_OURS)
        answer = await checkin_answers.of_day(session, me.id, round_.day)
    if not answering.is_open(prompt, round_, now):
        raise StaleRefusal(CLOSED.format(local_time(prompt.closes_at, me.person.zone)))
    await _open(Place(round_.day, prompt, round_), answer, body=body, client=client)


async def open_form(
    ack: Any, body: dict[str, Any], client: AsyncWebClient, store: Store, me: Me, now: datetime
) -> None:
    """`/checkin`, and the button on Home: the window that is open, today's early, or the day for oneself."""
    await ack()
    async with store.read() as session:
        place, answer = await _place(session, me, now)
    await _open(place, answer, body=body, client=client)


async def _open(place: Place, answer: Answer | None, *, body: dict[str, Any], client: AsyncWebClient) -> None:
    round_id = place.round.id if place.round else None
    mine = answer if answer is not None and answer.round_id == round_id else None
    memory = views.AnswerMemory(prompt=place.prompt.id if place.prompt else None)
    until = views.until_line(place.prompt.closes_at if place.prompt else None)
    view = views.answer_form(memory, place.round, mine, day=long_date(place.day), until=until)
    await client.views_open(trigger_id=body["trigger_id"], view=view)


async def submit(ack: Any, view: dict[str, Any], reply: Reply, store: Store, me: Me, now: datetime) -> None:
    form, memory = AnswerForm.of(values(view)), views.AnswerMemory.of(view)
    said = {"load": form.load, "feeling": form.feeling, "blocker": form.blocker}
    async with store.write() as session:
        if memory.prompt is not None:
            prompt, round_ = await own_prompt(session, memory.prompt, me)
            if not answering.is_open(prompt, round_, now):
                raise Refusal(CLOSED.format(local_time(prompt.closes_at, me.person.zone)))
            place = Place(round_.day, prompt, round_)
            await rounds.refresh_prompt(session, prompt.id, now=now)
        else:
            # a round may have begun since the form was opened: what was promised there holds, so it stays their own
            place, _ = await _place(session, me, now)
            place = Place(place.day)
        await keep(session, me, place, said, now=now)
        kept = await checkin_answers.of_day(session, me.id, place.day)
    assert kept is not None, "it was just kept"
    if place.prompt is None:
        await reply(SAVED_FOR_YOURSELF.format(views.in_words(kept)))
    elif place.prompt.asked_at is None:  # there is no message of it that would show the answer
        await reply(SAVED.format(views.in_words(kept), local_time(place.prompt.closes_at, me.person.zone)))
    else:
        await ack(response_action="clear")


async def _place(session: AsyncSession, me: Me, now: datetime) -> tuple[Place, Answer | None]:
    """Where an answer would stand now, and what stands there. Raises Refusal once today's has been closed on it."""
    today = windows.today_of(me.person, now)
    place = answering.place_of(await checkins.prompts_around(session, me.id, now), today, now)
    answer = await checkin_answers.of_day(session, me.id, place.day)
    if place.prompt is None and answer is not None and answer.round_id is not None:
        round_ = await session.get(Round, answer.round_id)
        closed = round_.closed_at if round_ and round_.closed_at else answer.changed_at
        raise Refusal(CLOSED_TODAY.format(local_time(closed, me.person.zone), views.in_words(answer)))
    return place, answer
