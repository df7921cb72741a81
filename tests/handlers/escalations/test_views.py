"""Every view of escalations is one that Slack takes, whatever people typed, in every state and for every reader."""

from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.app import furnish
from handlers.blocks import bold, clean, quoted, readable, said
from handlers.escalations.rules import policy
from handlers.escalations.rules.case import Case
from handlers.escalations.rules.offers import OFFERS
from handlers.escalations.rules.receipt import receipts
from handlers.escalations.views import answers, card, forms, raise_form, waiting, window
from handlers.escalations.views import policy as policy_views
from handlers.escalations.views.words import clock_line, deadlines_line
from handlers.home.views import home as home_views
from handlers.house import OnHome
from handlers.working_time import ALWAYS
from simulator.block_kit import check_message, check_view
from storage.clocks import Clock, ClockState, Kind
from storage.escalations import Escalation, EscalationTicket, Need, Outcome, RootCause, Severity, State
from storage.follow_ups import FollowUp
from storage.handovers import Handover
from storage.people import Person
from storage.team_facts import TeamFacts
from storage.teams import Team, TeamState
from tests.handlers.escalations.rules.desk import Desk

NOW = datetime(2026, 6, 2, 9, tzinfo=UTC)
KEPT = {"key": "0123456789abcdef"}
typed = st.one_of(
    st.text(max_size=300),
    st.sampled_from(
        ["&" * 3000, "<!channel>" * 300, "a\n" * 1500, "🔥" * 3000, '"\\' * 1500, "\n", "x", "|" * 500, "<@U1>"]
    ),
)


def person(number: int, name: str) -> Person:
    return Person(
        id=number, workspace_id="T1", slack_id=f"U{number}", name=name[:255] or "?", zone="Europe/Dublin", seen_at=NOW
    )


def team(name: str) -> Team:
    return Team(
        id=1,
        workspace_id="T1",
        form_key="k",
        name=name[:80] or "Care",
        channel="C1",
        escalation_channel="C2",
        policy={},
        duty_covers_nights=True,
        state=TeamState.ACTIVE,
        zone="UTC",
    )


def escalation(state: State, text: str, clock_state: ClockState, *, restricted: bool, owner: int | None) -> Escalation:
    made = Escalation(
        id=2**31 - 1,
        workspace_id="T1",
        number=999_999_999,
        team_id=1,
        channel="C2",
        reporter_id=1,
        owner_id=owner,
        state=state,
        severity=Severity.S1,
        need=Need.TECHNICAL_HELP,
        what=text[:3000],
        ticket=("https://x.example/" + text)[:500],
        customer=text[:200],
        customer_is_vip=True,
        customer_nth=3,
        began=text[:200],
        tried=text[:2000],
        impact=text[:2000],
        quote=text[:1200],
        quote_link="https://care.slack.com/archives/C1/p1",
        restricted=restricted,
        policy=policy.frozen(policy.DEFAULTS),
        calendar=ALWAYS.to_json(),
        raised_at=NOW,
        changed_at=NOW,
        returned_reason=text[:3000],
        hold_reason=text[:1000],
        hold_until=NOW + timedelta(days=1),
        outcome=Outcome.REFUND,
        root_cause=RootCause.NOT_KNOWN,
        done=text[:3000],
        customer_told=False,
        resolved_at=NOW,
        clocks=[],
    )
    made.clocks = [
        Clock(
            escalation_id=made.id,
            kind=kind,
            state=clock_state,
            started_at=NOW,
            warn_at=NOW,
            deadline=NOW + timedelta(hours=1),
            met_at=NOW if clock_state == ClockState.MET else None,
        )
        for kind in Kind
    ]
    return made


def case_of(one: Escalation, text: str) -> Case:
    known = {1: person(1, text), 2: person(2, text)}
    return Case(one, TeamFacts(team(text), (), (), (), ()), known, frozenset(), None, ALWAYS)


@settings(deadline=None, max_examples=60)
@given(typed, st.sampled_from(State), st.sampled_from(ClockState), st.booleans(), st.sampled_from([None, 2]))
def test_the_card_and_its_window_are_taken_by_slack(
    text: str, state: State, clock_state: ClockState, restricted: bool, owner: int | None
) -> None:
    one = escalation(state, text, clock_state, restricted=restricted, owner=owner)
    case = case_of(one, text)
    ticket = EscalationTicket(ticket=("https://y.example/" + text)[:500], customer=text[:200])
    follow_up = FollowUp(id=1, what=text[:1000], owner_id=2, due_on=date(2026, 6, 5), reason="prevent_repeat")
    for whole in (False, True):
        body = card.body(case, NOW, follow_ups=(follow_up,) * 4, joined=(ticket,) * 9, duty=said(text, 60), whole=whole)
        if not whole:
            check_message(card.summary(one), answers.in_full([*body, card.buttons(one)], "https://x"))
    assert len(card.summary(one)) <= 4000
    check_view(window.window(one, body, OFFERS.keys(), link="https://x"), surface="modal")
    check_view(window.window(one, body, (), link=None), surface="modal")


