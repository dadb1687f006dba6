"""All links of one process, as `GATEWAY_SMPP` writes them or names their file, and which may stand side by side.

Decides that no account is written twice, that none stands under another's name by mere silence, and that whatever comes
in has a way out. Refuses to know what a link's settings mean.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from gateway.errors import ConfigurationError
from gateway.smpp import links_file, urls
from gateway.smpp.settings import LinkSettings, Written

LINKS_MAX = 64
"""Of one process: each is a socket, and a bind that an operator counts."""
NOTHING_SET: Mapping[str, str] = {}


def parse(text: str, environment: Mapping[str, str] = NOTHING_SET) -> tuple[LinkSettings, ...]:
    """The links of `GATEWAY_SMPP`, URLs or the path of a file; none when it is empty. `environment` has the passwords
    that a file names. Raises `ConfigurationError`."""
    written = links_file.read(text.strip(), environment) if links_file.is_path(text) else urls.read(text)
    links = tuple(link for each in written for link in each.links)
    if len(links) > LINKS_MAX:
        raise ConfigurationError(f"GATEWAY_SMPP: {len(links)} links; one process holds at most {LINKS_MAX}")
    _tell_apart(written)
    _answers_leave(links)
    _stand_ins_stand(links)
    return links


def smscs(text: str) -> tuple[str, ...]:
    """The SMSCs that have links, in the order in which they are written; by the first of them go messages that answer
    nothing. Asks for no password, since processes without links put such messages too. Raises `ConfigurationError`."""
    return tuple(links_file.smscs(text.strip())) if links_file.is_path(text) else _names(parse(text))


def silent(links: Sequence[LinkSettings]) -> tuple[str, ...]:
    """The SMSCs to which this process only sends, a warning each.

    No fault: some accounts are for sending alone, and another gateway may hold the receiver. But most who write it have
    forgotten the receiver, and would wait for texts and receipts in vain.
    """
    return tuple(
        f"GATEWAY_SMPP: no link of smsc={smsc} receives: no texts come by it, and no receipts to this process; "
        "bind=pair, or a link with bind=receiver and the same smsc=, would take them"
        for smsc in _names(links)
        if not any(link.bind.receives for link in links if link.smsc == smsc)
    )


def _tell_apart(written: Sequence[Written]) -> None:
    """No account twice, and none under another's name by mere silence: a receipt would be looked for among the other's
    messages. A transmitter and a receiver of one account go together, under its one name; hosts of one operator may
    share a name, where that is said."""
    for one, other in combinations(written, 2):
        name, others = one.links[0].smsc, other.links[0].smsc
        same = one.account == other.account
        if same and one.modes & other.modes:
            raise ConfigurationError(f"{other.where}: is {one.name} again: write one link, for two binds with binds=2")
        if same and name != others:
            raise ConfigurationError(
                f"{other.where}: is the account of {one.name} under another name: write smsc={name} in both, since "
                "what one sends the other hears about"
            )
        if not same and name == others and not (one.names_smsc and other.names_smsc):
            raise ConfigurationError(
                f"{other.where}: is another account than {one.name}, and {name} is the name of both by default: write "
                "smsc= in each, the same name for hosts of one operator's account, else names of their own"
            )


def _answers_leave(links: Sequence[LinkSettings]) -> None:
    """Whatever is texted is answered, so that each SMSC by which texts come has a link by which answers go. An error,
    also where another process has such a link: an answer would wait for it however long that one is away."""
    for smsc in _names(links):
        if not any(link.bind.submits for link in links if link.smsc == smsc):
            raise ConfigurationError(
                f"GATEWAY_SMPP: every link of smsc={smsc} is a receiver, so no answer could ever leave: write "
                "bind=pair in its place, or add a link with bind=transmitter and the same smsc="
            )


def _stand_ins_stand(links: Sequence[LinkSettings]) -> None:
    """Whoever stands in for an SMSC sees its links: whether they are bound is known of this process's alone."""
    names = _names(links)
    for link in links:
        if link.stands_in_for == link.smsc or (link.stands_in_for and link.stands_in_for not in names):
            others = ", ".join(name for name in names if name != link.smsc) or "none beside its own"
            raise ConfigurationError(
                f"GATEWAY_SMPP: smsc={link.smsc} stands in for {link.stands_in_for}, which is no other SMSC of this "
                f"process; there is {others}: each process that stands in has links to both"
            )


def _names(links: Iterable[LinkSettings]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(link.smsc for link in links))
