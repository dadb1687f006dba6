"""A demo has somebody to look at from the start, and the same ones after a second start."""

from simulator.deployment import Deployment
from simulator.dialects.africastalking import DIALECT
from simulator.handset import Handset


def dial(gateway: Deployment, msisdn: str, *answers: str) -> str:
    handset = Handset(msisdn, DIALECT, gateway.send)
    screen = handset.dial("*123#")
    for answer in answers:
        screen = handset.answer(answer)
    handset.hang_up()
    return screen.text


def test_one_has_points_and_a_history(gateway: Deployment) -> None:
    assert "У вас 4 387 баллов" in dial(gateway, "+79210000010")
    assert "+3 000 пополнение" in dial(gateway, "+79210000010", "2")


def test_one_reads_english(gateway: Deployment) -> None:
    assert "You have 300 points" in dial(gateway, "+79210000011")


def test_one_is_blocked(gateway: Deployment) -> None:
    assert "не участвует" in dial(gateway, "+79210000012")
