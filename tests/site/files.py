"""Writes one file."""
import os


def put(path, data, mode=None, when=None):
    """Writes DATA, text or bytes, into the new file PATH and the folders that
    it needs; MODE and WHEN (seconds) are its mode and times, where given."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data if isinstance(data, bytes) else data.encode())
    if mode is not None:
        os.chmod(path, mode)
    if when is not None:
        os.utime(path, (when, when))
