"""One definition per metric: the page in docs is what the code says."""

from pathlib import Path

from handlers.queue.rules.catalogue import METRICS, as_markdown

PAGE = Path(__file__).parents[3] / "docs" / "metrics.md"


def test_the_page_of_metrics_is_what_the_catalogue_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == as_markdown()


def test_each_metric_has_one_key_a_definition_and_a_source() -> None:
    assert len({metric.key for metric in METRICS}) == len(METRICS)
    assert all(metric.definition and metric.source for metric in METRICS)
