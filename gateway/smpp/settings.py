"""A link to an SMSC, as whoever writes it down may say it: what, within which limits, and what it means.

Decides what an SMSC means by addresses and statuses. Refuses to know how links are written down (`urls`) and which may
stand side by side (`links`), and to read the files that a link names. Names of parameters are the names of
`LinkSettings`' fields, but for `verdict`, which is written `0x45:message_bad+0xFE:message_bad`, and for `binds`, which
makes as many links as it says; `bind=pair` makes each of those a transmitter and a receiver.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter, ValidationError, WithJsonSchema

from gateway.errors import ConfigurationError
from gateway.msisdn import REGIONS, Msisdn, canonical
from gateway.smpp import profiles
from gateway.smpp.choices import Concatenation, MessageIds, Receipts, UssdCoding, UssdDialect
from gateway.smpp.pdu import status as statuses
from gateway.smpp.pdu.coding import DefaultAlphabet
from gateway.smpp.pdu.fields import Text
from gateway.smpp.pdu.messages import Address, BindMode
from gateway.smpp.pdu.status import Status, Verdict

PORT = 2775
BINDS_MAX = 16
WINDOW_MAX = 1000
TPS_MAX = 10_000
SECONDS_MAX = 3600
SMSC_DEFAULT = "main"
SMSC = r"^[a-z0-9][a-z0-9_-]{0,31}$"
SMSC_OR_NONE = r"^([a-z0-9][a-z0-9_-]{0,31})?$"
PAIR = "pair"
"""In place of a mode: a transmitter and a receiver, as many of each as `binds` says."""

SHORT_NUMBER_DIGITS_MAX = 8
"""A longer source is a subscriber's number, however it is written."""
INTERNATIONAL = (1, 1)  # TON, NPI: international, E.164
NAME = (5, 0)  # alphanumeric


def _fits(text: Text) -> AfterValidator:
    """What a field of the bind has room for."""

    def check(value: str) -> str:
        if len(value) >= text.size or not (value.isascii() and value.isprintable()):
            raise ValueError(f"takes up to {text.size - 1} printable ASCII characters")
        return value

    return AfterValidator(check)


def _status(value: object) -> object:
    """A status by its number or its name: `100`, `0x64`, `RX_T_APPN`, `ESME_RX_T_APPN`."""
    if not isinstance(value, str):
        return value
    name = value.strip().upper().removeprefix("ESME_")
    if name in Status.__members__:
        return Status[name].value
    try:
        return int(value, 0)
    except ValueError:
        raise ValueError("a status is a number such as 0x64, or a name such as RX_T_APPN") from None


def _keeps_the_message(status: int) -> int:
    if status == Status.RX_P_APPN:
        raise ValueError("0x65 stops everything to that number: take 0x64, or what the operator retries on")
    return status


def _verdicts(value: object) -> object:
    """`status:verdict+status:verdict`, or a mapping from one to the other."""
    if isinstance(value, Mapping):
        pairs = [(str(status), str(verdict)) for status, verdict in value.items()]
    elif isinstance(value, str):
        split = [item.partition(":") for item in value.split("+") if item]
        pairs = [(status, verdict) for status, _, verdict in split]
    else:
        return value
    if not all(verdict in list(Verdict) for _, verdict in pairs):
        raise ValueError(f"takes status:verdict+status:verdict, as 0x45:message_bad; verdicts are {', '.join(Verdict)}")
    return tuple((_status(status), Verdict(verdict)) for status, verdict in pairs)


def _receipts(value: object) -> object:
    """`all`, `failures`, `none`; and yes or no, of all."""
    match str(value).lower():
        case "yes" | "true" | "1":
            return Receipts.ALL
        case "no" | "false" | "0":
            return Receipts.NONE
        case word if word in list(Receipts):
            return Receipts(word)
        case _:
            return _wrong("takes all, failures or none")


def _bind_mode(value: object) -> object:
    if isinstance(value, str) and value.upper() in BindMode.__members__:
        return BindMode[value.upper()]
    return value if isinstance(value, BindMode) else _wrong("takes transceiver, transmitter, receiver or pair")


