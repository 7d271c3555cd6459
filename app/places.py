"""Where Instep keeps things: history, sockets, a person's own programs, the assets."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import logging
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from hardware.errors import TerminalError

log = logging.getLogger(__name__)

NO_ROOM = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT)
"""What may be otherwise tomorrow; a file in the folder's place stays one."""

ASSETS = Path(__file__).resolve().parent.parent / "assets"


class Places:
    """The folders of one running machine. Made private to the owner when first used.

    ``data`` and ``runtime`` default to INSTEP_DATA and INSTEP_RUNTIME, then to the system's own places.
    """

    def __init__(self, data: Path | None = None, runtime: Path | None = None) -> None:
        named_data, named_runtime = os.environ.get("INSTEP_DATA"), os.environ.get("INSTEP_RUNTIME")
        self.data = data or (Path(named_data) if named_data else _own_data())
        self.runtime = runtime or (Path(named_runtime) if named_runtime else _own_runtime())

    @property
    def history(self) -> Path:
        return self.data / "history.db"

    @property
    def safety(self) -> Path:
        """What safety has to remember across restarts. In no backup: a day that is over is not put back."""
        return self.data / "safety.json"

    @property
    def people(self) -> Path:
        return self.data / "people.json"

    @property
    def mounting(self) -> Path:
        """Which way round the panel is in its case."""
        return self.data / "mounting.json"

    @property
    def own_programs(self) -> Path:
        return self.data / "programs"

    @property
    def own_machine(self) -> Path:
        """The owner's machine file, with what was tuned on this very machine."""
        return self.data / "machine.toml"

    @property
    def commissioned(self) -> Path:
        """What was found when the machine was gone through part by part."""
        return self.data / "commissioned.json"

    @property
    def backups(self) -> Path:
        return self.data / "backups"

    @property
    def restoring(self) -> Path:
        """There while a backup is being put back."""
        return self.data / "restoring.json"

    @property
    def astray(self) -> Path:
        """There when this is not the data's own partition, which is missing: see ``scripts/read-only``."""
        return self.data / "data-is-elsewhere.txt"

    @property
    def shipped_programs(self) -> Path:
        return ASSETS / "programs"

    def make(self) -> None:
        """Make the folders. Raises InstepError when they cannot be made or are somebody else's."""
        for folder in (self.data, self.own_programs):
            try:
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            except OSError as error:
                # The sessions run on without a history; the recorder says so on the screen.
                if folder is self.data and not folder.exists() and error.errno not in NO_ROOM:
                    raise TerminalError(f"{folder} cannot be made: {error.strerror}") from error
        make_private(self.runtime)


def _own_data() -> Path:
    import platformdirs  # an appliance names its folders and has no need of it

    return platformdirs.user_data_path("instep")


def _own_runtime() -> Path:
    """The login's runtime folder; without a login, one in /tmp that make_private sees is ours."""
    if os.environ.get("XDG_RUNTIME_DIR"):
        import platformdirs

        return platformdirs.user_runtime_path("instep")
    return Path(tempfile.gettempdir()) / f"instep-{os.getuid()}"


def make_private(folder: Path) -> None:
    """A folder only its owner can enter: whoever can open the sockets can drive the machine."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        info = folder.stat()
    except OSError as error:
        raise TerminalError(
            f"the runtime folder {folder} cannot be made: {error.strerror}; "
            "choose another with --runtime or INSTEP_RUNTIME"
        ) from error
    if info.st_uid != os.getuid():
        raise TerminalError(f"the runtime folder {folder} belongs to somebody else: choose another")
    if stat.S_IMODE(info.st_mode) & 0o077:
        try:
            folder.chmod(0o700)
        except OSError as error:
            raise TerminalError(f"the runtime folder {folder} is open to others: {error}") from error


@contextlib.contextmanager
def only_one(folder: Path, what: str = "controller") -> Iterator[None]:
    """Hold a folder for one process of a kind; raises InstepError when another has it.

    The hold ends with the process, however it ends; a frozen one still has it. A folder in which no file can
    be made is nobody's; one that is full is held all the same.
    """
    path = folder / f"{what}.lock"
    try:
        lock = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666), "r+")
    except OSError as error:
        log.warning("%s cannot be held: %s", folder, error.strerror)
        yield
        return
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.seek(0)
            owner = lock.read(20).strip() or "unknown"
            raise TerminalError(
                f"another {what} (process {owner}) runs in {folder}: stop it first, or choose another folder"
            ) from error
        # Held is held, also where there is no room to say by whom.
        with contextlib.suppress(OSError):
            number = str(os.getpid()).encode()
            os.ftruncate(lock.fileno(), os.pwrite(lock.fileno(), number, 0))
        yield


def machine_file(name: str | None, places: Places | None = None) -> Path:
    """A machine file by path or by the name of one that ships with Instep.

    Without a name it is the owner's own, if there is one in ``places``, else the reference machine's.
    """
    name = name or os.environ.get("INSTEP_MACHINE")
    if name is None:
        own = (places or Places()).own_machine
        name = str(own) if own.exists() else "reference"
    path = Path(name)
    if path.suffix != ".toml" and not path.exists():
        path = ASSETS / "machines" / f"{name}.toml"
    return path
