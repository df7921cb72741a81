"""The week behind the demo: typed and clicked by its people, so that nothing in it is a fake."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from handlers.local_time import at_local
from simulator.acting import Actor, Shown
from simulator.company import DUBLIN
from simulator.living import Living
from simulator.server import Simulator
from simulator.story_of_goals import Goals
from simulator.story_of_learning import Learning
from simulator.telling import Telling

CARDS = "#care-escalations"
HELP_DESK_CONNECTED = time(8)
"""In Dublin, on the demo's own day."""
QUESTION = "How is your load today?"
MANILA_FEELS = (
    ("Mei", "heavy", "all right"),
    ("Ramon", "too much", "tiring"),
    ("Isko", "right", "good"),
    ("Tala", "heavy", "all right"),
)
DUBLIN_FEELS = (
    ("Ben", "right", "good"),
    ("Cara", "right", "good"),
    ("Niamh", "heavy", "all right"),
    ("Sean", "light", "great"),
    ("Petra", "heavy", "tiring"),
)

TOPICS = ("Refunds above the limit", "Reading an export", "Escalating well", "Writing to somebody who is angry")
VOTES = {
    "Mei": TOPICS[:2],
    "Ramon": TOPICS[:1],
    "Isko": TOPICS[2:],
    "Ben": TOPICS[:3],
    "Cara": TOPICS[:1],
    "Niamh": TOPICS[3:],
    "Petra": TOPICS[:2],
}


async def live_a_week(sim: Simulator, living: Living, until: datetime) -> None:
    """Escalations in different states, the last ones of this morning; then it is `until`."""
    week, learning, goals = _Week(sim, living, until), Learning(sim, living, until), Goals(sim, living, until)
    await week.check_ins_begin()
    await learning.yusuf_begins()
    await goals.one_for_the_team()
    await goals.one_of_their_own()
    await week.vat_on_invoices()
    await week.topic_vote_begins()
    await week.how_loaded_they_are()
    await week.topic_vote_ends()
    await week.refund_above_limit()
    await learning.a_topic_from_the_vote()
    await learning.a_training_is_required()
    await goals.two_are_proposed()
    await goals.one_is_accepted()
    await week.import_stuck()
    await week.complaint()
    await week.help_desk_is_connected()
    await goals.two_from_the_queue()
    await goals.numbers_are_given()
    await week.source_code_escrow()
    await week.accounts_mixed_up()
    await week.dark_mode()
    await week.pulse_is_open()
    await living.until(until)


