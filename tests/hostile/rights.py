"""Who may send what, beside whoever it was made for: one entry for everything that can be clicked or submitted.

The payloads of the tour are made for the manager of Care (or an agent of it), so an entry names the others to whom the
same payload may do something. A new action without an entry fails the suite: say here whose it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.hostile.forging import ADMIN, COLLEAGUE, ELSEWHERE, HEAD, MANAGER

NOBODY_ELSE: frozenset[str] = frozenset()
"""It is about its sender alone, and names a row of theirs."""
KEEPERS = frozenset({MANAGER, ADMIN})
"""Sets up: the team's managers, and admins, who thereby read nothing."""
LEADERS = frozenset({MANAGER, HEAD})
TEAM = frozenset({COLLEAGUE, MANAGER, HEAD})
"""Of an escalation also what its owner or reporter may: while nobody owns it, the team stands in for them."""
ADMINS = frozenset({ADMIN})
MEMBERS = frozenset({COLLEAGUE, MANAGER, HEAD, ADMIN, ELSEWHERE})
"""Everybody of this workspace: it only shows what they may see anyway, or concerns whoever clicks."""

_BY_RIGHT: dict[frozenset[str], str] = {
    NOBODY_ELSE: """
        checkins.feeling_1 checkins.feeling_2 checkins.feeling_3 checkins.feeling_4 checkins.feeling_5
        checkins.load_1 checkins.load_2 checkins.load_3 checkins.load_4 checkins.load_5
        checkins.say_more
        escalations.accept_handover escalations.decline_handover
        goals.accept goals.talk
        polls.add_question polls.editor polls.preview polls.preview_form polls.question_form polls.question_menu
        training.done
    """,
    KEEPERS: """
        checkins.more_settings checkins.settings checkins.settings_form checkins.start
        desks.connect_form desks.disconnect desks.match desks.match_form desks.notes desks.open desks.test
        escalations.change_policy escalations.policy_form
        queue.digest_form queue.digest_settings queue.figures_form queue.figures_settings
        teams.drop_override teams.edit teams.form teams.more teams.rota teams.rota_form teams.stand_in
        teams.stand_in_form
    """,
    ADMINS: "teams.approve teams.decline teams.decline_form",
    LEADERS: """
        checkins.done checkins.done_form checkins.show_result checkins.who
        escalations.answer escalations.answer_form escalations.close_follow_up escalations.close_follow_up_form
        escalations.confirm
        escalations.reopen escalations.reopen_form
        goals.change goals.close goals.close_form goals.form goals.numbers_form goals.set goals.update
        polls.close polls.csv polls.more polls.names polls.new polls.new_form polls.quiz_for_session polls.stop
        polls.template queue.weekly_csv
        training.attendance training.attendance_form training.buddies training.buddies_form training.buddy_form
        training.cancel_session training.change_buddy training.day_form training.edit_day training.edit_item
        training.edit_session training.end_required training.item_done training.item_form training.new_item
        training.new_session training.onboarding training.require training.required_form training.required_more
        training.session_form training.session_more training.session_of_item training.start_form
        training.start_onboarding training.stop_onboarding training.who_is_missing
    """,
    TEAM: """
        checkins.share checkins.share_form
        escalations.hold escalations.hold_form escalations.reassign escalations.reassign_form
        escalations.restrict escalations.restrict_form
        escalations.resume escalations.severity escalations.severity_form escalations.update escalations.update_form
        escalations.claim escalations.more_resolution escalations.resolve escalations.resolve_form escalations.return
        escalations.return_form escalations.seen
        polls.answer polls.answer_form polls.results polls.tap
        queue.show queue.show_spike queue.snooze queue.take queue.tell_product queue.tell_product_form
        teams.leave teams.members
        training.going training.not_going training.open_session
    """,
    MEMBERS: """
        checkins.answer checkins.answer_form checkins.show_trend checkins.unwatch checkins.watch
        escalations.conversation escalations.csv
        escalations.escalate_message escalations.history escalations.join escalations.join_form
        escalations.more escalations.more_fields escalations.next_page escalations.offer_form escalations.open
        queue.look escalations.raise_ticket
        escalations.raise escalations.raise_button escalations.raise_form escalations.team
        escalations.this_escalation escalations.why
        goals.list goals.metric goals.more goals.next goals.open goals.period goals.starts
        goals.who
        goals.person
        teams.away teams.away_form teams.back teams.create teams.erase_my_data teams.export_my_data teams.hours
        teams.hours_form teams.show_my_data teams.show_upcoming
        training.link training.required_list
    """,
}
MENUS: Mapping[str, frozenset[str]] = {"teams.zone": MEMBERS, "teams.country": MEMBERS, "teams.department": MEMBERS}
"""Menus that ask for their options while somebody types: who is offered any. They change nothing, whoever asks."""
RIGHTS: dict[str, frozenset[str]] = {door: right for right, doors in _BY_RIGHT.items() for door in doors.split()}


@dataclass(frozen=True)
class Typed:
    """A command, or a command and its verb, as it is typed after /backstop."""

    typed: str
    changes: frozenset[str] = NOBODY_ELSE
    """Those for whom it changes a row, most often their own; for everybody else it leaves all as it is."""
    arguments: str = ""
    said: str = ""
    """What is typed in place of `typed`, where that is no word."""

    @property
    def words(self) -> str:
        return f"{self.said or self.typed} {self.arguments}".strip()


COMMANDS = (
    # looks, or opens a form: what is submitted then is in RIGHTS
    *map(
        Typed,
        (
            "help",
            "privacy",
            "my-data",
            "my-data help",
            "upcoming",
            "upcoming help",
            "preview",
            "preview digest",
            "preview weekly",
            "duty",
            "duty help",
            "team",
            "team list",
            "team help",
            "team create",
            "team edit",
            "team members",
            "team leave",
            "team connect",
            "availability",
            "availability hours",
            "availability help",
            "escalate",
            "escalate help",
            "escalate list",
            "escalate mine",
            "escalate overdue",
            "escalate follow-ups",
            "escalate policy",
            "escalate stats",
            "escalate E-1",
            "escalate #4711",
            "checkin",
            "checkin help",
            "checkin trend",
            "checkin start-round",
            "poll",
            "poll help",
            "poll list",
            "poll privacy",
            "poll close",
            "poll P-1",
            "training",
            "training help",
            "training new",
            "training session",
            "training required",
            "training onboarding",
            "queue",
            "queue help",
            "queue me",
            "goal",
            "goal G-1",
            "goal help",
            "goal list",
            "goal set",
            "goal update",
        ),
    ),
    Typed("escalate why", arguments="E-1"),
    Typed("escalate handover", arguments="@Ben back on Monday"),
    Typed("goal show", arguments="G-1"),
    Typed("goal close", arguments="G-1"),
    Typed("goal update", arguments="G-1"),
    Typed("preview digest", arguments="Care"),
    Typed("preview weekly", arguments="Care"),
    Typed("upcoming", arguments="Care"),
    Typed("queue", arguments="Care"),
    Typed("queue tag:", arguments="canary"),
    Typed("queue @person", frozenset({MANAGER}), said="queue @Ben"),
    Typed("checkin off", MEMBERS),
    Typed("checkin on", MEMBERS),
    Typed("availability away", MEMBERS),
    Typed("availability back", MEMBERS),
    Typed("poll close", frozenset({MANAGER}), arguments="P-1"),
)
"""Everything that can be typed, in the order in which it is tried. One without an entry fails the suite."""
