"""What only Slack knows, asked before a transaction begins: who somebody is."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from handlers.blocks import one_line
from handlers.refusals import FormRefusal
from storage import people
from storage.people import Person
from storage.store import Store

AT_ONCE = 10
UNKNOWN_PERSON = "I don’t know one of these people. Choose them again."
CANT_BE = "{} can’t be in a team: {}."
WHY_NOT = {
    "is_bot": "that is a bot",
    "deactivated": "that account is deactivated",
    "is_stranger": "they are from another workspace",
    "is_guest": "they are a guest",
}


async def people_named(
    by_field: Mapping[str, Iterable[str]], workspace_id: str, *, store: Store, client: AsyncWebClient, now: datetime
) -> dict[str, Person]:
    """Everyone chosen in a form's fields, by Slack id; who is new here is asked of Slack and kept.

    Raises FormRefusal that names, at its field, whoever can't be in a team.
    """
    chosen = {field: list(ids) for field, ids in by_field.items()}
    ids = sorted({slack_id for several in chosen.values() for slack_id in several})
    async with store.read() as session:
        known = {person.slack_id: person for person in await people.by_slack_ids(session, workspace_id, ids)}
    if unknown := [slack_id for slack_id in ids if slack_id not in known]:
        users = await _ask(client, unknown)
        async with store.write() as session:
            await people.keep_all(session, workspace_id, users, now=now)
            known |= {person.slack_id: person for person in await people.by_slack_ids(session, workspace_id, unknown)}
    refusals = {field: sentence for field, several in chosen.items() if (sentence := _refused(several, known))}
    if refusals:
        raise FormRefusal(refusals)
    return known


def _refused(slack_ids: Iterable[str], known: Mapping[str, Person]) -> str | None:
    for slack_id in slack_ids:
        if (person := known.get(slack_id)) is None:
            return UNKNOWN_PERSON
        if not person.is_reachable:
            why = next(sentence for flag, sentence in WHY_NOT.items() if getattr(person, flag))
            return CANT_BE.format(one_line(person.name, 60), why)
    return None


async def _ask(client: AsyncWebClient, slack_ids: list[str]) -> list[dict[str, Any]]:
    few = asyncio.Semaphore(AT_ONCE)

    async def ask(slack_id: str) -> dict[str, Any] | None:
        async with few:
            try:
                answer = await client.users_info(user=slack_id)
            except SlackApiError as refused:
                if refused.response["error"] in {"user_not_found", "user_not_visible"}:
                    return None
                raise
            user: dict[str, Any] = answer["user"]
            return user

    return [user for user in await asyncio.gather(*map(ask, slack_ids)) if user is not None]
