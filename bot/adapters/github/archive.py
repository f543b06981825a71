"""Takes files out of a repository's archive in memory, within limits, trusting nothing in it."""

import gzip
import io
import tarfile
import zlib
from collections.abc import Iterator


class ArchiveError(Exception):
    """The archive is no archive, or unpacks to more than it may."""


class _Counted(io.RawIOBase):
    """Bytes that come out of compression, up to a limit."""

    def __init__(self, compressed: bytes, limit: int) -> None:
        self._source = gzip.GzipFile(fileobj=io.BytesIO(compressed))
        self._left = limit

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        part = self._source.read(size)
        self._left -= len(part)
        if self._left < 0:
            message = "the archive unpacks to more than is allowed"
            raise ArchiveError(message)
        return part


def read_archive(compressed: bytes, limit: int) -> Iterator[tuple[str, bytes]]:
    """Path and content of every regular file and link, without the folder that all are in.

    A link's content is where it leads. Nothing is written anywhere, so no path can lead out.
    """
    try:
        stream = _Counted(compressed, limit)
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for member in archive:
                _, _, path = member.name.partition("/")
                if member.issym():
                    yield path, member.linkname.encode("utf-8", "surrogateescape")
                elif member.isreg() and (file := archive.extractfile(member)) is not None:
                    yield path, file.read()
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        message = f"the archive cannot be read: {error}"
        raise ArchiveError(message) from error
