"""What the demo shows in the terminal: each alert as it fires, each delivery, and where in the story we are."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.text import Text

from alerts.core.alert import Alert, Severity
from alerts.core.instants import Instant, rfc3339
from alerts.delivery.messages import plain
from streams.demo.receivers import revision_of

_STYLES = {
    Severity.INFO: "white",
    Severity.CAUTION: "cyan",
    Severity.WARNING: "yellow",
    Severity.CRITICAL: "bold red",
}


class Shown:
    """A console with a bar at its foot where that is a terminal; elsewhere plain lines."""

    def __init__(self, console: Console, progress: Progress, task: TaskID) -> None:
        self._console, self._progress, self._task = console, progress, task
        self._shown: set[str] = set()
        self.alerts = 0
        self._held: list[tuple[str, str]] = []

    def line(self, text: str, style: str = "") -> None:
        """One line as it is: what came over the air is no markup."""
        self._console.print(Text(text, style=style), soft_wrap=True)

    def alert(self, alert: Alert) -> None:
        """One line, and under it the deliveries that were quicker than we are."""
        head = f"{rfc3339(alert.happened_at)}  {alert.severity.upper():8}  {alert.rule:15} {alert.event:9}"
        self.line(f"{head} {plain(alert.summary, 500)}", _STYLES[alert.severity])
        self.alerts += 1
        revision = revision_of(alert.id, alert.revision)
        self._shown.add(revision)
        held, self._held = self._held, []
        for of, text in held:
            self._under(of, text)

    def delivered(self, way: str, revision: str, what: str) -> None:
        """One line, not before that of its alert."""
        self._under(revision, f"{'':22}{way}: {what}")

    def _under(self, revision: str, text: str) -> None:
        if revision in self._shown or not revision:
            self.line(text, "bright_black")
        else:
            self._held.append((revision, text))

    def reached(self, at: Instant, scene: str, done_s: float) -> None:
        """Moves the bar."""
        self._progress.update(self._task, completed=done_s, description=f"{rfc3339(at)}  {scene}")


@contextmanager
def shown(lasts_s: float) -> Iterator[Shown]:
    """A `Shown` whose bar is full after so many seconds of the story."""
    console = Console()
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        yield Shown(console, progress, progress.add_task("starting", total=lasts_s))
