from handlers.refusals import Refusal


def test_what_people_are_called_is_shown_and_never_read_as_markup() -> None:
    refusal = Refusal(
        "Only {} can do this; ask {who} or see `/escalate list`.", "<https://evil.example|Care>", who="<!here>"
    )
    assert str(refusal) == (
        "Only &lt;https://evil.example|Care&gt; can do this; ask &lt;!here&gt; or see `/escalate list`."
    )


def test_a_sentence_without_arguments_keeps_its_braces() -> None:
    assert str(Refusal("Write {this}.")) == "Write {this}."
