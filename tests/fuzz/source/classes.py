import threading
from collections import deque as queue_type, OrderedDict

@decorate(1)
class Cache(Base, metaclass=Meta):
    """Thread-safe."""
    size: int = 0
    __slots__ = ("a", "b")

    def __init__(self, *args, key=None, **kwargs):
        self._lock = threading.Lock()
        self._data = {}

    @property
    def value(self): return self._data.get(key, default)

    async def put(self, key, /, value, *, ttl=0) -> None:
        async with self._lock:
            self._data[key] += value
        del self._data[key], self.x
