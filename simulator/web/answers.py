"""How the page's API answers: what went wrong is a sentence, whatever it was."""

from collections.abc import Awaitable, Callable

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse

from simulator.errors import SimulatorError
from simulator.web.bench import NoSuchPhoneError

Handler = Callable[[Request], Awaitable[JSONResponse]]


def spoken(handler: Handler) -> Handler:
    """The same, with errors as sentences."""

    async def endpoint(request: Request) -> JSONResponse:
        try:
            return await handler(request)
        except ValidationError as error:
            faults = [f"{'.'.join(map(str, fault['loc'])) or 'body'}: {fault['msg']}" for fault in error.errors()]
            return JSONResponse({"detail": "; ".join(faults)}, 422)
        except NoSuchPhoneError as error:
            return JSONResponse({"detail": str(error)}, 404)
        except SimulatorError as error:
            return JSONResponse({"trouble": str(error)})

    return endpoint
