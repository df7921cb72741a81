"""What this process counts, for /metrics. Each has a registry of its own: nothing here is global."""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

LISTENER_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0)
"""Slack gives up on an answer after 3 s."""


class Measures:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._deliveries = Counter(
            "backstop_deliveries",
            "Messages by how their sending ended: sent, unknown, found, absent, parked, failed, fallen, later, lapsed.",
            ["outcome"],
            registry=self.registry,
        )
        self._listeners = Histogram(
            "backstop_listener_seconds",
            "From Slack's event to the end of its listener.",
            ["listener"],
            buckets=LISTENER_BUCKETS_S,
            registry=self.registry,
        )
        self._messages = Gauge(
            "backstop_messages", "Messages not yet settled, by state.", ["state"], registry=self.registry
        )
        self._due = Gauge("backstop_timers_due", "Timers that are due and not yet run.", registry=self.registry)
        self._late = Gauge("backstop_timers_late_seconds", "How late the oldest due step is.", registry=self.registry)
        self._job_late = Gauge(
            "backstop_jobs_late_seconds",
            "How long the job that is due for longest waits for its turn.",
            registry=self.registry,
        )
        self._parked = Gauge(
            "backstop_parked", "Timers and jobs that wait for a person.", ["kind"], registry=self.registry
        )
        self._healthy = Gauge(
            "backstop_healthy", "1 if the check passes (see /healthz).", ["check"], registry=self.registry
        )
        self._source_age = Gauge(
            "backstop_source_age_seconds",
            "Since a source of tickets was last read well; NaN: never.",
            ["source"],
            registry=self.registry,
        )
        self._source_failing = Gauge(
            "backstop_source_failing", "1 while a source of tickets can't be read.", ["source"], registry=self.registry
        )
        self._skew = Gauge(
            "backstop_clock_ahead_seconds",
            "This machine's clock against Slack's; NaN: not measured.",
            registry=self.registry,
        )

    def delivered(self, outcome: str, messages: int = 1) -> None:
        self._deliveries.labels(outcome).inc(messages)

    def listened(self, listener: str, seconds: float) -> None:
        self._listeners.labels(listener).observe(seconds)

    def stand(
        self,
        *,
        messages: dict[str, int],
        due: int,
        late_s: float,
        job_late_s: float,
        parked: dict[str, int],
        ahead_s: float | None,
    ) -> None:
        """How things stand in the database, as read just now."""
        for state, count in messages.items():
            self._messages.labels(state).set(count)
        self._due.set(due)
        self._late.set(late_s)
        self._job_late.set(job_late_s)
        for kind, count in parked.items():
            self._parked.labels(kind).set(count)
        self._skew.set(float("nan") if ahead_s is None else ahead_s)

    def sources_stand(self, sources: Mapping[str, Mapping[str, float | bool | None]]) -> None:
        """How fresh they are (see Health.sources); those that are gone are told no more."""
        self._source_age.clear()
        self._source_failing.clear()
        for name, source in sources.items():
            age = source["age_s"]
            self._source_age.labels(name).set(float("nan") if age is None else age)
            self._source_failing.labels(name).set(bool(source["failing"]))

    def healthy(self, check: str, *, passes: bool) -> None:
        self._healthy.labels(check).set(passes)

    def exposition(self) -> bytes:
        """Everything, in the Prometheus text format."""
        return generate_latest(self.registry)
