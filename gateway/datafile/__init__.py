"""The files that people write: read with their lines, so that every fault is told where to mend it."""
