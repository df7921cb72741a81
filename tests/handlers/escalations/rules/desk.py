"""One escalation of the team Care, in memory, and the people who may or may not move it."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

from handlers.escalations.cases import snapshot
from handlers.escalations.rules import moves, policy
from handlers.escalations.rules.case import Case, Change
from handlers.teams.rules.hours import calendar_of, calendar_of_person
from storage.clocks import Clock, Kind
from storage.escalation_events import Event
from storage.escalations import Escalation, Need, Outcome, RootCause, Severity, State
from storage.memberships import Membership
from storage.people import Person
from storage.team_facts import TeamFacts
from storage.teams import Team, TeamState

TEN = datetime(2026, 6, 2, 9, 0, tzinfo=UTC)
"""Tuesday 2 June 2026, 10:00 in Dublin."""
NAMES = ("reporter", "owner", "member", "manager", "head", "admin", "outsider", "viewer", "colleague")
DUBLIN = "Europe/Dublin"


def person(number: int, name: str) -> Person:
    return Person(
        id=number,
        workspace_id="T1",
        slack_id=f"U{number}",
        name=name.capitalize(),
        zone=DUBLIN,
        is_admin=name == "admin",
        is_guest=False,
        is_bot=False,
        is_stranger=False,
        deactivated=False,
        seen_at=TEN,
    )


class Desk:
    """`case` waits when it is made. Its reporter is in another team; owner, member and colleague are agents of Care."""

    def __init__(
        self,
        severity: Severity = Severity.S2,
        *,
        nights: bool = True,
        restricted: bool = False,
        terms: dict[str, Any] | None = None,
        promise: datetime | None = None,
        now: datetime = TEN,
    ) -> None:
        self.now = now
        self.people = {name: person(number, name) for number, name in enumerate(NAMES, start=1)}
        team = Team(
            id=1,
            workspace_id="T1",
            name="Care",
            zone=DUBLIN,
            days=[0, 1, 2, 3, 4],
            start=time(9),
            end=time(17),
            country=None,
            fixed_hours=False,
            duty_covers_nights=nights,
            policy=terms or {},
            state=TeamState.ACTIVE,
        )
        agents = [(self.people[name], Membership(is_manager=False, is_agent=True)) for name in ("owner", "member")]
        agents.append((self.people["colleague"], Membership(is_manager=False, is_agent=True)))
        manager = (self.people["manager"], Membership(is_manager=True, is_agent=False))
        self.facts = TeamFacts(team, (*agents, manager), (), (), (self.people["head"],))
        self.escalation = Escalation(
            id=1,
            workspace_id="T1",
            number=42,
            team_id=1,
            channel="C1",
            reporter_id=self.people["reporter"].id,
            state=State.WAITING,
            severity=severity,
            need=Need.DECISION,
            what="Login loops",
            restricted=restricted,
            policy=policy.frozen(policy.terms_of(team)),
            calendar=calendar_of(self.facts).to_json(),
            raised_at=now,
            changed_at=now,
            last_word_at=now,
            reopened=0,
            customer_nth=1,
            clocks=[],
        )
        self.history: list[Event] = []
        self.keeps(moves.raise_(self.escalation, self.people["reporter"], now, promise=promise))

    @property
    def case(self) -> Case:
        escalation, reporter = self.escalation, self.people["reporter"]
        named = frozenset({self.people["viewer"].id}) if escalation.restricted else frozenset()
        known = {one.id: one for one in self.people.values()}
        return Case(escalation, self.facts, known, named, None, calendar_of_person(reporter, self.facts.team))

    def clock(self, kind: Kind) -> Clock:
        clock = self.escalation.clock(kind)
        assert clock is not None, f"{kind} never started"
        return clock

    def passes(self, **span: float) -> None:
        self.now += timedelta(**span)

    def keeps(self, change: Change) -> None:
        """Writes the history's line, as `cases.keep` does."""
        self.history.append(
            Event(
                id=len(self.history) + 1,
                escalation_id=1,
                at=change.at,
                kind=change.kind,
                actor_id=change.actor_id,
                details=change.details,
                clocks=[snapshot(clock) for clock in change.clocks],
            )
        )

    def does(self, name: str, who: str, **said: Any) -> Change:
        """Somebody makes a move now, with ordinary words where none are given."""
        change = MOVES[name](self, self.people[who], **said)
        self.keeps(change)
        return change


Move = Callable[..., Change]
MOVES: dict[str, Move] = {
    "claim": lambda desk, me: moves.claim(desk.case, me, desk.now),
    "reassign": lambda desk, me, to="colleague": moves.reassign(desk.case, me, desk.now, to=desk.people[to]),
    "update": lambda desk, me, promise=None, told=False: moves.update(
        desk.case, me, desk.now, news="We are looking", promise=promise, told=told
    ),
    "return": lambda desk, me: moves.return_(desk.case, me, desk.now, reason="Which version?"),
    "answer": lambda desk, me: moves.answer(desk.case, me, desk.now, answered="4.2"),
    "hold": lambda desk, me, until=None: moves.hold(
        desk.case, me, desk.now, reason="Vendor", until=until or desk.now + timedelta(days=1)
    ),
    "resume": lambda desk, me: moves.resume(desk.case, me, desk.now),
    "severity": lambda desk, me, to=Severity.S1: moves.change_severity(desk.case, me, desk.now, to=to, reason="Worse"),
    "resolve": lambda desk, me: moves.resolve(
        desk.case,
        me,
        desk.now,
        outcome=Outcome.SOLVED,
        root_cause=RootCause.PRODUCT_DEFECT,
        done="Mended",
        customer_told=True,
    ),
    "confirm": lambda desk, me: moves.confirm(desk.case, me, desk.now),
    "reopen": lambda desk, me: moves.reopen(desk.case, me, desk.now, reason="It is back"),
    "join": lambda desk, me: moves.join(desk.case, me, desk.now, ticket="48213", note=None),
    "restrict": lambda desk, me: moves.restrict(
        desk.case, me, desk.now, restricted=True, named=[desk.people["viewer"]]
    ),
    "see_breach": lambda desk, me: moves.see_breach(desk.case, me, desk.now, kind=Kind.ACKNOWLEDGE),
}
