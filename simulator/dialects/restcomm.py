"""RestComm's USSD gateway, the network's side: an XML `<dialog>` with the newest input, and one back.

Played as its sources do it, where they differ from its manual: the subscriber's answers are numbered from 0 by the
gateway itself, whatever `invokeId` the application gave; a later request does not name the subscriber again; and the
cookie of an answer goes with the next request. The phone numbers its dial in a row of its own. An application that
fails hears nothing more, nor does one that ended the session.
"""

from collections.abc import Callable
from dataclasses import dataclass
from http.cookies import SimpleCookie
from xml.etree.ElementTree import Element, SubElement, tostring

from gateway.text.segments import Encoding, measure
from gateway.ussd.message import HopIdentity, Profile
from simulator.call import Answer, Call, Closed, Closing, Message
from simulator.errors import HopFailedError
from simulator.reading import document, screen, start

PATH = "/ussd/restcomm"
XML = "text/xml"
DIAL_INVOKE_ID = "-3"
"""The phone's own: none that the gateway would come to by counting."""
GSM7, UCS2 = "15", "72"

PROFILE = Profile(hop_identity=HopIdentity.SEQUENCE)


@dataclass(frozen=True, slots=True)
class Restcomm:
    """The dialect, as a value. A session's id is both ends of its TCAP dialog."""

    name: str = "restcomm"
    profile: Profile = PROFILE

    def new_session_id(self, draw: Callable[[int], int]) -> str:
        return f"{draw(31)} {draw(32)}"

    def hop(self, call: Call) -> Message:
        if call.inputs:
            dialog = _dialog(call, "Continue", mapMessagesSize="1")
            invoke_id = str(call.hops - 1)
            SubElement(dialog, "unstructuredSSRequest_Response", _said(invoke_id, call.newest))
        else:
            dialog = _dialog(call, "Begin", mapMessagesSize="1")
            message = SubElement(dialog, "processUnstructuredSSRequest_Request", _said(DIAL_INVOKE_ID, call.newest))
            number = call.msisdn.removeprefix("+")
            SubElement(message, "msisdn", {"number": number, "nai": "international_number", "npi": "ISDN"})
        return _message(call, dialog)

    def read(self, answer: Answer) -> tuple[str, bool]:
        dialog = document(answer)
        for name, ends in (("unstructuredSSRequest_Request", False), ("processUnstructuredSSRequest_Response", True)):
            message = dialog.find(name)
            if message is not None:
                _check_end(dialog, message, ends=ends)
                return _text(message), ends
        raise HopFailedError(f"the answer has no message for the phone: {start(answer)}")

    def closed(self, closed: Closed) -> Message | None:
        match closed.how:
            case Closing.BY_SUBSCRIBER:
                reason = {"mapUserAbortChoice": "isUserSpecificReason"}
            case Closing.BY_SILENCE:
                reason = {"invokeTimedOut": str(closed.call.hops - 1)}
            case Closing.BY_APPLICATION | Closing.BY_FAILURE:
                return None
        return _message(closed.call, _dialog(closed.call, "Abort", mapMessagesSize="0", **reason))


def _dialog(call: Call, kind: str, **attributes: str) -> Element:
    local_id, remote_id = call.session_id.split(" ")
    standing = {
        "type": kind,
        "appCntx": "networkUnstructuredSsContext_version2",
        "networkId": "0",
        "localId": local_id,
        "remoteId": remote_id,
    }
    dialog = Element("dialog", standing | attributes | {"returnMessageOnError": "false"})
    for name in ("localAddress", "remoteAddress"):
        SubElement(SubElement(dialog, name, {"pc": "1", "ssn": "147"}), "ai", {"value": "67"})
    return dialog


def _said(invoke_id: str, text: str) -> dict[str, str]:
    coding = GSM7 if measure(text).encoding is Encoding.GSM7 else UCS2
    return {"invokeId": invoke_id, "dataCodingScheme": coding, "string": text}


def _message(call: Call, dialog: Element) -> Message:
    headers = {"Accept": XML, "Content-Encoding": "utf-8"} | _cookies(call.last_answer)
    body = '<?xml version="1.0" encoding="UTF-8" ?>' + tostring(dialog, encoding="unicode")
    return Message("POST", PATH, XML, body, headers)


def _cookies(answer: Answer | None) -> dict[str, str]:
    jar = SimpleCookie(answer.headers.get("set-cookie", "") if answer is not None else "")
    return {"Cookie": "; ".join(f"{name}={cookie.value}" for name, cookie in jar.items())} if jar else {}


def _check_end(dialog: Element, message: Element, *, ends: bool) -> None:
    """The dialog ends with its last screen, in answer to the dial, and with no other."""
    wanted = "false" if ends else None
    if dialog.get("prearrangedEnd") != wanted:
        raise HopFailedError(f"prearrangedEnd is {dialog.get('prearrangedEnd')!r} with a {message.tag}, not {wanted!r}")
    if ends and message.get("invokeId") != DIAL_INVOKE_ID:
        raise HopFailedError(f"the last screen answers invokeId {message.get('invokeId')!r}, and the dial was another")


def _text(message: Element) -> str:
    """The screen, if the phone can show it as it is coded."""
    text, coding = screen(message.get("string"), "string"), message.get("dataCodingScheme")
    if coding not in {GSM7, UCS2}:
        raise HopFailedError(f"the answer's dataCodingScheme is {coding!r}, neither {GSM7} nor {UCS2}")
    if coding == GSM7 and measure(text).encoding is not Encoding.GSM7:
        raise HopFailedError(f"dataCodingScheme {GSM7} and letters that GSM 7-bit does not have: {text!r}")
    return text


DIALECT = Restcomm()
