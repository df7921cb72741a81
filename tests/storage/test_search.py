"""One contract for both databases: what is found, what never is, and what people may type."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from handlers.blocks import clean
from handlers.escalations.rules.references import customer_key, ticket_key
from storage import search
from storage.escalations import Escalation, EscalationTicket, Need, Severity, State
from storage.people import Person
from storage.store import Store
from storage.teams import Team, TeamState

NOW = datetime(2026, 6, 2, 9, tzinfo=UTC)
MONTH_AGO = NOW - timedelta(days=30)
LOGIN = "Login loops after the update on Firefox"


@pytest.fixture
async def desk(store: Store) -> "Desk":
    async with store.write() as session:
        mei = Person(workspace_id="T1", slack_id="U1", name="Mei", zone="UTC", seen_at=NOW)
        team = Team(
            workspace_id="T1",
            form_key="team",
            name="Care",
            channel="C1",
            escalation_channel="C1",
            zone="UTC",
            days=[0, 1, 2, 3, 4],
            start=NOW.time(),
            end=NOW.time(),
            policy={},
            state=TeamState.ACTIVE,
            requested_at=NOW,
        )
        session.add_all([mei, team])
        await session.flush()
        return Desk(store, mei.id, team.id)


class Desk:
    """Escalations written straight into the tables and the index."""

    def __init__(self, store: Store, person_id: int, team_id: int) -> None:
        self.store = store
        self.person_id = person_id
        self.team_id = team_id
        self.count = 0

    async def has(self, what: str, **more: Any) -> int:
        self.count += 1
        ticket, customer = more.get("ticket"), more.get("customer")
        escalation = Escalation(
            workspace_id=more.pop("workspace_id", "T1"),
            number=self.count,
            form_key=f"form-{self.count}",
            team_id=self.team_id,
            channel="C1",
            reporter_id=self.person_id,
            state=State.RESOLVED if more.get("resolved_at") else State.WAITING,
            severity=Severity.S2,
            need=Need.DECISION,
            what=what,
            policy={},
            calendar={},
            raised_at=more.pop("raised_at", NOW),
            changed_at=NOW,
            last_word_at=NOW,
            ticket_key=ticket_key(ticket) if ticket else None,
            customer_key=customer_key(customer) if customer else None,
            **more,
        )
        async with self.store.write() as session:
            session.add(escalation)
            await session.flush()
            await search.index(session, escalation)
        return self.count

    async def resembles(self, words: str, *, ticket: str | None = None, customer: str | None = None) -> list[int]:
        """Numbers of what is offered as the same problem, best first."""
        async with self.store.read() as session:
            found = await search.similar(
                session,
                workspace_id="T1",
                ticket_key=ticket_key(ticket) if ticket else None,
                customer_key=customer_key(customer) if customer else None,
                words=words,
                since=MONTH_AGO,
                viewer_id=self.person_id,
            )
        return [one.number for one in found]

    async def finds(self, words: str) -> list[int]:
        async with self.store.read() as session:
            return await search.matching(session, words, most=50)


@pytest.mark.parametrize("written", ["48213", "#48213", " 048213 ", "https://desk.example/agent/tickets/48213?x=1"])
async def test_the_same_ticket_is_the_same_problem_however_it_is_written(desk: Desk, written: str) -> None:
    known = await desk.has("Invoices are blank", ticket="https://desk.example/tickets/48213")
    await desk.has("Invoices are late", ticket="48214")
    assert await desk.resembles("Something else entirely", ticket=written) == [known]


async def test_a_ticket_that_was_joined_leads_to_the_case_it_was_joined_to(desk: Desk, store: Store) -> None:
    known = await desk.has("Invoices are blank", ticket="48213")
    async with store.write() as session:
        session.add(
            EscalationTicket(
                escalation_id=known,
                ticket="#50001",
                ticket_key=ticket_key("#50001"),
                joined_by_id=desk.person_id,
                joined_at=NOW,
            )
        )
    assert await desk.resembles("Something else entirely", ticket="50001") == [known]


async def test_the_same_words_are_the_same_problem_the_closest_first(desk: Desk) -> None:
    near = await desk.has("Login loops for ever")
    nearest = await desk.has("Since the update the login loops in Firefox")
    await desk.has("Refund was paid twice")
    assert await desk.resembles(LOGIN) == [nearest, near]


async def test_the_same_customer_with_one_word_in_common_is_the_same_problem(desk: Desk) -> None:
    known = await desk.has("They see blank invoices in the monthly mail to their accountants", customer="Acme  Inc")
    await desk.has("Quite another matter with delivery", customer="acme inc")
    words = "Nothing arrives but invoices from last year and a strange reminder about payment"
    assert await desk.resembles(words, customer="ACME Inc") == [known]
    assert await desk.resembles(words, customer="Globex") == []


async def test_common_words_make_nothing_similar(desk: Desk) -> None:
    await desk.has("The customer can not get help with this and needs what they have had before")
    assert await desk.resembles("The customers need help; they have not had any since then, please") == []
    assert await desk.finds("the and with") == []


async def test_a_restricted_one_is_never_found(desk: Desk, store: Store) -> None:
    await desk.has(LOGIN, ticket="48213", customer="Acme", restricted=True)
    assert await desk.resembles(LOGIN, ticket="48213", customer="Acme") == []
    assert await desk.finds("login firefox") == []


async def test_restricting_takes_a_case_out_and_lifting_brings_it_back(desk: Desk, store: Store) -> None:
    known = await desk.has(LOGIN)
    for restricted, found in ((True, []), (False, [known])):
        async with store.write() as session:
            escalation = await session.get(Escalation, known)
            assert escalation is not None
            escalation.restricted = restricted
            await search.index(session, escalation)
        assert await desk.finds("firefox") == found


async def test_old_resolved_ones_are_not_offered_and_old_open_ones_are(desk: Desk) -> None:
    long_ago = NOW - timedelta(days=60)
    await desk.has(LOGIN, raised_at=long_ago, resolved_at=long_ago)
    still_open = await desk.has(LOGIN, raised_at=long_ago)
    assert await desk.resembles(LOGIN) == [still_open]


async def test_another_workspace_has_its_own(desk: Desk) -> None:
    await desk.has(LOGIN, workspace_id="T2", ticket="48213")
    assert await desk.resembles(LOGIN, ticket="48213") == []


async def test_a_list_finds_what_has_every_word_newest_first(desk: Desk) -> None:
    first = await desk.has(LOGIN, done="Cleared the cookies")
    second = await desk.has("Firefox shows no login page")
    await desk.has("Firefox is slow")
    assert await desk.finds("firefox LOGIN") == [second, first]
    assert await desk.finds("cookies") == [first]


@pytest.mark.parametrize("few", [2, 4, 5])
async def test_of_more_than_a_few_that_have_the_words_the_newest_are_found(
    desk: Desk, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL looks for a few first, in any order, and walks from the newest if there are more."""
    monkeypatch.setattr(search, "FEW", few)
    found = [await desk.has(f"{LOGIN} {n}") for n in range(4)]
    async with desk.store.read() as session:
        assert await search.matching(session, "firefox", most=2) == [found[3], found[2]]


