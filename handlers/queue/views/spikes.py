"""Spikes: the post of the day, what the product people are told, the tickets behind it."""

from collections.abc import Sequence
from datetime import datetime

from handlers.blocks import Block, actions, asked, button, context, mention, modal, plain, said, section, when
from handlers.forms import Memory
from handlers.house import Rendered
from handlers.queue.views import report, words
from storage.people import Person
from storage.spikes import SpikeDay
from storage.teams import Team
from storage.ticket_days import ALL
from storage.tickets import Ticket

TELL = "queue.tell_product"
TELL_FORM = "queue.tell_product_form"
MOST_TICKETS = 5
MOST_SHOWN = 12
NEW = ":mag: *{}: new, {}, {}*"
UNUSUAL = ":chart_with_upwards_trend: *{}: {}, {}* – usually {} by this time of such a day"
UP_TO_DATE = "Since midnight, as of {}. Brought up to date every hour."
TOLD = ":mega: {} told <#{}>, {}."
WHERE_HINT = (
    "The numbers, subjects and links of these tickets are posted there, with your name. Next time I know where."
)
ONLY_TEAM = "Only {}’s members, managers and heads can do this."
TOLD_BEFORE = "Too late: {} told <#{}> already, {}. Nothing was posted by your click."
TELLING = ":white_check_mark: I’m telling <#{}>. The post here says so too."
GONE = "That isn’t there any more. `/queue` shows how things are now."
NO_TICKETS = "None of its tickets is there any more."
FROM = "*{}* passes on what customers write to {} about today: {}"


def headline(spike: SpikeDay) -> str:
    count = words.counted(spike.tickets, "ticket", "tickets")
    customers = words.counted(spike.customers, "customer", "customers")
    name = words.tag_name(spike.tag)
    if spike.is_new:
        return NEW.format(name, count, customers)
    return UNUSUAL.format(name, count, customers, f"{spike.usual:.0f}")


def plainly(spike: SpikeDay) -> str:
    """For notifications: `login-loop: new, 9 tickets, 8 customers`."""
    name = words.EVERYTHING if spike.tag == ALL else spike.tag
    how = "new" if spike.is_new else "worth a look"
    return f"{name}: {how}, {spike.tickets} tickets, {spike.customers} customers"


def post(spike: SpikeDay, tickets: Sequence[Ticket], told_by: Person | None) -> Rendered:
    """The one post of this tag and day."""
    why = report.SUGGESTS_STAFFING if spike.tag == ALL else report.SUGGESTS_PRODUCT
    lines = [report.ticket_line(one, spike.counted_at) for one in tickets[:MOST_TICKETS]]
    blocks = [section(f"{headline(spike)}\n{why[0].upper()}{why[1:]}.")]
    if lines:
        blocks.append(context("\n".join(lines)))
    if spike.told_at is not None and spike.told_channel is not None:
        blocks.append(context(told(spike, told_by)))
    buttons = [button("Show tickets", report.SHOW_SPIKE, spike.id, says=f"Show the tickets of {spike.tag}"[:75])]
    if spike.told_at is None and spike.tag != ALL:
        buttons.append(button("Tell product…", TELL, spike.id, style="primary"))
    blocks += [actions(*buttons), context(UP_TO_DATE.format(when(spike.counted_at, "{time}")))]
    return Rendered(plainly(spike), blocks)


def told(spike: SpikeDay, by: Person | None) -> str:
    who = said(by.name, 80) if by else "Somebody"
    return TOLD.format(who, spike.told_channel, when(spike.told_at, "{time}") if spike.told_at else "today")


def told_before(spike: SpikeDay, by: Person | None) -> str:
    who = said(by.name, 80) if by else "Somebody"
    return TOLD_BEFORE.format(who, spike.told_channel, when(spike.told_at) if spike.told_at else "today")


def tell_form(spike: SpikeDay, memory: Memory) -> Block:
    channel: Block = {
        "type": "conversations_select",
        "action_id": "chosen",
        "placeholder": plain("Choose a channel"),
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    return modal(
        TELL_FORM,
        "Tell product",
        [section(headline(spike)), asked("channel", "Where do the product people read?", channel, hint=WHERE_HINT)],
        submit="Tell them",
        metadata=memory.kept(),
    )


def to_product(spike: SpikeDay, team: Team, tickets: Sequence[Ticket], by: Person | None) -> Rendered:
    """What the product people read."""
    who = said(by.name, 80) if by else "Somebody"
    lines = [report.ticket_line(one, spike.counted_at) for one in tickets[:MOST_TICKETS]]
    more = f"\nand {spike.tickets - len(lines)} more" if spike.tickets > len(lines) else ""
    text = FROM.format(who, said(team.name, 80), headline(spike).partition(" ")[2])
    contact = f"Questions? Ask in <#{team.channel}>{f' or {mention(by.slack_id)}' if by else ''}."
    blocks = [section(text), *([context("\n".join(lines) + more)] if lines else []), context(contact)]
    return Rendered(f"{team.name}: {plainly(spike)}", blocks)


def ticket_list(title: str, tickets: Sequence[Ticket], at: datetime, *, more: bool, escalate: str) -> list[Block]:
    """Tickets, privately, each with the button that escalates it."""
    if not tickets:
        return [section(f"*{title}*\n{NO_TICKETS}")]
    rows = [
        section(
            report.ticket_line(one, at),
            accessory=button("Escalate…", escalate, one.external_id, says=f"Escalate {one.external_id}"[:75]),
        )
        for one in tickets[:MOST_SHOWN]
    ]
    return [section(f"*{title}*"), *rows, *([context("And more, the oldest are shown.")] if more else [])]
