"""What processes remember for a while: together, where the site has a Redis, and each by itself."""

import json
import logging
import threading
import time
from functools import cache, partial
from typing import Any

from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from django.utils.connection import ConnectionProxy
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

# What this process computed and may compute again: any object. Nothing of it is ever in Redis.
process_cache = ConnectionProxy(caches, "process")
IN_PLACE = "in place of Redis"
# A caller waits for a Redis that says nothing once in so many seconds, and this long.
_PAUSE_SECONDS = 15
_PATIENCE_SECONDS = 0.5

logger = logging.getLogger(__name__)


class _Silence:
    """That Redis does not answer, in this process: said once in the log, and tried now and then."""

    def __init__(self) -> None:
        self._until = 0.0
        self._lock = threading.Lock()

    @property
    def lasts(self) -> bool:
        """Whether Redis need not be asked yet."""
        return time.monotonic() < self._until

    def begin(self, fault: Exception) -> None:
        """Leave Redis alone for a while."""
        with self._lock:
            if not self._until:
                logger.warning("Redis cannot be used: this process counts by itself. %s", fault)
            self._until = time.monotonic() + _PAUSE_SECONDS

    def end(self) -> None:
        """Redis answered."""
        with self._lock:
            if self._until:
                logger.warning("Redis can be used again.")
            self._until = 0.0


silence = _Silence()


class Plain:
    """Values as JSON: Django's own form of them lets whoever writes to Redis run code here."""

    def dumps(self, obj: object) -> bytes:
        """The value as it lies in Redis, which adds to whole numbers itself."""
        return json.dumps(obj).encode()

    def loads(self, data: Any) -> Any:  # noqa: ANN401 — whatever was put in
        """The value. Raises RedisError for what nobody here put in."""
        try:
            return json.loads(data)
        except ValueError as error:
            raise RedisError("Something in it is none of ours.") from error


class _Client:
    """Asks Redis; while it does not answer, the memory of this process in its place."""

    def __init__(self, servers: list[str], **of_memory: object) -> None:
        self._redis = _redis_at(tuple(servers))
        self._memory = LocMemCache(IN_PLACE, {"OPTIONS": of_memory})

    def __getattr__(self, asked: str) -> partial[Any]:
        return partial(self._answer, asked)

    def _answer(self, asked: str, *arguments: object) -> object:
        if not silence.lasts:
            try:
                answer: object = getattr(self._redis, asked)(*arguments)
            except RedisError as fault:
                silence.begin(fault)
            else:
                silence.end()
                return answer
        return getattr(self._memory, asked)(*arguments)


@cache
def _redis_at(servers: tuple[str, ...]) -> RedisCacheClient:
    """One for all threads, of which Django gives each a cache of its own."""
    return RedisCacheClient(
        list(servers),
        serializer=Plain,
        retry=Retry(NoBackoff(), 0),
        socket_timeout=_PATIENCE_SECONDS,
        socket_connect_timeout=_PATIENCE_SECONDS,
    )


class SharedCache(RedisCache):
    """Django's cache in Redis, for values that JSON knows. No fault of Redis ever reaches a caller.

    While Redis is away each process remembers by itself; OPTIONS are those of this memory.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _Client
