"""All metrics of all stages, in one list, in the order of the path of a message.

A stage serves its own on `--metrics-port`, beside `/healthz` and `/readyz`.
"""

from prometheus_client import Counter, Gauge, Histogram

READY = Gauge("hullwatch_ready", "1 while the stage is at work on its input, or stands by")
WAITS_FOR = Gauge("hullwatch_waits_for", "1 while it waits for what is missing", ["need"])
BEGAN_AGAIN = Counter("hullwatch_began_again", "Times that it began again as Kafka went away", ["reason"])
LAG_RECORDS = Gauge("hullwatch_lag_records", "Records that are there and not applied", ["topic", "partition"])
APPLIED_OFFSET = Gauge("hullwatch_applied_offset", "Everything before it is applied", ["topic", "partition"])
LOADED_SECONDS = Gauge("hullwatch_loaded_seconds", "How long loading its partitions took, the last time")

FEED_LINES = Counter("hullwatch_feed_lines", "Lines read", ["feed"])
FEED_REJECTED = Counter("hullwatch_feed_rejected", "Lines that are no sentence, by reason", ["feed", "reason"])
FEED_SENTENCES = Counter("hullwatch_feed_sentences", "Whole sentences written to Kafka", ["feed"])
FEED_REACHED_SECONDS = Gauge("hullwatch_feed_reached_seconds", "Event time of the last time record", ["feed"])
FEED_CONNECTED = Gauge("hullwatch_feed_connected", "1 while the input is open", ["feed"])

INGEST_SENTENCES = Counter(
    "hullwatch_ingest_sentences", "Sentences taken, by what became of them; duplicates of watched hulls", ["outcome"]
)
INGEST_REJECTED = Counter("hullwatch_ingest_rejected", "Sentences that could not be used, by reason", ["reason"])
INGEST_REPORTS = Counter("hullwatch_ingest_reports", "Reports of watched hulls written")
INGEST_ANOTHER_IMO = Counter("hullwatch_ingest_another_imo", "Reports of another ship under a watched hull's number")
INGEST_TICK_SECONDS = Gauge("hullwatch_ingest_tick_seconds", "Event time of the last prompt tick", ["partition"])

CLOCK_SECONDS = Gauge("hullwatch_clock_seconds", "End of the last closed interval, event time")
CLOCK_INTERVALS = Counter("hullwatch_clock_intervals", "Records of closed intervals written")
CLOCK_REJECTED = Counter("hullwatch_clock_rejected", "Records of the clock's log that could not be read")
CLOCK_REPEATS = Counter("hullwatch_clock_repeats", "Records that it had before, and skipped")
CLOCK_ALERTS = Counter("hullwatch_clock_alerts", "Alerts about ourselves", ["rule", "event"])

DETECT_RECORDS = Counter("hullwatch_detect_records", "Records of ais.reports taken", ["kind"])
DETECT_REPEATS = Counter("hullwatch_detect_repeats", "Records read again; memories skip what they have applied")
DETECT_ALERTS = Counter("hullwatch_detect_alerts", "Alerts published, repeats included", ["rule", "event"])
DETECT_LIMIT_MINUTES = Gauge("hullwatch_detect_limit_minutes", "Witnessed time that makes a ship under way dark, now")
DETECT_LEARNED = Gauge("hullwatch_detect_learned_silences", "Silences from which that was learned, beside the version")
DETECT_FOREIGN = Counter("hullwatch_detect_foreign", "Changelog records that another worker wrote meanwhile")
DETECT_REPAIRED = Counter("hullwatch_detect_repaired", "Memories written again over an older value")

DISPATCH_SENT = Counter("hullwatch_dispatch_sent", "Messages that a destination took", ["destination"])
DISPATCH_DELAYED = Counter("hullwatch_dispatch_delayed", "Messages to be tried again", ["destination", "reason"])
DISPATCH_NOT_SENT = Counter("hullwatch_dispatch_not_sent", "Messages not sent, by reason", ["destination", "reason"])
DISPATCH_SESSIONS_OVER = Counter("hullwatch_dispatch_sessions_over", "Sessions that had to begin again", ["reason"])
DISPATCH_TOOK_SECONDS = Histogram(
    "hullwatch_dispatch_took_seconds",
    "From the alert's record in Kafka to the destination's yes",
    ["destination"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600),
)

VERSIONS_UNREADABLE = Counter("hullwatch_versions_unreadable", "Records of ais.versions that are nobody's version")

DASHBOARD_LISTENERS = Gauge("hullwatch_dashboard_listeners", "Pages that are open now")
DASHBOARD_UNREADABLE = Counter("hullwatch_dashboard_unreadable", "Records that could not be read", ["topic"])
