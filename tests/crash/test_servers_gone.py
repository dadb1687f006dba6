"""A gateway does not outlive the embedded servers that another process held: it says so and ends."""

from pathlib import Path

from tests.live.processes import Gateway, Ground


def test_a_gateway_ends_with_the_servers_it_borrowed(tmp_path: Path) -> None:
    with Ground(tmp_path) as ground, Gateway(tmp_path, ground.settings) as gateway:
        gateway.start()
        gateway.until_ready()
        ground.close()
        assert gateway.ended(15.0), "it lives on, and can only apologise"
        assert "start again" in gateway.last_words()
