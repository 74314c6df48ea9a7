"""Transport compression of the gateway, as the client's query asks for it."""

from __future__ import annotations

import importlib
import zlib
from typing import Any, Protocol


class Compressor(Protocol):
    """Turns one message into one frame of a compressed stream."""

    def frame(self, text: str) -> bytes:
        """The bytes of one message, flushed so that the client can read it at once."""
        ...


class ZlibStream:
    """compress=zlib-stream: one zlib context for the whole connection."""

    def __init__(self) -> None:
        self._context = zlib.compressobj(level=1)

    def frame(self, text: str) -> bytes:
        return self._context.compress(text.encode()) + self._context.flush(zlib.Z_SYNC_FLUSH)


class ZstdStream:
    """compress=zstd-stream: one zstd context for the whole connection, where a zstd module is installed."""

    def __init__(self, module: Any) -> None:
        self._is_stdlib = hasattr(module, "CompressionParameter")
        self._module = module
        compressor = module.ZstdCompressor()
        self._context = compressor if self._is_stdlib else compressor.compressobj()

    def frame(self, text: str) -> bytes:
        if self._is_stdlib:
            return self._context.compress(text.encode(), mode=self._module.ZstdCompressor.FLUSH_BLOCK)
        flushed = self._context.flush
        return self._context.compress(text.encode()) + flushed(self._module.COMPRESSOBJ_FLUSH_BLOCK)


def compressor_for(wanted: str | None) -> Compressor | None:
    """The compressor for a query's compress value; None means plain text, which every client reads too."""
    if wanted == "zlib-stream":
        return ZlibStream()
    if wanted == "zstd-stream":
        for name in ("compression.zstd", "zstandard"):
            try:
                return ZstdStream(importlib.import_module(name))
            except ImportError:
                continue
    return None
