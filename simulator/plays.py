"""Many dialogues: several at once where none would notice the other, and the rest one after another.

A dialogue that moves the clock, or lets the SMSC or the billing fail, does so for everybody: it is played when nobody
else is.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from simulator.call import Dialect
from simulator.dialogue import Dialogue
from simulator.play import Result, Watch, play, unseen
from simulator.world import World

JOBS_MAX = 32


def play_all(
    dialogues: Sequence[Dialogue], world: World, dialect: Dialect, jobs: int = 1, watch: Watch = unseen
) -> Iterator[Result]:
    """The results, as they come. Raises `SimulatorError` when one could not be played; those under way end first."""
    if jobs == 1:
        yield from (play(dialogue, world, dialect, watch) for dialogue in dialogues)
        return
    with ThreadPoolExecutor(jobs) as pool:
        together = [dialogue for dialogue in dialogues if not dialogue.plays_alone]
        playing = [pool.submit(play, dialogue, world, dialect, watch) for dialogue in together]
        try:
            yield from (done.result() for done in as_completed(playing))
        finally:
            for waiting in playing:
                waiting.cancel()
    yield from (play(dialogue, world, dialect, watch) for dialogue in dialogues if dialogue.plays_alone)
