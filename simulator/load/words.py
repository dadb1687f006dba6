"""Numbers in words, the same on the terminal and in the report."""

MEGABYTE = 1_000_000


def time_of(seconds: float) -> str:
    """`0.8 ms`, `42 ms`, `1.25 s`, `12.5 s`."""
    if seconds >= 1:
        return f"{seconds:.3g} s"
    milliseconds = 1000 * seconds
    return f"{milliseconds:.0f} ms" if milliseconds >= 10 else f"{milliseconds:.1f} ms"


def clock_of(seconds: float) -> str:
    """`5:00`, `1:05:00`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def counted(count: float) -> str:
    """`12,345`."""
    return f"{count:,.0f}"


def rate_of(rate: float) -> str:
    """`50`, `0.25`, `12.5`: of anything a second."""
    return f"{rate:.0f}" if rate >= 100 or rate == round(rate) else f"{rate:.3g}"


def share_of(share: float) -> str:
    """`99.95%`; only what is whole is `100%`."""
    return "100%" if share == 1 else f"{min(100 * share, 99.99):.2f}%"


def memory_of(octets: int) -> str:
    """`63 MB`."""
    return f"{octets / MEGABYTE:.0f} MB"