def _profile(value: str) -> str:
    if value:
        profiles.settings_of(value)
    return value


def _region(value: str) -> str:
    return value if value in REGIONS else _wrong("takes a country by two letters (ISO 3166), as KZ")


def _wrong(what: str) -> str:
    raise ValueError(what)


Octet = Annotated[int, Field(ge=0, le=255)]
Seconds = Annotated[float, Field(gt=0, le=SECONDS_MAX)]
StatusValue = Annotated[
    int,
    BeforeValidator(_status),
    Field(ge=1, le=0xFFFF_FFFF),
    WithJsonSchema(
        {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 0xFFFF_FFFF}, {"enum": [*Status.__members__]}]}
    ),
]


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """One link: where it leads, as whom it binds, and what the SMSC at its end expects. All times are seconds."""

    host: str
    system_id: Annotated[str, Field(min_length=1), _fits(Text.SYSTEM_ID)]
    password: Annotated[str, _fits(Text.PASSWORD)] = field(repr=False)
    port: Annotated[int, Field(ge=1, le=65_535)] = PORT
    tls: bool = False
    ca: str | None = None
    """A file of certificates (PEM) that sign the SMSC's; without it, those that the system trusts."""
    number: int = 1
    """Which of several binds that are written as one link."""

    profile: Annotated[str, AfterValidator(_profile)] = ""
    """A known SMSC, whose settings these begin with (`profiles`)."""
    smsc: Annotated[str, Field(pattern=SMSC)] = SMSC_DEFAULT
    """Links of one name are one account: a receipt, or a part of a text, may come by any of them."""
    stands_in_for: Annotated[str, Field(pattern=SMSC_OR_NONE)] = ""
    """Another SMSC, whose waiting messages these links take while none of its own has been bound for
    `stands_in_after_s`."""
    stands_in_after_s: Seconds = 60
    """Being bound all that time themselves. Longer than an SMSC takes to restart: what moved to another stays there."""
    bind: Annotated[BindMode, BeforeValidator(_bind_mode)] = BindMode.TRANSCEIVER
    system_type: Annotated[str, _fits(Text.SYSTEM_TYPE)] = ""
    address_range: Annotated[str, _fits(Text.ADDRESS_RANGE)] = ""
    address_range_ton: Octet = 0
    address_range_npi: Octet = 0
    region: Annotated[str, AfterValidator(_region)] | None = None
    """The country whose numbers come without a code; None: the gateway's."""

    window: Annotated[int, Field(ge=1, le=WINDOW_MAX)] = 50
    """Submits without an answer at one time. So many at most are in doubt when the link dies; five times what the
    careful send, since at 100 ms a round trip 10 would be 100 messages a second."""
    tps: Annotated[int, Field(ge=0, le=TPS_MAX)] = 0
    """Submits in a second; 0: as many as the SMSC takes without throttling."""

    source_ton: Octet = 3
    source_npi: Octet = 0
    """Of short numbers: network specific, as most operators write them. Names are 5/0 by themselves."""
    dest_ton: Octet = INTERNATIONAL[0]
    dest_npi: Octet = INTERNATIONAL[1]
    service_type: Annotated[str, _fits(Text.SERVICE_TYPE)] = ""
    priority_flag: Octet = 0
    protocol_id: Octet = 0
    receipts: Annotated[
        Receipts, BeforeValidator(_receipts), WithJsonSchema({"enum": [*Receipts, True, False], "default": "all"})
    ] = Receipts.ALL
    """With `failures` what was delivered stays `sent`."""
    intermediate: bool = False
    """Whether we are told too of what is tried again, to a phone that is off, where the SMSC can. No state changes."""
    message_ids: MessageIds = MessageIds.LEARNED
    """How this SMSC writes the id of one message in two places, where its form says so. Otherwise it is learned from
    the first receipt that can be read in one way only."""
    validity: bool = True
    """Whether each message says for how long it is worth having (validity_period); some SMSCs take their own only."""
    concatenation: Concatenation = Concatenation.UDH8
    """Headers of 8 bits: every SMSC and every phone knows them, and they leave the most room."""
    default_alphabet: DefaultAlphabet = DefaultAlphabet.GSM7

    ussd: UssdDialect | None = None
    """What is spoken where USSD comes by this link too; None: it does not."""
    ussd_data_coding: UssdCoding = UssdCoding.SMS
    ussd_source: Annotated[str, Field(pattern=r"^[*#0-9A-Za-z]{0,20}$")] = ""
    """Whom a screen comes from that is shown unasked; empty: the digits of the menu's first dial string."""

    not_now: Annotated[StatusValue, AfterValidator(_keeps_the_message)] = Status.RX_T_APPN.value
    """What tells this SMSC to keep a message and to send it again: SMPP 5.0 says 0x64, some retry on others only."""
    receive_pause_after_s: Seconds = 30
    """A store that is away longer than this: unbind and come back, rather than refuse message by message."""
    verdicts: Annotated[
        tuple[tuple[StatusValue, Verdict], ...], BeforeValidator(_verdicts), Field(alias="verdict")
    ] = ()
    """Where this SMSC means something else by a status."""

    bind_s: Seconds = 10
    """To connect and, again, to bind."""
    enquire_s: Annotated[float, Field(ge=0, le=SECONDS_MAX)] = 30
    """When nothing was heard for so long, ask. 0: never; then `silence_s` alone finds a dead SMSC. Firewalls forget
    idle connections after minutes, and so do SMSCs after one or two."""
    response_s: Seconds = 10
    """A request that is not answered within it: whoever is at the other end is dead, or too slow to be of use."""
    silence_s: Seconds = 90
    """No whole PDU for so long: the link is dead, whatever else it seems."""

    def verdict(self, status: int) -> Verdict:
        """What a status means on this link."""
        for overridden, verdict in self.verdicts:
            if overridden == status:
                return verdict
        return statuses.verdict(status)

    def source(self, sender: str) -> Address:
        """A short number, a name or a subscriber's number, as a source."""
        digits = sender.removeprefix("+")
        if not (digits.isascii() and digits.isdecimal()):
            return Address(sender, *NAME)
        if digits != sender or len(digits) > SHORT_NUMBER_DIGITS_MAX:
            return Address(digits, *INTERNATIONAL)
        return Address(digits, self.source_ton, self.source_npi)

    def destination(self, msisdn: str) -> Address:
        """A subscriber, as a destination."""
        return Address(msisdn.removeprefix("+"), self.dest_ton, self.dest_npi)

    def subscriber(self, address: Address, region: str) -> Msisdn:
        """The number of a subscriber as this SMSC writes it; `region` where the link names none. Raises
        `BadNumberError`."""
        digits = address.digits.strip().removeprefix("+")
        written = f"+{digits}" if address.ton == INTERNATIONAL[0] else address.digits
        return canonical(written, self.region or region)

    @property
    def told(self) -> str:
        """Every setting as a URL would write it, for people to compare with the operator's form; no password."""
        values = {each.name: getattr(self, each.name) for each in fields(self) if each.name not in _NOT_TOLD}
        return " ".join(f"{_NAMES.get(name, name)}={_told(name, value)}" for name, value in values.items())

    @property
    def registered_delivery(self) -> int:
        """For submit_sm (5.2.17): bits 1 and 0, and bit 4 for intermediate notifications."""
        return _RECEIPTS[self.receipts] | (_INTERMEDIATE if self.intermediate else 0)

    @property
    def shown(self) -> str:
        """For logs: `main bolshe@smsc.example:2775`, with its mode behind it unless messages go both ways, and `#2` for
        the second of several binds."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        number = f"#{self.number}" if self.number > 1 else ""
        return f"{self.smsc} {self.system_id}@{host}:{self.port}{self.one_way}{number}"

    @property
    def one_way(self) -> str:
        """` transmitter` or ` receiver`, to stand behind a link's name; nothing for a transceiver."""
        return "" if self.bind is BindMode.TRANSCEIVER else f" {self.bind.name.lower()}"


