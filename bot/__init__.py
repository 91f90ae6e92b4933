"""bln-bot: keeps the thread of a Blended Learning Network between its meetings."""

import os

# PTB gives waiting times in seconds and warns of it; timedelta is the form that stays. Read when PTB is imported.
os.environ.setdefault("PTB_TIMEDELTA", "true")
