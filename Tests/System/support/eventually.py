"""Waiting for an event, never for a time."""

import http.client
import time

# Seconds after which something hangs. No test is about them: a machine that is five times slower, and does five other
# things, has been seen to take six for what takes half a second here.
PATIENCE = 30

# What a peer that is not yet so far makes of a check: an answer without the member that is asked for, half an answer.
NOT_YET = (AssertionError, OSError, LookupError, ValueError, http.client.HTTPException)


def eventually(check, within: float = PATIENCE, pause: float = 0.02):
    """Calls `check` until it returns something true and returns that; fails after `within` seconds.

    It asks again after `pause` seconds. A NOT_YET in `check` counts as such; the last one is shown on failure.
    """
    deadline = time.monotonic() + within
    while True:
        problem = None
        try:
            result = check()
            if result:
                return result
        except NOT_YET as error:
            problem = error
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within} s; last: {problem!r}" if problem else
                                 f"not within {within} s; last: {result!r}") from problem
        time.sleep(pause)
