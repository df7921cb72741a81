"""What a feature hands the wiring: everything that wakes it and everything it renders.

A feature's `register(house)` fills these tables; `bot.app` connects them to Slack, the heartbeat and delivery. They are
plain tables, so that tests can walk them: every command, action and view that exists is here.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.helpdesks import HelpDesks
from handlers.keeping import Keeping
from handlers.measures import Measure
from storage.jobs import Job
from storage.messages import Message
from storage.people import Person
from storage.schedule import Schedule, Timer
from storage.sources import Source
from storage.store import Store
from storage.teams import Team
from storage.ticket_pages import Kept

Block = dict[str, Any]
Listener = Callable[..., Awaitable[None]]
"""Takes by name what it wants of HEARD; bot.listening checks the names when it is registered."""

HEARD = frozenset(
    {
        "ack",
        "body",
        "client",
        "reply",
        "store",
        "now",
        "me",
        "workspace_id",
        "words",
        "view",
        "action",
        "event",
        "shortcut",
        "settings",
        "helpdesks",
    }
)


@dataclass(frozen=True)
class Rendered:
    """What Slack should show: `text` is what notifications and screen readers read."""

    text: str
    blocks: list[Block]


class Fallen:
    """The obligation fell away before its message was sent."""


FALLEN = Fallen()

Renderer = Callable[[AsyncSession, Message, datetime], Awaitable[Rendered | Fallen]]
Ahead = Callable[[AsyncSession, Sequence[Message], datetime], Awaitable[None]]
"""(session, messages, now): loads by a few queries what their renderers are about to ask this session for."""
Step = Callable[[AsyncSession, Timer, datetime], Awaitable[None]]
Firing = Callable[[AsyncSession, Schedule, datetime, datetime], Awaitable[str | None]]
"""(session, schedule, due, now) → why it was skipped, or None."""
Parked = Callable[[AsyncSession, Message, str, datetime], Awaitable[None]]
"""(session, message, Slack's error, now): a message can't be delivered until somebody mends the channel."""


Opening = Callable[[AsyncSession, str, datetime], Awaitable[None]]
"""(session, workspace id, now): what a feature needs to stand in the database; runs at every start, and may repeat."""


@dataclass(frozen=True)
class Coming:
    """One send or step that lies ahead, in words: for /backstop upcoming."""

    title: str
    """What it is, telling nothing of its content: an admin may read it."""
    detail: str = ""
    """What those whom it concerns read beside it."""
    team_id: int | None = None
    """Whose managers it concerns, beside whoever receives it."""
    to: Person | None = None
    """Who receives it, where the row itself doesn't say."""
    skipped: str = ""
    """Why it won't be sent, if that is known already."""


Describer = Callable[[AsyncSession, Message | Timer | Schedule, "Me"], Awaitable[Coming | None]]
"""None: nothing of it may be told to this reader, or it won't happen any more."""


@dataclass(frozen=True)
class OnHome:
    """What a feature shows on somebody's Home."""

    waiting: Sequence[Block] = ()
    """What waits for them, each with the button that does it."""
    further: Sequence[Block] = ()
    """What they may want to look at."""
    first: Sequence[Block] = ()
    """What one comes here to do: buttons."""


Section = Callable[[AsyncSession, Person, datetime], Awaitable[OnHome]]


@dataclass(frozen=True)
class Report:
    """A digest or weekly report that is being made: for whom, and of which time."""

    team: Team
    since: datetime
    """Where the last one of this kind ended."""
    until: datetime
    weekly: bool = False
    for_managers: bool = False
    """Their own copy; what a channel reads carries no personal figures."""
    channel: str | None = None
    """Where the copy for a channel is posted: what is told in a private one stays there."""


@dataclass(frozen=True)
class NeedsYou:
    """A thing that needs somebody today, with the button that does it."""

    text: str
    """One line of mrkdwn."""
    button: Block
    urgency: int
    """The lowest three are shown on top: 0 a customer waits beyond a promise, 5 it should be done today, 9 some day."""


@dataclass(frozen=True)
class InReport:
    """What a feature tells in a digest or weekly report; nothing of it: it is left out."""

    needs_you: Sequence[NeedsYou] = ()
    blocks: Sequence[Block] = ()
    """A section of at most a few lines, its title in bold first."""
    is_ordinary: bool = False
    """Nothing out of the usual: on a day on which all sections say so, they are left out."""


ReportSection = Callable[[AsyncSession, Report], Awaitable[InReport]]


@dataclass(frozen=True)
class TeamSetting:
    """A button that a team's managers find beside *Edit…*, its value the team's id; `verb`: `/backstop team verb` opens
    its form at once, where there is only one team to choose."""

    label: str
    action_id: str
    verb: str | None = None
    form: "TeamForm | None" = None


TeamForm = Callable[[AsyncSession, Team, HelpDesks], Awaitable[Block]]
"""The form for a team that one manages."""

AfterPull = Callable[[AsyncSession, Source, Kept, datetime], Awaitable[None]]
"""(session, source, what became of the page, now): in the transaction that keeps a page of tickets."""


Left = Callable[[AsyncSession, Person, datetime], Awaitable[None]]
"""(session, who, now): in the transaction that learns that somebody can't be reached any more."""


@dataclass(frozen=True)
class Help:
    """What one can do with a feature, for /backstop help: each line is mrkdwn, and shown to whom it is for."""

    topic: str
    everyone: str = ""
    leads: str = ""
    """Managers of a team, and heads of a department."""
    admins: str = ""


@dataclass(frozen=True)
class Understood:
    """Words that somebody may write to the bot, and the button that does what they ask for."""

    phrases: tuple[str, ...]
    """In small letters: one of them, as whole words, is how it is recognised; the longest found wins."""
    says: str
    """What the button does, as a sentence of mrkdwn."""
    button: Callable[[str], Block]
    """Makes it of what was written, the phrase and the bot's name taken off."""


class Run(Protocol):
    """A job at work: reads and computes in its own time, writes in short transactions that hold its lease."""

    async def __call__(
        self, job: Job, *, store: Store, client: AsyncWebClient, now: Callable[[], datetime]
    ) -> None: ...


class Reply(Protocol):
    """A private answer to whoever caused the event, wherever they are."""

    async def __call__(self, text: str, *, blocks: list[Block] | None = None, replace: bool = False) -> None:
        """`replace` puts it in the place of the clicked private message instead of beside it."""
        ...


class Limits(Protocol):
    """The settings that features may read."""

    @property
    def admins(self) -> tuple[str, ...]: ...
    @property
    def command_prefix(self) -> str: ...
    @property
    def daily_dm_limit(self) -> int: ...
    @property
    def keeping(self) -> Keeping: ...


@dataclass(frozen=True)
class Command:
    name: str
    listener: Listener
    verbs: tuple[str, ...]
    """Everything that means something of its own after the name: words, and examples of what isn't one (`@person`)."""
    standalone: bool
    """True: `/name` exists; False: only `/backstop name`."""


@dataclass
class House:
    commands: dict[str, Command] = field(default_factory=dict)
    actions: dict[str, Listener] = field(default_factory=dict)
    submissions: dict[str, Listener] = field(default_factory=dict)
    options: dict[str, Listener] = field(default_factory=dict)
    shortcuts: dict[str, Listener] = field(default_factory=dict)
    events: dict[str, list[Listener]] = field(default_factory=dict)
    renderers: dict[str, Renderer] = field(default_factory=dict)
    ahead: dict[str, Ahead] = field(default_factory=dict)
    steps: dict[str, Step] = field(default_factory=dict)
    firings: dict[str, Firing] = field(default_factory=dict)
    jobs: dict[str, Run] = field(default_factory=dict)
    parked: dict[str, Parked] = field(default_factory=dict)
    openings: list[Opening] = field(default_factory=list)
    describers: dict[str, Describer] = field(default_factory=dict)
    sections: list[Section] = field(default_factory=list)
    report_sections: list[ReportSection] = field(default_factory=list)
    team_settings: list[TeamSetting] = field(default_factory=list)
    measures: dict[str, Measure] = field(default_factory=dict)
    help: list[Help] = field(default_factory=list)
    understood: list[Understood] = field(default_factory=list)
    afterwards: list[Listener] = field(default_factory=list)
    pulled: list[AfterPull] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    keeping: Keeping = field(default_factory=Keeping)
    """How long the nightly jobs keep what is old."""
    helpdesks: HelpDesks = field(init=False)
    """Those that are there; set before the features register."""

    def command(self, name: str, listener: Listener, *, verbs: Iterable[str], standalone: bool = True) -> None:
        _once(self.commands, name, Command(name, listener, tuple(verbs), standalone))

    def action(self, action_id: str, listener: Listener) -> None:
        _once(self.actions, action_id, listener)

    def submission(self, callback_id: str, listener: Listener) -> None:
        _once(self.submissions, callback_id, listener)

    def choices(self, action_id: str, listener: Listener) -> None:
        """Fills an external select while somebody types."""
        _once(self.options, action_id, listener)

    def shortcut(self, callback_id: str, listener: Listener) -> None:
        _once(self.shortcuts, callback_id, listener)

    def event(self, kind: str, listener: Listener) -> None:
        self.events.setdefault(kind, []).append(listener)

    def renders(
        self, name: str, renderer: Renderer, *, parked: Parked | None = None, ahead: Ahead | None = None
    ) -> None:
        """`parked` hears when such a message can't be delivered; `ahead` is asked before several are rendered."""
        _once(self.renderers, name, renderer)
        if ahead is not None:
            self.ahead[name] = ahead
        if parked is not None:
            self.parked[name] = parked

    def step(self, name: str, step: Step) -> None:
        _once(self.steps, name, step)

    def fires(self, kind: str, firing: Firing) -> None:
        """What a schedule of this kind does when its local time comes."""
        _once(self.firings, kind, firing)

    def job(self, kind: str, run: Run) -> None:
        _once(self.jobs, kind, run)

    def opens(self, opening: Opening) -> None:
        """What must stand in the database before the first event (a schedule, say)."""
        self.openings.append(opening)

    def describes(self, name: str, describer: Describer) -> None:
        """How /backstop upcoming tells of a message (by its renderer), a timer (its step) or a schedule (its kind)."""
        _once(self.describers, name, describer)

    def section(self, section: Section) -> None:
        """What Home shows of this feature, in the order in which features are registered."""
        self.sections.append(section)

    def reports(self, section: ReportSection) -> None:
        """What the daily digest and the weekly report tell of this feature, in the order of registration."""
        self.report_sections.append(section)

    def verbs_of(self, name: str) -> set[str]:
        """Everything that means something after that command, also what other features add to it."""
        of_others = {setting.verb for setting in self.team_settings if setting.verb} if name == "team" else set()
        return {*self.commands[name].verbs, *of_others}

    def team_setting(
        self, label: str, action_id: str, *, verb: str | None = None, form: TeamForm | None = None
    ) -> None:
        """A button beside *Edit…* in /backstop team, for those who manage it; the listener checks that they do. `verb`
        opens its form without it: /backstop team connect."""
        self.team_settings.append(TeamSetting(label, action_id, verb, form))

    def after_pull(self, follow: AfterPull) -> None:
        """Hears of each page of tickets in the transaction that keeps it."""
        self.pulled.append(follow)

    def when_somebody_left(self, follow: Left) -> None:
        """Hears of a colleague whose account was closed, or who became a guest: when Slack tells it. That can be lost,
        so the feature looks by itself every night."""
        self.left.append(follow)

    def measure(self, measure: Measure) -> None:
        """Something that a goal can be measured by."""
        _once(self.measures, measure.key, measure)

    def helps(self, *lines: Help) -> None:
        """What /backstop help tells of this feature, in the order of registration."""
        self.help += lines

    def understands(self, understood: Understood) -> None:
        """Words to the bot that this feature has a button for."""
        self.understood.append(understood)

    def after_own_action(self, listener: Listener) -> None:
        """Hears of every click and form that was answered well, once it was; nobody waits for it."""
        self.afterwards.append(listener)


def _once(table: dict[str, Any], name: str, entry: object) -> None:
    if name in table:
        raise ValueError(f"{name} is registered twice")
    table[name] = entry


@dataclass(frozen=True)
class Me:
    """Whoever caused the event."""

    person: Person
    is_admin: bool

    @property
    def id(self) -> int:
        return self.person.id