class _Week(Telling):
    async def vat_on_invoices(self) -> None:
        """Raised, claimed, resolved with a follow-up, confirmed."""
        await self._at(4, time(10, 5))
        card = await self._raises(
            "Ben",
            "Invoices show the wrong VAT number for customers in Germany",
            ticket="48107",
            severity="S2",
            need="technical_help",
            customer="Globex GmbH",
        )
        await self._at(4, time(10, 31))
        await self._clicks("Cara", card, "Claim")
        await self._at(4, time(11, 40))
        await self._form(
            "Cara",
            card,
            "Update…",
            news="Found it: the template of last Friday. Platform has a fix in review.",
            told=["told"],
        )
        await self._at(4, time(15, 20))
        cara = await self._opens("Cara", card, "Resolve…")
        await self._fill(
            cara,
            outcome="solved",
            root_cause="product_defect",
            done="Template rolled back; the 41 wrong invoices were sent again with a note.",
            told="yes",
        )
        await cara.clicks(await cara.modal(), "Prevent a repeat, or name the duplicate")
        await self._living.settle()
        await self._submit(cara, prevent="A test for VAT numbers before a template goes live", prevent_owner="Aoife")
        await self._at(4, time(16, 5))  # after a weekend it would be confirmed by itself
        await self._clicks("Ben", card, "Confirm")

    async def check_ins_begin(self) -> None:
        """Aoife switches them on: one comes this week, and one today."""
        await self._at(4, time(9, 40))
        aoife = self._sim.acts_as("Aoife")
        await aoife.types("/backstop team Care", channel="#care")
        await aoife.clicks(await aoife.privately("Care"), "Check-ins…")
        await self._living.settle()
        days = sorted({self._day(3).weekday(), self._day(0).weekday()})
        await self._submit(aoife, use="on", days=[str(day) for day in days])
        await (await aoife.modal()).close()

    async def how_loaded_they_are(self) -> None:
        """Nine of twelve answer, Manila in its afternoon, Dublin in its own; Aoife says what she did about it."""
        await self._at(3, time(9, 25))
        for name, load, felt in MANILA_FEELS:
            await self._taps(name, load, felt)
        await self._at(3, time(15, 5))
        for name, load, felt in DUBLIN_FEELS:
            await self._taps(name, load, felt)
        petra = self._sim.acts_as("Petra")
        await petra.clicks(await petra.finds("@bot", QUESTION), "What is in the way…")
        await self._living.settle()
        await self._submit(petra, blocker="Refunds above € 500 wait for a second signature until the afternoon.")
        await self._at(2, time(9, 10))
        aoife = self._sim.acts_as("Aoife")
        await aoife.clicks(await aoife.finds("@bot", "Refunds above"), "What I did…")
        await self._living.settle()
        await self._submit(aoife, done="Ramon and Ben may sign up to € 1,000 from today.")

    async def _taps(self, who: str, *labels: str) -> None:
        person = self._sim.acts_as(who)
        for label in labels:
            await person.clicks(await person.finds("@bot", QUESTION), label)
            await self._living.settle()

    async def topic_vote_begins(self) -> None:
        """Anonymous; each may choose up to three."""
        await self._at(3, time(9, 22))
        await self._asks("topic", options="\n".join(TOPICS))

    async def topic_vote_ends(self) -> None:
        """Seven of twelve have answered, so that its result is shown; Aoife closes it."""
        await self._at(2, time(9, 15))
        for name, choices in VOTES.items():
            await self._answers(name, "What should we train next?", choices)
        aoife = self._sim.acts_as("Aoife")
        await aoife.types("/poll close P-1", channel="#care")
        await self._living.settle()

    async def pulse_is_open(self) -> None:
        """Three have answered; Mei and the others find it in their messages and on Home. Ben, who is on duty, had his
        messages of the day."""
        await self._at(0, time(9, 24))
        await self._asks("pulse")
        for name, rating in (("Sean", "4"), ("Cara", "3"), ("Tala", "4")):
            await self._answers(name, "How is work going?", rating)

    async def _asks(self, template: str, **fields: object) -> None:
        """Aoife chooses a template, and sends what its preview shows."""
        aoife = self._sim.acts_as("Aoife")
        await aoife.types("/poll", channel="#care")
        await aoife.clicks(await aoife.modal(), f"polls.template={template}")
        await self._living.settle()
        await self._submit(aoife, **fields)
        await (await aoife.modal(titled="Preview")).submit()
        await (await aoife.modal(titled="Sent")).close()
        await self._living.settle()

    async def _answers(self, who: str, question: str, answer: object) -> None:
        person = self._sim.acts_as(who)
        await person.clicks(await person.finds("@bot", question), "Answer…")
        modal = await person.modal(titled="Poll")
        modal.fill(question, answer)
        await modal.submit()
        await (await person.modal(titled="Thank you")).close()

    async def refund_above_limit(self) -> None:
        """In progress, answered once."""
        await self._at(2, time(9, 40))
        card = await self._raises(
            "Niamh",
            "Refund above my limit: a customer of six years was charged twice since March",
            ticket="48152",
            severity="S3",
            need="decision",
            customer="Initech",
        )
        await self._at(2, time(10, 15))
        await self._clicks("Aoife", card, "Claim")
        await self._form("Aoife", card, "Return…", reason="How much is it in all, and which months?")
        await self._at(2, time(10, 44))
        await self._form("Niamh", card, "Answer…", answer="€ 1,140: March to August, six times € 190.")

    async def import_stuck(self) -> None:
        """On hold: another team has it."""
        await self._at(1, time(14, 10))
        card = await self._raises(
            "Yusuf",
            "CSV imports over 50 MB stop at 99 % and never finish",
            ticket="48190",
            severity="S3",
            need="another_team",
            customer="Umbrella Logistics",
        )
        await self._at(1, time(14, 32))
        await self._clicks("Ben", card, "Claim")
        ben = self._sim.acts_as("Ben")
        await ben.clicks(await self._card(ben, card), "More…")
        await self._living.settle()
        await ben.clicks(await ben.modal(), "Put on hold…")
        await self._living.settle()
        until = at_local(self._day(-2), time(11), ZoneInfo(DUBLIN))
        await self._submit(ben, reason="Platform ships the new importer on that day.", until=until)

    async def complaint(self) -> None:
        """Restricted: for those named only."""
        await self._at(1, time(16, 5))
        await self._raises(
            "Petra",
            "A customer complains about how a colleague spoke to them, and wants to hear from a manager",
            severity="S3",
            need="take_over",
            customer="Hooli",
            restricted=["restricted"],
            viewers=["Aoife"],
        )

    async def help_desk_is_connected(self) -> None:
        """By Omar, before Dublin’s day begins: this morning’s digest knows the queue."""
        await self._at(0, HELP_DESK_CONNECTED)
        omar = self._sim.acts_as("Omar")
        await omar.types("/backstop team connect Care", channel="#general")
        await omar.clicks(await omar.modal(titled="Help desk"), "Connect CSV folder…")
        await self._living.settle()
        await (await omar.modal(titled="Help desk")).submit()
        await (await omar.modal(titled="Help desk")).close()
        await self._living.settle()

    async def source_code_escrow(self) -> None:
        """Returned: the reporter owes an answer."""
        await self._at(0, time(8, 50))
        card = await self._raises(
            "Sean",
            "Customer asks who holds our source code in escrow before they renew",
            ticket="48219",
            severity="S3",
            need="decision",
            customer="Stark Industries",
        )
        await self._at(0, time(9, 2))
        await self._form("Aoife", card, "Return…", reason="Which contract do they have, and when does it renew?")

    async def accounts_mixed_up(self) -> None:
        """In progress, with a promise to a VIP."""
        await self._at(0, time(9, 5))
        card = await self._raises(
            "Isko",
            "The export of one account shows contacts of another one",
            ticket="https://acme.helpdesk.example/agent/tickets/48213",
            severity="S2",
            need="technical_help",
            customer="Acme",
            vip=["vip"],
        )
        await self._at(0, time(9, 12))
        await self._clicks("Ramon", card, "Claim")
        await self._at(0, time(9, 20))
        await self._form(
            "Ramon", card, "Update…", news="Exports are switched off for now; Platform is looking at the cache."
        )

    async def dark_mode(self) -> None:
        """Waiting for an owner."""
        await self._at(0, time(9, 22))
        await self._raises(
            "Tala",
            "Third customer this month who can’t read our mails in dark mode",
            ticket="48230",
            severity="S4",
            need="another_team",
        )

    async def _raises(self, who: str, what: str, **fields: object) -> str:
        """Types /escalate and fills the form; returns the words by which its card is found."""
        person = self._sim.acts_as(who)
        await person.types(f"/escalate {what}", channel="#care" if who != "Dana" else "#platform")
        if fields.keys() - {"ticket", "severity", "need"}:
            await person.clicks(await person.modal(), "More fields")
            await self._living.settle()
        await self._submit(person, **fields)
        return what[:40]

    async def _card(self, person: Actor, words: str) -> Shown:
        return await person.finds(CARDS, words)

    async def _clicks(self, who: str, card: str, label: str) -> None:
        person = self._sim.acts_as(who)
        await person.clicks(await self._card(person, card), label)
        await self._living.settle()

    async def _opens(self, who: str, card: str, label: str) -> Actor:
        person = self._sim.acts_as(who)
        await person.clicks(await self._card(person, card), label)
        await self._living.settle()
        return person

    async def _form(self, who: str, card: str, label: str, **fields: object) -> None:
        await self._submit(await self._opens(who, card, label), **fields)
