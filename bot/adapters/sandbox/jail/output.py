"""The beginning and the end of what a command prints, however much it prints."""

_HEAD = 100_000
_TAIL = 400_000


class Kept:
    """Takes everything, keeps the head and the tail."""

    def __init__(self) -> None:
        self.total = 0
        self._head = b""
        self._tail = b""

    def add(self, data: bytes) -> None:
        self.total += len(data)
        room = _HEAD - len(self._head)
        if room > 0:
            self._head += data[:room]
            data = data[room:]
        if data:
            self._tail = (self._tail + data)[-_TAIL:]

    def text(self) -> str:
        dropped = self.total - len(self._head) - len(self._tail)
        gap = f"\n[{dropped} bytes left out]\n".encode() if dropped > 0 else b""
        return (self._head + gap + self._tail).decode("utf-8", "replace")
