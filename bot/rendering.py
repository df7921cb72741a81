"""What a claim's messages show now: the renderers' word, and as much of it as Slack takes in one message."""

import asyncio
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.logs import kind_and_place
from handlers.house import Ahead, Fallen, House, Rendered
from storage.messages import Message
from storage.outbox import Claim
from storage.store import DatabaseAwayError, Store

log = structlog.get_logger(__name__)

MOST_BLOCKS = 50
MOST_CHARACTERS = 12_000
"""Slack refuses a message whose blocks have more than about 13,000."""


@dataclass
class Looks:
    """What the renderers made of a claim's messages."""

    standing: list[tuple[Message, Rendered]] = field(default_factory=list)
    fallen: list[Message] = field(default_factory=list)
    failed: list[tuple[Message, Exception]] = field(default_factory=list)

    def see(self, message: Message, shown: Rendered | Fallen) -> None:
        if isinstance(shown, Fallen):
            self.fallen.append(message)
        else:
            self.standing.append((message, shown))


@dataclass(frozen=True)
class Rendering:
    """Asks the renderers. They see the rows as they stand, and `clock`'s now."""

    store: Store
    clock: Clock
    house: House

    async def looks(self, claims: Sequence[Claim]) -> list[tuple[Claim, Looks]]:
        """What the renderers make of each claim's messages. All in one look at the database while nothing breaks, so
        that what several messages show is loaded at once. Raises DatabaseAwayError."""
        try:
            async with self.store.read() as session:
                await self._load_ahead(session, [message for claim in claims for message in claim.messages])
                return [(claim, await self._look(session, claim)) for claim in claims]
        except DatabaseAwayError:
            raise
        except Exception as error:  # a renderer's is met again in `_look_at_each`, which answers for it
            log.warning("looked at one by one", error=kind_and_place(error))
            return [(claim, await self._look_at_each(claim)) for claim in claims]

    async def _load_ahead(self, session: AsyncSession, messages: Iterable[Message]) -> None:
        theirs: dict[Ahead, list[Message]] = {}
        for message in messages:
            if (ahead := self.house.ahead.get(message.renderer)) is not None:
                theirs.setdefault(ahead, []).append(message)
        for ahead, several in theirs.items():
            await ahead(session, several, self.clock.now())

    async def _look(self, session: AsyncSession, claim: Claim) -> Looks:
        await asyncio.sleep(0)  # who waits for an answer has a turn between any two
        looks = Looks()
        for message in claim.messages:
            looks.see(message, await self._render(session, message))
        return looks

    async def _render(self, session: AsyncSession, message: Message) -> Rendered | Fallen:
        return await self.house.renderers[message.renderer](session, message, self.clock.now())

    async def _look_at_each(self, claim: Claim) -> Looks:
        looks = Looks()
        for message in claim.messages:
            try:
                async with self.store.read() as session:
                    shown = await self._render(session, message)
            except DatabaseAwayError:
                raise
            except Exception as error:  # a renderer's bug must not stop the others; the row keeps the reason
                log.exception("renderer failed", key=message.key)
                looks.failed.append((message, error))
            else:
                looks.see(message, shown)
        return looks


def merged(parts: list[Rendered]) -> Rendered:
    """Several messages that are due together, as the one that is sent."""
    if len(parts) == 1:
        return parts[0]
    blocks = list(parts[0].blocks)
    for part in parts[1:]:
        blocks += [{"type": "divider"}, *part.blocks]
    return Rendered("\n\n".join(part.text for part in parts)[:4000], blocks[:MOST_BLOCKS])


def fitting(standing: list[tuple[Message, Rendered]]) -> list[tuple[Message, Rendered]]:
    """As many, from the first, as Slack takes in one message: at least one."""
    for size in range(len(standing), 1, -1):
        whole = merged([rendered for _, rendered in standing[:size]])
        blocks = sum(len(rendered.blocks) + 1 for _, rendered in standing[:size]) - 1
        if blocks <= MOST_BLOCKS and len(json.dumps(whole.blocks)) <= MOST_CHARACTERS:
            return standing[:size]
    return standing[:1]
