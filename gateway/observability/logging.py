"""One structured line an event, as JSON on standard error. Numbers come masked; texts and secrets never come."""

import logging
import sys
from typing import Any, BinaryIO

import orjson
import structlog

from gateway.log_events import LogEvent


def configure(output: BinaryIO = sys.stderr.buffer) -> None:
    """Write every line to `output`, whatever its level: what is logged here is meant to be read."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.dict_tracebacks,
            structlog.processors.JSONRenderer(serializer=orjson.dumps),
        ],
        logger_factory=structlog.BytesLoggerFactory(file=output),
        cache_logger_on_first_use=True,
    )
    # The server's own lines name clients and paths; what matters of them is in ours.
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "asyncio", "alembic"):
        logging.getLogger(name).setLevel(logging.CRITICAL if name == "uvicorn.access" else logging.WARNING)


_log: Any = structlog.get_logger()


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
