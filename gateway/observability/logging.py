"""One structured line an event, as JSON on standard error. Numbers come masked; texts and secrets never come."""

import logging
import sys
from typing import Any, BinaryIO

import orjson
import structlog

from gateway.log_events import LogEvent


def logger_to(output: BinaryIO) -> Any:
    """A logger that writes a JSON object a line."""
    return structlog.wrap_logger(
        structlog.BytesLogger(output),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(serializer=orjson.dumps),
        ],
        cache_logger_on_first_use=True,
    ).bind()


_log: Any = logger_to(sys.stderr.buffer)


def configure(output: BinaryIO) -> None:
    """Write to `output` from now on, and quieten the libraries' own lines."""
    global _log
    _log = logger_to(output)
    # The server's own lines name clients and paths; what matters of them is in ours.
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "asyncio", "alembic"):
        logging.getLogger(name).setLevel(logging.CRITICAL if name == "uvicorn.access" else logging.WARNING)


def info(event: LogEvent, **fields: object) -> None:
    """Something that happened as it should."""
    _log.info(event.value, **fields)


def warning(event: LogEvent, **fields: object) -> None:
    """Something outside went wrong and was answered politely."""
    _log.warning(event.value, **fields)


def error(event: LogEvent, failure: BaseException) -> None:
    """A bug of ours, with its traceback's places but none of its values."""
    places = []
    trace = failure.__traceback__
    while trace is not None:
        places.append(f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}")
        trace = trace.tb_next
    _log.error(event.value, error=type(failure).__name__, places=places[-8:])
