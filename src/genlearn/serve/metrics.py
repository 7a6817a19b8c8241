"""What a monitor reads: how many requests there were and what became of them, how long they took,
and in which batches they were asked, in the text format of Prometheus."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


class Metrics:
    """Of one server."""

    def __init__(self) -> None:
        self._registry = own = CollectorRegistry()
        told = ["question", "status"]
        self._requests = Counter("genlearn_requests", "Requests.", told, registry=own)
        self._seconds = Histogram(
            "genlearn_request_seconds",
            "From a request to its answer.",
            ["question"],
            buckets=_SECONDS,
            registry=own,
        )
        self._batch = Histogram(
            "genlearn_batch_requests",
            "Requests that were asked together.",
            buckets=_SIZES,
            registry=own,
        )
        self._examples = Counter("genlearn_examples", "Examples answered.", registry=own)
        self._working = Counter(
            "genlearn_model_seconds", "Time in which the model worked.", registry=own
        )
        self._waiting = Gauge("genlearn_waiting_examples", "Examples that wait.", registry=own)

    def answered(self, question: str, status: int, seconds: float) -> None:
        """One request."""
        self._requests.labels(question, str(status)).inc()
        self._seconds.labels(question).observe(seconds)

    def worked(self, requests: int, examples: int, seconds: float) -> None:
        """One batch."""
        self._batch.observe(requests)
        self._examples.inc(examples)
        self._working.inc(seconds)

    def text(self, waiting: int) -> bytes:
        """All of it, where so many examples wait now."""
        self._waiting.set(waiting)
        return generate_latest(self._registry)
