"""A few minutes of a monkey at the screen; ``scripts/monkey`` gives it longer."""

from __future__ import annotations

import os
import random
from typing import Any

import pytest
from monkey import Monkey

pytestmark = pytest.mark.screen


def test_random_fingers_break_neither_screen_nor_rule(hand: Any) -> None:
    seed = int(os.environ.get("INSTEP_SEED") or random.randrange(1_000_000))
    print(f"seed {seed}")
    Monkey(hand, seed).run(200)