_RECEIPTS: Mapping[Receipts, int] = {Receipts.NONE: 0, Receipts.ALL: 1, Receipts.FAILURES: 2}
_INTERMEDIATE = 0x10

_NOT_TOLD = frozenset({"host", "port", "system_id", "password", "number"})
"""`shown` says them, but for the password, which nothing says."""


_NAMES = {"verdicts": "verdict"}
"""Of settings whose parameter has another name."""


def _told(name: str, value: object) -> str:
    match value:
        case int() if name == "not_now":
            return f"0x{value:02X}"
        case BindMode():
            return value.name.lower()
        case float():
            return f"{value:g}"
        case bool():
            return "yes" if value else "no"
        case None:
            return ""
        case tuple():
            return "+".join(f"0x{status:02X}:{verdict}" for status, verdict in value)
        case _:
            return str(value)


_LINK = TypeAdapter(LinkSettings)
_BINDS = TypeAdapter(Annotated[int, Field(ge=1, le=BINDS_MAX)])
_NOT_PARAMETERS = frozenset({"host", "port", "tls", "system_id", "password", "number", "verdicts"})
PARAMETERS = tuple(sorted({each.name for each in fields(LinkSettings)} - _NOT_PARAMETERS | {"binds", "verdict"}))


@dataclass(frozen=True, slots=True)
class Written:
    """What somebody wrote in one place: its links, and whether it says which account of which SMSC they are. `where`
    begins every error about it; others call it by its `name`."""

    name: str
    where: str
    links: tuple[LinkSettings, ...]
    names_smsc: bool

    @property
    def account(self) -> tuple[str, int, str]:
        """Whom an SMSC counts the binds of."""
        return self.links[0].host, self.links[0].port, self.links[0].system_id

    @property
    def modes(self) -> frozenset[BindMode]:
        """Which ways its links go."""
        return frozenset(link.bind for link in self.links)


