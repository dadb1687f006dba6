"""Everything around the phones of a story: the gateway, the SMSC and the billing, each from outside."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from simulator.billing_desk import DEFAULT_BILLING_URL, BillingDesk
from simulator.call import Answer, Message
from simulator.deployment import Access, Deployment
from simulator.network import DEFAULT_CONTROL_URL, Network


@dataclass(frozen=True, slots=True)
class World:
    """What a handset, a dialogue or a page is joined to. Nothing is asked before it is needed."""

    deployment: Deployment
    network: Network
    billing: BillingDesk

    def send(self, message: Message) -> Answer:
        """Let a USSD gateway say this, over HTTP or over SMPP, and give back what it hears."""
        return self.network.ussd(message) if message.by_smsc else self.deployment.send(message)

    def abandon(self, message: Message) -> None:
        """The same, without waiting for what it hears."""
        if message.by_smsc:
            self.network.abandon(message)
        else:
            self.deployment.abandon(message)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where it all is."""

    access: Access
    control_url: str = DEFAULT_CONTROL_URL
    billing_url: str = DEFAULT_BILLING_URL


@contextmanager
def joined(addresses: Addresses) -> Iterator[World]:
    """The world at these addresses."""
    with (
        Deployment(addresses.access) as deployment,
        Network(addresses.control_url) as network,
        BillingDesk(addresses.billing_url) as billing,
    ):
        yield World(deployment, network, billing)