async def test_capitals_and_accents_dont_matter(desk: Desk) -> None:
    known = await desk.has("Müller’s CAFÉ in Kraków: naïve façade")
    for written in ("muller cafe", "KRAKÓW", "Cafe\u0301", "naive facade"):
        assert await desk.finds(written) == [known], written


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("登录后页面循环", "登录 循环"),
        ("ログインできません", "ログイン"),
        ("Не удаётся войти в систему", "войти систему"),
        ("تسجيل الدخول لا يعمل", "الدخول تسجيل"),
        ("ไม่สามารถเข้าสู่ระบบ", "ระบบ"),
        ("error_code_77121 in api.example.com/v2", "77121 example"),
    ],
)
async def test_every_script_is_searched(desk: Desk, written: str, asked: str) -> None:
    known = await desk.has(written)
    await desk.has(LOGIN)
    assert await desk.finds(asked) == [known]


@pytest.mark.parametrize(
    "hostile",
    [
        "'",
        '"login"',
        "login' OR '1'='1",
        'login" OR "1"="1',
        "login & | ! <-> :* (",
        "login AND NOT loops NEAR(update, 3)",
        "document:login ^ {login}",
        "\\",
        "login\\' | 'loops",
        "%_%",
        "; DROP TABLE escalation_texts; --",
        "😀🔥",
        "\u202elogin\u0000\ufffe",
        "login " * 7000,
        "x" * 40_000,
        " ".join(f"w{number:05}" for number in range(6000)),
        "ﬁ ½ Ⅷ ß İ ﷺ",
    ],
)
async def test_no_words_break_the_index_or_the_question(desk: Desk, hostile: str, store: Store) -> None:
    known = await desk.has(LOGIN)
    await desk.has(clean(hostile))
    await desk.resembles(hostile, customer=clean(hostile)[:200])
    await desk.finds(hostile)
    assert known in await desk.finds("firefox login")
    async with store.read() as session:
        assert (await session.execute(text("SELECT count(*) FROM escalation_texts"))).scalar_one() == 2


async def test_the_customers_name_in_both_texts_makes_no_same_problem(desk: Desk) -> None:
    await desk.has("Acme cannot add more than fifty seats", customer="Acme")
    assert await desk.resembles("Acme asks for a written security review", customer="Acme") == []
    known = await desk.has("Acme cannot print invoices", customer="Acme")
    assert await desk.resembles("The invoices of Acme come out blank", customer="Acme") == [known]