@settings(deadline=None, max_examples=40)
@given(typed)
def test_every_form_is_taken_by_slack(text: str) -> None:
    one = escalation(State.RETURNED, text, ClockState.RUNNING, restricted=True, owner=2)
    kept: dict[str, Any] = dict(KEPT)
    teams = [team(text), team("Other")]
    given_before: dict[str, Any] = dict.fromkeys(("ticket", "what", "customer", "began", "tried", "impact"), text[:200])
    given_before |= {"severity": "S2", "need": "decision", "vip": ["vip"], "promise": NOW, "viewers": ["U1"]}
    quote = {"quote": " ".join(text.split())[:1200], "quote_link": "https://x", "quote_private": True}
    for more, must_choose, chosen in product((False, True), (False, True), (teams[0], None)):
        view = raise_form.raise_form(
            metadata=KEPT | quote,
            team=chosen,
            teams=teams,
            terms=policy.DEFAULTS,
            typed=given_before,
            more=more,
            must_choose=must_choose,
            cut=True,
        )
        check_view(view, surface="modal")
    simple = (forms.update_form, forms.return_form, forms.answer_form, forms.hold_form, forms.reassign_form)
    for form in (*simple, forms.join_form, forms.reopen_form):
        check_view(form(one, kept), surface="modal")
    check_view(forms.severity_form(one, kept, policy.DEFAULTS), surface="modal")
    check_view(forms.restrict_form(one, kept, ["U1"], reporter=text), surface="modal")
    for more in (False, True):
        answered = {"done": text[:3000], "prevent": text[:1000], "outcome": "solved"}
        check_view(
            forms.resolve_form(one, kept, typed=answered, more=more, owner="U1", tomorrow=date(2026, 6, 3)),
            surface="modal",
        )
    check_view(forms.close_follow_up_form(clean(text)[:1000] or "x", kept), surface="modal")
    check_view(raise_form.offer_form(kept, [one] * 7), surface="modal")
    for severity in Severity:
        own = policy.DEFAULTS[severity]
        check_view(policy_views.form(teams[0], severity, own, own, kept), surface="modal")
    shown = policy_views.shown(teams[0], policy.DEFAULTS, policy.DEFAULTS, may_change=True, managers=text)
    check_message("x", shown)


@settings(deadline=None, max_examples=40)
@given(typed, st.integers(min_value=0, max_value=30))
def test_home_is_taken_by_slack_however_much_waits(text: str, many: int) -> None:
    one = escalation(State.IN_PROGRESS, text, ClockState.BREACHED, restricted=False, owner=2)
    handover = Handover(id=1, from_id=1, to_id=2, note=text)
    follow_up = FollowUp(id=1, what=text, owner_id=2, due_on=date(2026, 6, 5))
    rows = [
        *waiting.offered(handover, one, {1: person(1, text)}, NOW),
        waiting.returned(one),
        waiting.unowned(one, NOW),
        waiting.news_due(one, "soon"),
        waiting.own(one, NOW),
        waiting.resolved(one),
        waiting.follow_up(follow_up, one, NOW),
    ]
    part = OnHome(rows * many, rows * many, first=[waiting.raising("")])
    check_view(home_views.home(said(text, 80), [part, OnHome(rows, rows)]), surface="home")


@given(typed, st.integers(min_value=2, max_value=3000))
def test_what_is_said_fits_and_says_nothing_to_slack(text: str, most: int) -> None:
    for shown in (said(text, most), quoted(text, most)):
        assert len(shown) <= most
    assert "<" not in said(text, most)


def test_the_receipt_of_a_long_case_cuts_no_line_and_says_what_it_leaves_out() -> None:
    desk = Desk(Severity.S3)
    desk.does("claim", "owner")
    for number in range(30):
        desk.passes(minutes=5)
        desk.does("update", "owner", promise=desk.now + timedelta(days=30, minutes=number))
        desk.does("hold", "owner")
        desk.passes(minutes=5)
        desk.does("resume", "owner")
    names = {one.id: person(one.id, "A long name, " * 5) for one in desk.people.values()}
    blocks = answers.why(desk.case, receipts(desk.escalation, desk.history), names)
    text = "\n".join(block["text"]["text"] for block in blocks)
    check_message("x", blocks)
    assert len(text) < 13_000, "Slack refuses longer ones"
    assert text.count("<!date^") == text.count(" UTC>"), "a date that is cut is shown as it is written"
    assert "49 lines left out" in text
    assert text.count("posted an update: due") == 11
    assert "raised it: due" in text
    assert "more until the deadline" in text


