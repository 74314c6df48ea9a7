"""The column types that both databases share."""

from __future__ import annotations

from sqlalchemy import REAL, BigInteger, Dialect, Double, Integer, Text, TypeDecorator


class Words(TypeDecorator[str]):
    """Text from outside. What a database cannot keep (NUL, lone surrogates) becomes U+FFFD instead of an error."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None or value.isprintable():
            return value
        return value.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


# STRICT knows INTEGER, REAL and TEXT only; SQLite's INTEGER has 64 bits, and as a key it numbers the rows itself.
WHOLE = BigInteger().with_variant(Integer(), "sqlite")
TIME = Double[float]().with_variant(REAL(), "sqlite")
