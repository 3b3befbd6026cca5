"""Failures of DuckDB: damage of the file, or a cause outside of it."""

from __future__ import annotations

import errno
import os

# DuckDB's message after a signal.
INTERRUPTED = "Query interrupted"
# Messages of the system that DuckDB quotes when the file is sound.
OUTSIDE = (
    "Could not set lock on file",
    *(
        os.strerror(code)
        for code in (
            *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS),
            *(errno.EACCES, errno.EPERM, errno.ENOENT, errno.ENOTDIR, errno.ELOOP),
            *(errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN, errno.EBUSY, errno.ESTALE),
        )
    ),
)


def is_outside(error: Exception) -> bool:
    """Return whether a failure has its cause outside the file: no space, a lock, no memory."""
    import duckdb

    if isinstance(error, OSError | duckdb.OutOfMemoryException):
        return True
    return is_suspect(error) and any(cause in str(error) for cause in OUTSIDE)


def is_suspect(error: Exception) -> bool:
    """Return whether a failed query may have met damage, and not a mistake in the query."""
    import duckdb

    kinds = (
        duckdb.IOException,
        duckdb.InternalException,
        duckdb.FatalException,
        duckdb.SerializationException,
        duckdb.TransactionException,
    )
    return type(error) is duckdb.Error or isinstance(error, kinds)
