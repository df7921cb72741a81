"""Payloads that Slack would never send, made of those that it does: fields missing, of another type, huge, full of
control characters, of rows that are others' or aren't there, sent by whoever may and by whoever may not.

`make hostile` tries thousands, on both databases, other ones at each run; the same few stand here each time.
"""

import asyncio
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from sqlalchemy import update

from bot.app import furnish
from simulator.addressing import with_ids_for_names
from simulator.payloads import Payload
from storage.base import Base
from tests.handlers.escalations.stories import raised
from tests.handlers.goals.stories import by_hand
from tests.handlers.polls.stories import form
from tests.hostile.attacking import CANARY, Attack, Attacker, roles_for
from tests.hostile.breaking import Breaks, Pool, breaks, transplants
from tests.hostile.forging import FOREIGN_ID, FOREIGN_WORKSPACE, Forger
from tests.hostile.neighbours import Ledger
from tests.hostile.rights import COMMANDS, MEMBERS
from tests.hostile.test_commands import typed
from tests.hostile.test_permissions import doors, made_up
from tests.hostile.touring import MANAGERS_WORDS, Visitor
from tests.office import Office

EXAMPLES = int(os.environ.get("BACKSTOP_HOSTILE_EXAMPLES", "4"))
"""Of each listener."""
SEED = int(os.environ["BACKSTOP_HOSTILE_SEED"]) if "BACKSTOP_HOSTILE_SEED" in os.environ else None
DATABASES = ["sqlite"] if SEED is None else ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
REST_AFTER = 150
"""Attacks: what they wanted is sent then."""
ROWS = (*range(1, 40), *(1, 2, 3, 4) * 10)
"""Ids that a forger would guess; each table's first rows are both teams' own."""


