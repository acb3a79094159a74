"""`python leashed.py PARENT COMMAND...` becomes the command, which Linux kills when the parent is killed.

Who is told to stop stops what it has started; who is killed (`kill -9`) cannot.  Set here, between fork and exec of
another program, and not in a `preexec_fn`, which must not run where there are threads.  Elsewhere than on Linux the
command is simply run.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence

_PR_SET_PDEATHSIG = 1
"""prctl(2).  The parent is the thread that starts the command: it must live as long as the command shall."""


def leashed(command: Sequence[str]) -> list[str]:
    """The command that runs the given one no longer than this process lives; it keeps its process id."""
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), *command]


def _main(parent: int, command: Sequence[str]) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            sys.exit("the parent was killed before its command began")
    os.execvp(command[0], list(command))


if __name__ == "__main__":
    _main(int(sys.argv[1]), sys.argv[2:])
