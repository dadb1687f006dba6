"""How often one write of the API, one batch of the command line, one run of a job and one rotation of keys reach each
instant."""

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
OF_JOBS = {CrashPoint.JOB_TAKEN: 1, CrashPoint.JOB_PASSED: 1}
OF_ROTATION = {
    CrashPoint.KEYS_OFFERED: 1,
    CrashPoint.KEYS_IN_FORCE: 1,
    CrashPoint.ROWS_RENEWED: 5,
    CrashPoint.KEYS_DROPPED: 1,
}
"""Of one subscriber with a row of each kind that is under a key."""
REACHED = OF_THE_API | OF_THE_COMMAND | OF_JOBS | OF_ROTATION
