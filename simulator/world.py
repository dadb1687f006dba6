"""Everything around the phones of a story: the gateway, the SMSC and the billing, each from outside."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from simulator.billing_desk import DEFAULT_BILLING_URL, BillingDesk
from simulator.deployment import Access, Deployment
from simulator.network import DEFAULT_CONTROL_URL, Network


@dataclass(frozen=True, slots=True)
class World:
    """What a handset, a dialogue or a page is joined to. Nothing is asked before it is needed."""

    deployment: Deployment
    network: Network
    billing: BillingDesk


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
