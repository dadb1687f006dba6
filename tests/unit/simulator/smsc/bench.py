"""An SMSC on the bench: connections without sockets, and a clock that the test moves."""

from gateway.smpp.pdu import codec
from gateway.smpp.pdu.framing import Framer
from gateway.smpp.pdu.messages import Address, Bind, BindMode, BindResp, DeliverSm, Pdu, SubmitSm, SubmitSmResp
from simulator.smsc.accounts import Account
from simulator.smsc.centre import Centre
from simulator.smsc.faults import Orders
from simulator.smsc.session import Session

PHONE, SHORT = Address("79210000001", 1, 1), Address("6111", 3, 0)
NOON = 1_800_000_000.0


class Bench:
    """A centre with connections, and a clock."""

    def __init__(self, accounts: dict[str, Account] | None = None) -> None:
        self.centre = Centre(accounts or {})
        self.now = NOON
        self._framers: dict[Session, Framer] = {}

    def connect(self, mode: BindMode | None = BindMode.TRANSCEIVER, system_id: str = "esme") -> Session:
        session = self.centre.open(self.now)
        self._framers[session] = Framer()
        if mode is not None:
            self.send(session, Bind(1, mode, system_id, "pass"))
            assert self.got(session) == [BindResp(1, mode, 0, "simulator")]
        return session

    def send(self, session: Session, *pdus: Pdu) -> None:
        self.centre.receive(session, b"".join(codec.encode(pdu) for pdu in pdus), self.now)

    def got(self, session: Session) -> list[Pdu]:
        return [codec.decode(frame) for frame in self._framers[session].feed(self.centre.outgoing(session))]

    def delivered(self, session: Session) -> list[DeliverSm]:
        return [pdu for pdu in self.got(session) if isinstance(pdu, DeliverSm)]

    def wait(self, seconds: float) -> None:
        """Let time pass as the server does: from one due moment to the next."""
        end = self.now + seconds
        while (due := self.centre.due()) is not None and due <= end:
            assert due > self.now - 1, "time alone must change something, or the server would spin"
            self.now = max(self.now, due)
            self.centre.advance(self.now)
        self.now = end

    def order(self, **orders: object) -> None:
        self.centre.order(Orders.model_validate(orders), self.now)

    def texts(self) -> list[str]:
        return [text.text for text in self.centre.inbox.texts()]


def submit(sequence: int, text: bytes = b"hi", registered_delivery: int = 0) -> SubmitSm:
    return SubmitSm(sequence, SHORT, PHONE, text, registered_delivery=registered_delivery)


def statuses(pdus: list[Pdu]) -> list[int]:
    return [pdu.status for pdu in pdus if isinstance(pdu, SubmitSmResp)]
