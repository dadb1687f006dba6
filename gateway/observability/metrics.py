"""The counters that `/metrics` shows. Labels are closed sets: no number, no session, no text."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Waits(Protocol):
    """Whatever has a queue."""

    @property
    def waiting(self) -> int:
        """How many calls wait now."""
        ...


class Metrics:
    """One registry a process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)  # memory, CPU, open files, where the system tells them
        self._hops = Counter(
            "ussd_hops", "Hops by dialect and how they were answered", ["dialect", "how"], registry=self.registry
        )
        self._hop_seconds = Histogram(
            "ussd_hop_seconds",
            "From a hop's arrival to its answer",
            ["dialect"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self._calls = Counter("action_calls", "Actions by outcome", ["action", "outcome"], registry=self.registry)
        self._events = Counter("events", "Events in by outcome", ["outcome"], registry=self.registry)
        self._texts = Counter("sms_texts", "Texts by what they were taken as", ["said"], registry=self.registry)
        self._text_seconds = Histogram(
            "sms_text_seconds",
            "From a text's arrival to its answer to the SMSC",
            buckets=SECONDS,
            registry=self.registry,
        )
        self._messages = Counter("sms_messages", "Messages by where they came to", ["state"], registry=self.registry)
        self._pushes = Counter("ussd_pushes", "Pushes by where they came to", ["state"], registry=self.registry)
        self._receipts = Counter("sms_receipts", "Receipts by what became of them", ["how"], registry=self.registry)
        self._outbox = Gauge("sms_outbox", "Messages that are not over", ["state", "lane"], registry=self.registry)
        self._calls_out = Counter(
            "order_calls", "Calls to deliver an order, by what came of them", ["verdict"], registry=self.registry
        )
        self._orders = Gauge("orders", "Orders that are not over", ["state"], registry=self.registry)
        self._job_runs = Counter("job_runs", "Runs of jobs by how they went", ["job", "how"], registry=self.registry)
        self._job_age = Gauge(
            "job_success_age_seconds", "Since a job last went well, in any process", ["job"], registry=self.registry
        )
        self._links = Gauge("smpp_link_bound", "Whether a link is bound", ["link"], registry=self.registry)
        self._tracks = Counter(
            "store_tracks", "Connections to PostgreSQL lost and made", ["what"], registry=self.registry
        )
        self._waiting = Gauge("batch_waiting", "Calls that wait for a flight", ["batch"], registry=self.registry)

        self._pack_reloads = Counter(
            "pack_reloads", "Changes of the pack's files, by how they stand since", ["standing"], registry=self.registry
        )
        self._pack_not_served = Gauge(
            "pack_files_not_served",
            "Whether the pack's files are another version than is served",
            ["why"],
            registry=self.registry,
        )

        self._late_results = Counter(
            "ussd_late_results",
            "Actions that outlasted their hop: their result was promised by SMS, told, or given up",
            ["how"],
            registry=self.registry,
        )

        # Finding a child by its labels costs more than counting: each hot one is looked up once.
        self._hop_count = cache(self._hops.labels)
        self._text_count = cache(self._texts.labels)
        self._message_count = cache(self._messages.labels)
        self._receipt_count = cache(self._receipts.labels)
        self._hop_timer = cache(self._hop_seconds.labels)
        self._call_count = cache(lambda call: self._calls.labels(*call.split(":")))

    def hop(self, dialect: str, how: str, seconds: float) -> None:
        """A hop was answered."""
        self._hop_count(dialect, how).inc()
        self._hop_timer(dialect).observe(seconds)

    def call(self, action_and_outcome: str) -> None:
        """An action answered; `balance:blocked`."""
        self._call_count(action_and_outcome).inc()

    def event(self, outcome: str) -> None:
        """An event was taken or refused."""
        self._events.labels(outcome).inc()

    def sms_text(self, said: str, seconds: float) -> None:
        """A text was answered to its SMSC; `points:balance`, `same`, `robot`, `not_now`."""
        self._text_count(said).inc()
        self._text_seconds.observe(seconds)

    def message(self, state: str) -> None:
        """A message was sent, parked, failed, or is in doubt."""
        self._message_count(state).inc()

    def push(self, state: str) -> None:
        """A push was shown, refused, put off, or is in doubt."""
        self._pushes.labels(state).inc()

    def receipt(self, how: str) -> None:
        """A receipt was matched, held, ambiguous, or about a stranger."""
        self._receipt_count(how).inc()

    def outbox(self, counts: Mapping[tuple[str, str], int]) -> None:
        """What is not over, by state and lane."""
        self._outbox.clear()
        for (state, lane), count in counts.items():
            self._outbox.labels(state, lane).set(count)

    def order_call(self, verdict: str) -> None:
        """The adapter of an order answered: `delivered`, `refused`, `not_now`, `unknown`."""
        self._calls_out.labels(verdict).inc()

    def orders(self, counts: Mapping[str, int]) -> None:
        """What is not over, by state."""
        self._orders.clear()
        for state, count in counts.items():
            self._orders.labels(state).set(count)

    def job(self, job: str, how: str) -> None:
        """A job ran: `well` or `failed`."""
        self._job_runs.labels(job, how).inc()

    def job_age(self, job: str, seconds: float) -> None:
        """How long ago a job last went well."""
        self._job_age.labels(job).set(seconds)

    def link(self, link: str, bound: Callable[[], bool]) -> None:
        """Show whether this link is bound."""
        self._links.labels(link).set_function(bound)

    def track(self, what: str) -> None:
        """A connection to the store was `lost` or is `ready`."""
        self._tracks.labels(what).inc()

    def pack_reload(self, standing: str) -> None:
        """The pack's files changed, and are `served`, `faulty`, or `waits` for the next start."""
        self._pack_reloads.labels(standing).inc()

    def pack_standing(self, standing: str) -> None:
        """How the pack's files stand now."""
        for why in ("faulty", "waits"):
            self._pack_not_served.labels(why).set(why == standing)

    def late_result(self, how: str) -> None:
        """An action outlasted its hop: `promised`, then `told` or `given_up`."""
        self._late_results.labels(how).inc()

    def watch(self, name: str, batch: Waits) -> None:
        """Show how many calls wait for this batch."""
        self._waiting.labels(name).set_function(lambda: batch.waiting)

    def text(self) -> tuple[bytes, str]:
        """The exposition and its content type."""
        return generate_latest(self.registry), CONTENT_TYPE_LATEST
