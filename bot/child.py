"""Beginning life as a process that computes for the bot: it ends with the bot, however that comes about.

A worker of `ProcessPoolExecutor` holds both ends of the pipe it listens to, so it would outlive a bot that was killed.
"""

import multiprocessing
import os
import signal
import threading
from multiprocessing.process import BaseProcess


def begin() -> None:
    """Leave Ctrl-C to the bot, and end when it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None, "called in the bot itself"
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(0)