@pytest.mark.timeout(240 if SEED is None else 7200)
@pytest.mark.parametrize("database_url", DATABASES, indirect=True)
async def test_no_broken_payload_is_a_bug_reaches_others_or_touches_what_is_theirs(office: Office) -> None:
    forger = Forger(office, dict.fromkeys(doors(), MEMBERS), most=0)
    visitor = Visitor(office, office.aoife, colleague="Ben")
    for command in MANAGERS_WORDS:
        await visitor.types(command)
    await visitor.looks("#care-escalations")
    await lives_next_door(office)
    ledger = Ledger(office.bot.store)
    attacker = Attacker(office, forger, ledger)
    await attacker.learns_whose_is_what()
    met = {door: payload for door, (_, payload) in forger.payloads.items()}
    heard = {**{door: made_up(office, door)[1] for door in doors()}, **met, **dict(others(office))}
    half = max(1, EXAMPLES // 2)
    await attack(attacker, office, heard, examples=EXAMPLES - half)
    await moves_next_door_to_another_workspace(office, attacker.next_door)
    await attack(attacker, office, heard, examples=half, elsewhere=True)
    forger.close()
    ledger.close()
    assert attacker.sent >= len(heard) * EXAMPLES * 0.8
    if attacker.failures:
        pytest.fail("\n".join(f"{what}\n    {first}" for what, first in sorted(attacker.failures.items())))


async def attack(
    attacker: Attacker, office: Office, heard: dict[str, Payload], *, examples: int, elsewhere: bool = False
) -> None:
    loop = asyncio.get_running_loop()
    people = [*office.sim.workspace.people, FOREIGN_ID, "U0NOBODY"]
    kept_out = {office.sim.workspace.person(name).id for name in ("Niamh", "Tomas", "Dana")}
    channels = [*office.sim.workspace.channels, "C0NOWHERE"]
    pool = Pool(ROWS, [*sorted(set(people) - kept_out), *channels, FOREIGN_WORKSPACE])
    done = 0
    for door, payload in sorted(heard.items()):

        def send(one: Attack) -> None:
            asyncio.run_coroutine_threadsafe(attacker.sends(one), loop).result()

        await asyncio.to_thread(
            tried(send, attacks(door, payload, pool, roles_for(door, elsewhere=elsewhere)), examples)
        )
        done += examples
        if done >= REST_AFTER:
            await attacker.rests()
            done = 0
    await attacker.rests()


def attacks(door: str, payload: Payload, pool: Pool, roles: Sequence[str]) -> st.SearchStrategy[Attack]:
    broken = st.one_of(breaks(payload, pool), breaks(payload, pool), transplants(payload, pool))
    once = st.builds(Attack, st.just(door), st.just(payload), st.sampled_from(roles), broken)
    if payload.get("type") != "view_submission":
        return once
    return once | st.builds(
        Attack, st.just(door), st.just(payload), st.just("rightful"), broken | st.just(Breaks()), again=st.just(True)
    )


def tried(send: Callable[[Attack], None], strategy: st.SearchStrategy[Attack], examples: int) -> Callable[[], None]:
    """Hypothesis's choice of examples. It isn't asked to shrink them: each says where it is broken, and how."""
    given_one = given(strategy)(send)
    chosen = seed(SEED)(given_one) if SEED is not None else given_one
    return settings(
        max_examples=examples,
        derandomize=SEED is None,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )(chosen)


def others(office: Office) -> Iterator[tuple[str, Payload]]:
    """What the tour doesn't press: everything that can be typed, searched for, or happen."""
    workspace, house = office.sim.workspace, furnish()
    payloads = office.sim.interactions._payloads
    aoife, channel = workspace.person("Aoife"), workspace.channel("care")
    no_words = {rule.typed: rule.words for rule in COMMANDS if rule.said}
    for words in sorted(typed()):
        text = with_ids_for_names(workspace, no_words.get(words, f"{words} E-1"), labelled=True)
        command = payloads.command(aoife, channel, "/backstop", text, trigger_id="1.2.a", response_url="u")
        yield f"/backstop {words}", command
    cards = workspace.channel("care-escalations")
    said = next(iter(cards.messages.values()))
    for callback_id in sorted(set(house.shortcuts) - {"escalations.raise"}):
        chosen = payloads.message_action(aoife, callback_id, cards, said, trigger_id="1.2.a", response_url="u")
        yield callback_id, chosen
    for action_id in house.options:
        yield f"options of {action_id}", payloads.suggestion(aoife, "b", action_id, "eur", view={"type": "modal"})
    for kind in house.events:
        yield f"event {kind}", payloads.event({"type": kind, "event_ts": "1.2", **happens(office, kind)})


def happens(office: Office, kind: str) -> dict[str, Any]:
    workspace = office.sim.workspace
    care, ben = workspace.channel("care"), workspace.person("Ben")
    match kind:
        case "message" | "app_mention":
            thread = next(iter(workspace.channel("care-escalations").messages))
            said = {"user": ben.id, "text": "<@U0BOT> escalate 4711 customer is furious", "ts": "3.4"}
            return {**said, "channel": care.id, "channel_type": "im", "thread_ts": thread}
        case "team_join" | "user_change":
            return {"user": ben.as_slack(office.now)}
        case "channel_rename" | "group_rename":
            return {"channel": {"id": care.id, "name": "care", "created": 1}}
        case "dnd_updated_user":
            resting = {"dnd_enabled": True, "next_dnd_start_ts": 1, "next_dnd_end_ts": 2}
            return {"user": ben.id, "dnd_status": resting}
        case "app_home_opened":
            return {"user": ben.id, "channel": "D1", "tab": "home"}
        case _:
            return {"user": ben.id, "channel": care.id, "channel_type": "C", "team": workspace.team_id}


async def lives_next_door(office: Office) -> None:
    """What the team Platform keeps to itself: an escalation that is restricted, a poll, a goal."""
    tomas = office.tomas
    more = {"restricted": ["restricted"], "viewers": ["Dana"]}
    await raised(office, tomas, CANARY, more=more, channel="#platform")
    poll = await form(office, tomas, "quiz", channel="#platform")
    poll.fill("closes", office.now + timedelta(days=2)).fill("question", CANARY).fill("options", "*Two days\nA week")
    await poll.submit()
    await office.settles()
    await (await tomas.modal(titled="Preview")).submit()
    await office.settles()
    await by_hand(office, tomas, CANARY, channel="#platform")


async def moves_next_door_to_another_workspace(office: Office, theirs: Mapping[str, set[tuple[Any, ...]]]) -> None:
    """Then what is next door is of another installation, in the same database."""
    async with office.bot.store.write() as session:
        for name, keys in theirs.items():
            table = Base.metadata.tables[name]
            if "workspace_id" in table.columns and "id" in table.columns:
                moved = update(table).where(table.columns.id.in_([key[0] for key in keys]))
                await session.execute(moved.values(workspace_id=FOREIGN_WORKSPACE))
