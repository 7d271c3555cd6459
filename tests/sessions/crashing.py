"""Records until it is killed; says on standard output what it has been able to rely on so far."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

from .story import DEADLINE_S, ended, noted, recorder, sampled, started


def main(path: Path) -> None:
    keeper = recorder(path, flush_s=3600.0)
    keeper.start()
    for number in itertools.count():
        session = f"s{number}"
        keeper.put(started(session))
        _committed(keeper, f"started {session}")
        for second in range(70):
            keeper.put(sampled(second, session))
        keeper.put(noted("fault", 70.0, session, code="pad-hot"))
        _committed(keeper, f"fault {session}")
        keeper.put(sampled(70, session))
        keeper.put(ended(session, "fault"))
        _committed(keeper, f"ended {session}")


def _committed(keeper: object, words: str) -> None:
    with keeper._changed:
        assert keeper._changed.wait_for(lambda: not keeper._waiting, DEADLINE_S)
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
