"""Whom connections trust: one TLS context for the whole process.

Making one reads the list of all authorities, which costs a third of a short story and some memory each time.
"""

import ssl
from functools import cache

import httpx


@cache
def context() -> ssl.SSLContext:
    """Return the context that every client shares."""
    return httpx.create_ssl_context()
