"""Who may bind, and what was sold to each: so many binds, so many submits on their way, so many in a second.

`system_id:password`, and after a question mark the limits, as an operator's form has them:
`bolshe:secret?binds=2&window=10&tps=50&bind=transceiver`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from gateway.smpp.pdu.messages import BindMode
from simulator.errors import SimulatorError

MODES: Mapping[str, BindMode] = {mode.name.lower(): mode for mode in BindMode}
Limit = Annotated[int, Field(ge=0, le=10_000)]


@dataclass(frozen=True, slots=True)
class Account:
    """One account. 0 is no limit, and no mode is any."""

    password: str
    binds: Limit = 0
    window: Limit = 0
    tps: Limit = 0
    bind: Literal["receiver", "transmitter", "transceiver"] | None = None

    def allows(self, mode: BindMode) -> bool:
        """Whether it may bind so."""
        return self.bind is None or MODES[self.bind] is mode


ANYBODY = Account("")
"""What whoever binds may do where no account is named."""
_ACCOUNT = TypeAdapter(Account)
_LIMITS = ("binds", "window", "tps", "bind")


def parse(written: Sequence[str]) -> Mapping[str, Account]:
    """Accounts as the command line has them. None at all means that anybody may bind."""
    accounts = {}
    for account in written:
        name, _, query = account.partition("?")
        system_id, colon, password = name.partition(":")
        if not system_id or not colon:
            raise SimulatorError("an account is written system_id:password, for instance --account bolshe:secret")
        accounts[system_id] = _account(system_id, password, query)
    return accounts


def _account(system_id: str, password: str, query: str) -> Account:
    said: dict[str, Any] = {"password": password}
    for item in filter(None, query.split("&")):
        name, _, value = item.partition("=")
        if name not in _LIMITS:
            raise SimulatorError(f"account {system_id}: there is no {name}; limits are {', '.join(_LIMITS)}")
        said[name] = value
    try:
        return _ACCOUNT.validate_python(said)
    except ValidationError as error:
        fault = error.errors()[0]
        raise SimulatorError(f"account {system_id}: {fault['loc'][0]}: {fault['msg']}") from None
