"""One file from the web, into memory, and never more waiting than was said."""

import time

import requests
import urllib3

from netlib.progress import progress_bar

SLOWEST = 20_000  # bytes a second; at this pace MNIST takes ten minutes
REDIRECTS = 5
PIECE = 2**16  # bytes at a time, at most


def download(url: str, most: int, patience: float) -> bytes:
    """The bytes at an address.

    Parameters
    ----------
    url : str
    most : int
        Bytes. A longer file is something else than what was asked for.
    patience : float
        Seconds to wait for an answer, and again when the bytes stop coming. Those that come at
        less than `SLOWEST` are given up after as many seconds.

    Returns
    -------
    bytes

    Raises
    ------
    OSError
        If there is no answer, or it is something else than the file, or it comes too slowly.
    """
    try:
        return _download(url, most, patience)
    except (requests.Timeout, urllib3.exceptions.TimeoutError) as error:
        raise TimeoutError(f"nothing came for {patience:g} s") from error
    except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError) as error:
        cause: BaseException = error
        while cause.__context__:  # such as "Connection refused", which the others wrap up
            cause = cause.__context__
        raise OSError(str(cause)) from error


def _download(url: str, most: int, patience: float) -> bytes:
    content, start = bytearray(), time.monotonic()
    with requests.Session() as session:
        session.max_redirects = REDIRECTS
        session.headers["Accept-Encoding"] = "identity"  # the very file, not packed once more
        with session.get(url, stream=True, timeout=patience) as response:
            response.raise_for_status()
            file = response.raw
            with progress_bar(file.length_remaining, "downloading MNIST", "byte") as bar:
                while piece := file.read1(PIECE):  # what has come, without waiting for more
                    content += piece
                    bar.update(len(piece))
                    seconds = time.monotonic() - start
                    if len(content) > most:
                        raise OSError(f"more than {most:,} bytes came")
                    if seconds > patience + len(content) / SLOWEST:
                        raise TimeoutError(f"only {len(content):,} bytes came in {seconds:.0f} s")
    return bytes(content)
