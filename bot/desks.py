"""The help desks whose credentials are set: made here, and handed to features in the shape that these know."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

import aiohttp
from pydantic import SecretStr
from slack_sdk.web.async_client import AsyncWebClient

from bot.desk_settings import DeskSettings
from bot.helpdesks import Desk, DeskError, DeskRefusedError, Push
from bot.helpdesks.pulling import Pulling
from handlers.helpdesks import NOT_SET, DeskCheck, DeskTroubleError, NoteRefusedError
from handlers.house import AfterPull
from storage.jobs import Job
from storage.pulled import Context, PulledAgent, PulledTicket
from storage.store import Store

T = TypeVar("T")


def open_desks(settings: DeskSettings, *, http: aiohttp.ClientSession, now: Callable[[], datetime]) -> dict[str, Desk]:
    """Each help desk that the settings name, by kind. Nothing is asked of them yet.

    A desk's code is imported where it is made: most installations have one, and each costs a start some milliseconds.
    """
    desks: list[Desk] = []
    if settings.zendesk_subdomain is not None:
        from bot.helpdesks.zendesk import Zendesk

        desks.append(
            Zendesk(
                http,
                base_url=settings.zendesk_subdomain,
                email=settings.zendesk_email or "",
                token=_secret(settings.zendesk_token),
                push_secret=_secret(settings.zendesk_secret) or None,
            )
        )
    if settings.freshdesk_domain is not None:
        from bot.helpdesks.freshdesk import Freshdesk

        desks.append(
            Freshdesk(
                http,
                base_url=settings.freshdesk_domain,
                key=_secret(settings.freshdesk_key),
                push_secret=_secret(settings.freshdesk_secret) or None,
            )
        )
    if _secret(settings.hubspot_token):
        from bot.helpdesks.hubspot import HubSpot

        desks.append(
            HubSpot(
                http,
                base_url=settings.hubspot_url,
                token=_secret(settings.hubspot_token),
                push_secret=_secret(settings.hubspot_secret) or None,
                clock=now,
            )
        )
    if settings.rt_url is not None:
        from bot.helpdesks.rt import RequestTracker

        desks.append(
            RequestTracker(
                http,
                base_url=settings.rt_url,
                token=_secret(settings.rt_token),
                push_secret=_secret(settings.rt_secret) or None,
            )
        )
    if settings.csv_folder is not None:
        from bot.helpdesks.csv_files.folder import Folder

        desks.append(Folder(settings.csv_folder, zone=settings.csv_zone, now=now))
    return {desk.kind: desk for desk in desks}


def _secret(given: SecretStr | None) -> str:
    return given.get_secret_value().strip() if given is not None else ""


class Desks:
    """handlers.helpdesks.HelpDesks, over the desks that are there."""

    def __init__(self, desks: Mapping[str, Desk], after_pull: Sequence[AfterPull] = ()) -> None:
        """`after_pull` is read when a page is kept: features may still be adding to it."""
        self.desks = desks
        self._pulling = Pulling(desks, after_pull)

    def available(self) -> Sequence[tuple[str, str]]:
        return [(desk.kind, desk.name) for desk in self.desks.values()]

    async def check(self, kind: str) -> DeskCheck:
        checked = await _told(self._desk(kind).check())
        return DeskCheck(checked.account, checked.missing, checked.groups)

    async def agents(self, kind: str) -> Sequence[PulledAgent]:
        return await _told(self._desk(kind).agents())

    async def ticket(self, kind: str, external_id: str) -> PulledTicket | None:
        return await _told(self._desk(kind).ticket(external_id))

    async def context(self, kind: str, external_id: str) -> Context | None:
        return await _told(self._desk(kind).context(external_id))

    async def note(self, kind: str, external_id: str, text: str, *, marker: str, again: bool) -> None:
        desk = self._desk(kind)
        if again and await _told(desk.has_note(external_id, marker)):
            return
        await _told(desk.note(external_id, text))

    def url_of(self, kind: str, external_id: str) -> str | None:
        desk = self.desks.get(kind)
        return desk.url_of(external_id) if desk is not None else None

    async def pull(self, job: Job, *, store: Store, client: AsyncWebClient, now: Callable[[], datetime]) -> None:  # noqa: ARG002  # every job is given Slack's client
        await self._pulling.pull(job, store=store, now=now)

    def is_genuine(self, kind: str, push: Push, *, now: datetime) -> bool:
        """Whether that desk signed the request; False for a desk that isn't there."""
        desk = self.desks.get(kind)
        return desk is not None and desk.is_genuine(push, now=now)

    def _desk(self, kind: str) -> Desk:
        if kind not in self.desks:
            raise DeskTroubleError(NOT_SET.format(kind))
        return self.desks[kind]


async def _told(asked: Awaitable[T]) -> T:
    try:
        return await asked
    except DeskRefusedError as error:
        raise NoteRefusedError(str(error)) from error
    except DeskError as error:
        raise DeskTroubleError(str(error)) from error
