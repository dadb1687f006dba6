"""Whether this process can serve: every check by name, run together, each with a limit of its own."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

CHECK_TIMEOUT_S = 2.0

Check = Callable[[], Awaitable[str]]
"""Answers `ok`, or what is wrong in a few words; may raise."""


@dataclass(frozen=True, slots=True)
class Health:
    """The checks of a process, and facts that an operator should see beside them."""

    checks: Mapping[str, Check]
    facts: Callable[[], Mapping[str, str | bool]]

    async def ready(self) -> tuple[bool, dict[str, object]]:
        """Whether all is well, and the report."""
        answers = await asyncio.gather(*(_ask(check) for check in self.checks.values()))
        report = dict(zip(self.checks, answers, strict=True))
        is_ready = all(answer == "ok" for answer in answers)
        return is_ready, {"ready": is_ready, "checks": report, **self.facts()}


async def _ask(check: Check) -> str:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            return await check()
    except TimeoutError:
        return f"no answer within {CHECK_TIMEOUT_S:.0f} s"
    except Exception as error:
        # A check that fails in a new way is a failed check, not a failed page.
        return f"{type(error).__name__}: {error}"
