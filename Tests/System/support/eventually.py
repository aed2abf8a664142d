"""Waiting for an event, never for a time."""

import time


def eventually(check, within: float = 5, pause: float = 0.02):
    """Calls `check` until it returns something true and returns that; fails after `within` seconds.

    It asks again after `pause` seconds. An AssertionError or OSError in `check` counts as not yet; the last one is
    shown on failure.
    """
    deadline = time.monotonic() + within
    while True:
        problem = None
        try:
            result = check()
            if result:
                return result
        except (AssertionError, OSError) as error:
            problem = error
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within} s; last: {problem or result!r}") from problem
        time.sleep(pause)
