"""A deploy that dies at the moment YARDSTICK_KILL_AT names, so that a test can see what the next one makes of it.

Moments: apply:NNNN (that migration is committed and not yet marked), rollback:NNNN, loader (half the files are
loaded), jobs (everything is loaded, no job is registered), end.
"""

import os
import signal


def here(moment: str) -> None:
    if os.environ.get("YARDSTICK_KILL_AT") == moment:
        os.kill(os.getpid(), signal.SIGKILL)
