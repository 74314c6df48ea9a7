"""Entry point of `python -m bot` and of the installed command `atelier`."""

import os
import signal
import sys

if __name__ == "__main__":
    # Loading takes a while; until the command is known, being told to stop ends with 0, as nothing has begun.
    signal.signal(signal.SIGTERM, lambda number, frame: os._exit(0))
    from bot.cli import main

    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    sys.exit(main())
