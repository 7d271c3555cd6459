"""Records with files that may not grow, then lets them: prints what it was told and what was kept."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from app.sessions.history import History

from .story import DEADLINE_S, ended, noted, record, recorder, sampled, started


def main(path: Path) -> None:
    record(path, started("old"), ended("old"))
    keeper = recorder(path)
    keeper.start()
    assert keeper.flush(DEADLINE_S)
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 50_000, hard))
    keeper.put(started())
    for second in range(1200):
        keeper.put(sampled(second))
        keeper.put(noted("level", float(second), words="x" * 500))
    keeper.put(ended())
    with keeper._changed:
        assert keeper._changed.wait_for(lambda: keeper.notices, DEADLINE_S)
    sys.stdout.write("told\n")
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    assert keeper.close(DEADLINE_S)
    history = History(path)
    assert [row.outcome for row in history.page(10)] == ["completed", "completed"]
    detail = history.session("s1")
    assert detail is not None
    sys.stdout.write(f"kept {len(detail.seconds)} {len(detail.events)}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
