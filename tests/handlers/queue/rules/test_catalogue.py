"""One definition per metric: the page in docs is what the code says."""

from pathlib import Path

from bot.app import furnish
from handlers.queue.rules.catalogue import METRICS, as_markdown

PAGE = Path(__file__).parents[4] / "docs" / "metrics.md"


def test_the_page_of_metrics_begins_as_the_catalogue_says_and_tells_of_everything_else_that_goals_measure() -> None:
    queue, _, beside = PAGE.read_text(encoding="utf-8").partition("\n# Beside the queue\n")
    assert queue == as_markdown()
    others = [one.title for key, one in furnish().measures.items() if not key.startswith("queue.")]
    assert others
    assert [title for title in others if f"\n## {title}\n" not in beside] == []


def test_each_metric_has_one_key_a_definition_and_a_source() -> None:
    assert len({metric.key for metric in METRICS}) == len(METRICS)
    assert all(metric.definition and metric.source for metric in METRICS)
