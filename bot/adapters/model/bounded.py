"""Reads no more of an answer than is sensible, whatever a server sends and says of its length."""

from collections.abc import AsyncIterator
from types import TracebackType
from typing import Self

import httpx2

MOST_BYTES = 2 * 2**20
"""Of one answer: a proposal document of 200,000 characters with every one escaped has less."""


class TooLargeError(httpx2.TransportError):
    """The answer is longer than is read."""


class BoundedTransport(httpx2.AsyncBaseTransport):
    """Passes requests on, and cuts answers off that are too long, errors' bodies too.

    What is compressed is refused, since a little of that may be any length.
    """

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._inner = httpx2.AsyncHTTPTransport(retries=0)
        self._most = most

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        request.headers["accept-encoding"] = "identity"
        response = await self._inner.handle_async_request(request)
        packed = response.headers.get("content-encoding", "identity").strip().lower()
        if packed not in ("", "identity"):
            await response.aclose()
            message = f"the answer is packed as {packed[:40]!r}, which was not asked for"
            raise httpx2.RemoteProtocolError(message, request=request)
        stream = response.stream
        assert isinstance(stream, httpx2.AsyncByteStream)  # noqa: S101 - an async transport's is
        return httpx2.Response(
            response.status_code,
            headers=response.headers,
            stream=_Bounded(stream, self._most),
            extensions=response.extensions,
        )

    async def __aenter__(self) -> Self:
        await self._inner.__aenter__()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self._inner.__aexit__(exc_type, exc_value, traceback)

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, inner: httpx2.AsyncByteStream, most: int) -> None:
        self._inner = inner
        self._most = most

    async def __aiter__(self) -> AsyncIterator[bytes]:
        read = 0
        async for chunk in self._inner:
            read += len(chunk)
            if read > self._most:
                message = f"the answer is longer than {self._most:,} bytes"
                raise TooLargeError(message)
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()
