"""What the log may hold: facts about the work, never a token and never what people wrote.

Backstop's own lines name keys and ids. The libraries' lines are another matter: slack_bolt and slack_sdk put whole
bodies into theirs (an invalid signature at INFO, a dropped socket message at ERROR), so that everything from them is
kept at INFO or above and passes `redact`.
"""

import logging
import re
import sys
import traceback
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor

TOKEN = re.compile(r"\b(xox[a-z]|xapp|xwfp)[-.][\w.-]+", re.IGNORECASE)
BODY = re.compile(
    r"(?i)(\b(?:body|message|payload|request|text|envelope|event|args|params|data)\b\s*[:=]\s*|(?=\{))\S.*", re.DOTALL
)
"""`body: …` and its like, and anything that a brace opens: all that follows."""
QUERY = re.compile(r"(\b(?:https?|wss?)://[^\s?#]{1,300})[?#]\S*")
PLACES = 8
"""How many calls before it a failure is told with."""
LONGEST = 8_000
"""Of one value, in characters: a line is to be read, and must not hold up the loop while it is made safe."""
TOLD_BY_SLACK = ("slack_bolt", "slack_sdk")
QUIET = ("apscheduler", "aiosqlite", "alembic", "aiohttp.access", "asyncio", "matplotlib", "PIL")
TAKEN_OUT = "[secret]"
LEFT_OUT = "[left out]"


def keep_logs(*, level: str, as_json: bool, to: TextIO | None = None) -> None:
    """Sends every logger's lines to one stream (stderr), as JSON objects or for people's eyes. `level` is Backstop's
    own; the libraries speak from WARNING on, Slack's from INFO on."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        tell_where,
        redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    stream = to or sys.stderr
    shown: Processor = structlog.dev.ConsoleRenderer(colors=stream.isatty())
    if as_json:
        shown = structlog.processors.JSONRenderer(ensure_ascii=False)
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, shown],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    for ours in ("bot", "handlers", "storage", "simulator"):
        logging.getLogger(ours).setLevel(level)
    for theirs in TOLD_BY_SLACK:
        logging.getLogger(theirs).setLevel(max(logging.INFO, logging.getLevelName(level)))
    for quiet in QUIET:
        logging.getLogger(quiet).setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)


def tell_where(_logger: Any, _method: str, line: EventDict) -> EventDict:
    """Of an error its kind and where it happened, and that of what caused it; not its message: that may hold what
    somebody typed."""
    given = line.pop("exc_info", None)
    error = given if isinstance(given, BaseException) else (given if isinstance(given, tuple) else sys.exc_info())[1]
    if not given or error is None:
        return line
    told: list[str] = []
    while error is not None and len(told) < PLACES:
        told.append(f"{type(error).__name__} at {' < '.join(reversed(where(error))) or 'an unknown place'}")
        error = error.__cause__ or error.__context__
    return {**line, "exception": ", because of ".join(told)}


def where(error: BaseException) -> list[str]:
    """The places that an error passed, the one where it happened last."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames][-PLACES:]


def kind_and_place(error: BaseException) -> str:
    """What a row keeps of why something failed, for the same reason without its message."""
    place = (where(error) or ["an unknown place"])[-1]
    return f"{type(error).__name__} at {place.rpartition('/')[2]}"


def redact(logger: Any, _method: str, line: EventDict) -> EventDict:
    """Takes tokens out of every value, and from the Slack libraries' lines all that follows `body:` and its like."""
    from_slack = str(line.get("logger") or getattr(logger, "name", "")).startswith(TOLD_BY_SLACK)
    return {name: _safe(value, from_slack=from_slack) for name, value in line.items()}


def _safe(value: object, *, from_slack: bool) -> object:
    if isinstance(value, str):
        text = value if len(value) <= LONGEST else f"{value[:LONGEST]}… {LEFT_OUT}"
        text = BODY.sub(rf"\1{LEFT_OUT}", text) if from_slack else text
        return QUERY.sub(rf"\1?{LEFT_OUT}", TOKEN.sub(TAKEN_OUT, text))
    if isinstance(value, dict):
        return {name: _safe(part, from_slack=from_slack) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_safe(part, from_slack=from_slack) for part in value]
    return value
