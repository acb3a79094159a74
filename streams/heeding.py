"""A stage that is told to stop while it starts must stop.

A cancellation can get lost inside a library (seen with redis-py 8.1 while it first connects); the task still knows
that it was cancelled, so loops ask it.
"""

import asyncio


def heed_cancellation() -> None:
    """Raises CancelledError in a task that was cancelled and goes on nevertheless."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
