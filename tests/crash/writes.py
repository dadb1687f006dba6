"""How often one write of the API, and one batch of the command line, reach each instant."""

from gateway.crash import CrashPoint

CHUNKS = 3
"""Of the batch that the command issues."""
OF_THE_API = {CrashPoint.WRITE_BOOKED: 1, CrashPoint.WRITE_COMMITTED: 1}
OF_THE_COMMAND = {
    CrashPoint.BATCH_BEGUN: 1,
    CrashPoint.CODES_ADDED: CHUNKS,
    CrashPoint.CODES_FILED: 1,
    CrashPoint.BATCH_ACTIVATED: 1,
}
REACHED = OF_THE_API | OF_THE_COMMAND