def links_of(said: Mapping[str, object], where: str) -> tuple[LinkSettings, ...]:
    """As many links as `binds` says, or as many pairs; what is not said is as the profile has it. Raises
    `ConfigurationError`, which begins with `where`."""
    try:
        said = {**profiles.settings_of(str(said["profile"])), **said} if said.get("profile") else said
    except ValueError as error:
        raise ConfigurationError(f"{where}: profile: {error}") from None
    try:
        binds = _BINDS.validate_python(said.get("binds", "1"))
    except ValidationError as error:
        raise ConfigurationError(f"{where}: binds: {_sentence(error.errors()[0]['msg'])}") from None
    return tuple(_links({name: value for name, value in said.items() if name != "binds"}, binds, where))


def _links(said: Mapping[str, object], binds: int, where: str) -> Iterator[LinkSettings]:
    modes = (BindMode.TRANSMITTER, BindMode.RECEIVER) if said.get("bind") == PAIR else (said.get("bind"),)
    for number in range(1, binds + 1):
        for mode in modes:
            yield _link({**said, **({} if mode is None else {"bind": mode}), "number": number}, where)


def _link(said: Mapping[str, object], where: str) -> LinkSettings:
    try:
        link = _LINK.validate_python(said)
    except ValidationError as error:
        faults = "; ".join(f"{fault['loc'][0]}: {_sentence(fault['msg'])}" for fault in error.errors())
        raise ConfigurationError(f"{where}: {faults}") from None
    if link.enquire_s >= link.silence_s:
        raise ConfigurationError(f"{where}: silence_s is longer than enquire_s, or a quiet link would never be asked")
    if link.ussd is not None and link.bind is not BindMode.TRANSCEIVER:
        raise ConfigurationError(
            f"{where}: ussd: a screen goes back by the link by which it was dialled: a transceiver"
        )
    return link


def _sentence(message: str) -> str:
    return message.removeprefix("Value error, ").replace("Input should be", "must be")
