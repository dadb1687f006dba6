"""How often orders that wait together reach each instant of their delivery at least."""

from gateway.crash import CrashPoint

ORDERS = 3
REACHED = {
    CrashPoint.ORDER_CLAIMED: ORDERS,
    CrashPoint.ORDER_CALLED: ORDERS,
    CrashPoint.ORDER_SETTLED: ORDERS,
}
