"""What ends a request early, with a sentence for the person who made it."""

from handlers.blocks import said

OUTSIDER = (
    "Backstop is for the members of this workspace. Please ask a colleague in the support team to do this for you."
)


class Refusal(Exception):  # noqa: N818  # nothing went wrong: somebody is told no, and why
    """A sentence that the reader should see: what happened and what they can do next.

    It is shown as mrkdwn. What people typed or are called goes into its `{}` as an argument, and is shown as it is.
    """

    def __init__(self, sentence: str, *typed: object, **named: object) -> None:
        if typed or named:
            safe = {name: said(str(part), 200) for name, part in named.items()}
            sentence = sentence.format(*(said(str(part), 200) for part in typed), **safe)
        super().__init__(sentence)


class StaleRefusal(Refusal):
    """What was clicked no longer stands. The reader is told who did what and when; the message is shown anew."""


class FormRefusal(Refusal):
    """A form can't be taken as it is: each sentence stands at the field (block id) that it is about."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = errors
