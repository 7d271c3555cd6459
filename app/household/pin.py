"""The four digits before Settings and Service: kept hashed, and slow to guess."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta, Struct
from msgspec.structs import replace

from app.filing import Filing
from app.household.kept import Kept
from hardware.errors import InstepError
from hardware.message import Count, Message, says


@says("A PIN has {count} digits.")
def pin_has(count: Count) -> None: ...


DIGITS = 4
FREE_TRIES = 3
FIRST_WAIT_S = 30.0
LONGEST_WAIT_S = 15 * 60.0
COST, BLOCK, PARALLEL = 2**14, 8, 1
"""scrypt's: 16 MB and some 60 ms on a Pi. Ten thousand PINs are few; the waits are what protects them."""


class _Secret(Struct, frozen=True, kw_only=True):
    """A version that hashes otherwise says so in ``digest`` itself: other keys stay, whatever PIN is set."""

    version: int = 1
    salt: str = ""
    digest: str = ""
    """Empty: no PIN is set."""
    wrong: Annotated[int, Meta(ge=0)] = 0
    """Tries since the last right one; kept, so that pulling the plug does not buy new ones."""

    @classmethod
    def understand(cls, raw: dict[str, Any]) -> dict[str, Any]:
        """What cannot be compared here opens nothing, and is a PIN all the same."""
        digest, salt, wrong = raw.get("digest", ""), raw.get("salt", ""), raw.get("wrong", 0)
        known = isinstance(digest, str) and digest.isascii() and isinstance(salt, str) and _is_hex(salt)
        if not known:
            digest, salt = "unknown", ""
        if not isinstance(wrong, int) or isinstance(wrong, bool) or wrong < 0:
            wrong = FREE_TRIES
        return {**raw, "digest": digest, "salt": salt, "wrong": wrong}


class Pin:
    """Raises InstepError from ``set`` and ``clear`` when the file cannot be written; see Kept."""

    def __init__(
        self, path: Path, now: Callable[[], float] = time.monotonic, filing: Filing | None = None
    ) -> None:
        self._kept = Kept(path, _Secret(), filing)
        self._now = now
        self._may_try_at = now() + self._wait_s()

    @property
    def is_set(self) -> bool:
        return bool(self._kept.value.digest)

    @property
    def problem(self) -> Message | None:
        """Why the file could not be read; then there is no PIN."""
        return self._kept.problem

    @property
    def wait_s(self) -> float:
        """How long until the next try is looked at."""
        return max(self._may_try_at - self._now(), 0.0)

    def opens(self, digits: str) -> bool:
        """Whether these are they; without a PIN anything opens. During a wait nothing does."""
        secret = self._kept.value
        if not secret.digest:
            return True
        if self.wait_s > 0:
            return False
        right = hmac.compare_digest(_digest(digits, bytes.fromhex(secret.salt)), secret.digest)
        self._kept.save(replace(secret, wrong=0 if right else secret.wrong + 1))
        self._may_try_at = self._now() + self._wait_s()
        return right

    def set(self, digits: str) -> None:
        if len(digits) != DIGITS or not (digits.isascii() and digits.isdigit()):
            raise InstepError(pin_has(Count(DIGITS)))
        salt = secrets.token_bytes(16)
        self._kept.save(_Secret(salt=salt.hex(), digest=_digest(digits, salt)))
        self._may_try_at = self._now()

    def clear(self) -> None:
        self._kept.save(_Secret())
        self._may_try_at = self._now()

    def _wait_s(self) -> float:
        over = self._kept.value.wrong - FREE_TRIES
        return 0.0 if over < 0 else min(FIRST_WAIT_S * 2.0 ** min(over, LONGEST_WAIT_S), LONGEST_WAIT_S)


def _is_hex(text: str) -> bool:
    try:
        bytes.fromhex(text)
    except ValueError:
        return False
    return True


def _digest(digits: str, salt: bytes) -> str:
    return hashlib.scrypt(digits.encode(), salt=salt, n=COST, r=BLOCK, p=PARALLEL).hex()