def test_asterisks_in_what_was_typed_dont_end_the_bold_that_it_stands_in() -> None:
    assert bold("2*3 <b>") == "*2\u22173 &lt;b&gt;*"
    made = escalation(State.WAITING, "*Urgent* login", ClockState.RUNNING, restricted=False, owner=None)
    assert card.body(case_of(made, "Mei"), NOW)[0]["text"]["text"].endswith("*E-999999999 · \u2217Urgent\u2217 login*")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<@U1> and <@U2|Ben>", "@Mei and @Ben"),
        ("<!channel> <!here|@here>", "@channel @here"),
        ("<#C1|care> <#C2>", "#care #channel"),
        ("<https://a.example/x|the page> <https://a.example>", "the page (https://a.example/x) https://a.example"),
        ("a &lt;b&gt; &amp;amp;", "a <b> &amp;"),
        ("3 < 4 > 2", "3 < 4 > 2"),
        ("Smith <GmbH> & <Co|KG>", "Smith <GmbH> & <Co|KG>"),
        ("<mailto:a@b.example|a@b.example> <tel:+3531|+3531>", "a@b.example +3531"),
    ],
)
def test_slacks_writing_is_read_as_people_read_it(written: str, read: str) -> None:
    assert readable(written, {"U1": "Mei"}) == read


def test_a_severitys_deadlines_fit_beside_its_option() -> None:
    for own in policy.DEFAULTS.values():
        assert len(deadlines_line(own)) <= 75
    longest = policy.Terms(acknowledge_min=4801, resolve_min=48_001, update_min=4801, repeat_min=4801, always=False)
    assert len(deadlines_line(longest)) <= 75


def test_every_button_is_heard_and_every_listener_has_its_button() -> None:
    one = escalation(State.WAITING, "x", ClockState.RUNNING, restricted=False, owner=None)
    shown: set[str] = set()
    for state in State:
        one.state = state
        shown |= set(action_ids(card.buttons(one)))
    shown |= set(action_ids(window.window(one, [], OFFERS.keys(), link=None)))
    follow_up = FollowUp(id=1, what="x", owner_id=2, due_on=date(2026, 6, 5))
    known = {1: person(1, "Mei"), 2: person(2, "Ramon")}
    shown |= set(action_ids(waiting.offered(Handover(id=1, from_id=1, note=None), one, known, NOW)))
    shown |= set(action_ids([waiting.follow_up(follow_up, one, NOW), waiting.own(one, NOW)])) | {waiting.RAISE}
    teams = [team("Care"), team("Other")]
    shown |= set(action_ids(raise_form.raise_form(metadata=KEPT, team=teams[0], teams=teams, terms=policy.DEFAULTS)))
    shown |= set(action_ids(forms.resolve_form(one, KEPT)))
    shown |= set(
        action_ids(policy_views.shown(teams[0], policy.DEFAULTS, policy.DEFAULTS, may_change=True, managers=""))
    )
    shown |= set(action_ids(answers.listed("open", "", [one], known, NOW, older=5)))
    shown |= {"escalations.raise_ticket", "escalations.conversation"}  # test_tickets, tests/handlers/queue
    shown |= {card.SEEN}  # on pages of a breach: tests/handlers/escalations/test_steps
    heard = {name for name in furnish().actions if name.startswith("escalations.")}
    assert shown == heard


def action_ids(node: Any) -> list[str]:
    """Action ids of what is clicked: fields inside input blocks send nothing by themselves."""
    if isinstance(node, list | tuple):
        return [found for part in node for found in action_ids(part)]
    if isinstance(node, dict):
        if node.get("type") == "input" and not node.get("dispatch_action"):
            return []
        own = [node["action_id"]] if "action_id" in node else []
        return own + [found for part in node.values() for found in action_ids(part)]
    return []


def test_what_was_missed_alarms_nobody_once_the_case_is_resolved() -> None:
    at = datetime(2026, 6, 2, 9, tzinfo=UTC)
    missed = Clock(kind=Kind.PROMISE, state=ClockState.BREACHED, deadline=at, started_at=at, breached_at=at)
    assert ":rotating_light:" in str(clock_line(missed, at))
    assert str(clock_line(missed, at, over=True)).startswith(":warning: Customer update missed")
