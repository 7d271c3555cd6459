"""Screens on paper: the kiosk with every place and line as they will be, and nothing drawn.

:func:`lay_out` puts plain objects where Kivy keeps its window, widgets and canvas; what is left of Kivy is
what decides how text lies: its fonts, its measuring and its breaking of lines. A screen is then built some
ten times as fast. It has to be called before anything of Kivy is imported, and lasts as long as the process,
which is therefore one of its own. ``test_screen_fit.py`` holds it to what Kivy makes of the same screens.
"""

from __future__ import annotations

import functools
import gc
import hashlib
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any


class Widget:
    """A place in a tree; children in Kivy's order, the front-most first."""

    canvas: Any
    x: float
    y: float
    width: float
    height: float

    def __init__(
        self,
        *,
        size_hint: Any = None,
        pos: tuple[float, float] = (0, 0),
        size: tuple[float, float] = (100, 100),
    ) -> None:
        self.pos, self.size = pos, size
        self.opacity = 1.0
        self.parent: Any = None
        self.children: list[Any] = []
        self.canvas = _CANVAS

    @property
    def pos(self) -> tuple[float, float]:
        return (self.x, self.y)

    @pos.setter
    def pos(self, pos: tuple[float, float]) -> None:
        self.x, self.y = pos

    @property
    def size(self) -> tuple[float, float]:
        return (self.width, self.height)

    @size.setter
    def size(self, size: tuple[float, float]) -> None:
        self.width, self.height = size

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def top(self) -> float:
        return self.y + self.height

    @property
    def center(self) -> tuple[float, float]:
        return (self.x + self.width / 2, self.y + self.height / 2)

    def add_widget(self, widget: Any, index: int = 0) -> None:
        assert widget.parent is None, "it stands somewhere already"
        widget.parent = self
        self.children.insert(index, widget)

    def remove_widget(self, widget: Any) -> None:
        if widget in self.children:
            self.children.remove(widget)
            widget.parent = None

    def clear_widgets(self) -> None:
        for child in list(self.children):
            self.remove_widget(child)

    def walk(self, restrict: bool = False) -> Iterator[Any]:
        assert restrict
        yield self
        for child in reversed(self.children):
            yield from child.walk(restrict=True)

    def collide_point(self, x: float, y: float) -> bool:
        return self.x <= x <= self.right and self.y <= y <= self.top

    def get_root_window(self) -> Any:
        return self.parent and self.parent.get_root_window()

    def on_touch_down(self, touch: Any) -> bool:
        return any(child.on_touch_down(touch) for child in list(self.children))


class Label(Widget):
    """A text whose lines are laid out by Kivy's own code, when somebody asks."""

    def __init__(self, *, text: str, pos: Any, size: Any, size_hint: Any = None, **style: Any) -> None:
        super().__init__(pos=pos, size=size)
        self.text = text
        self.font_size = style.pop("font_size")
        self.color = style.pop("color")
        self.text_size = style.pop("text_size")
        self._style = style

    def laid_out(self) -> Laid:
        """The size of its picture, and each line's words, place in it from the top left, and size."""
        style = self._style
        return _laid_out(self.text, self.font_size, tuple(self.text_size), *(style[name] for name in STYLE))


STYLE = ("font_name", "halign", "valign", "shorten", "shorten_from", "max_lines")
Laid = tuple[tuple[int, int], tuple[tuple[str, int, int, int, int], ...]]


@functools.cache
def _laid_out(text: str, font_size: int, text_size: Any, *style: Any) -> Laid:
    """Kivy's first pass, which finds every line and the size of the picture, without the second."""
    from kivy.core.text import Label as Core

    if not text:
        return (0, 0), ()
    said = dict(zip(STYLE, style, strict=True))
    core = Core(text=text, font_size=font_size, text_size=text_size, **said)
    core.resolve_font_name()
    wide, high = core.render()
    inner = core._internal_size[1]
    y = {"top": 0, "bottom": high - inner}.get(said["valign"], int((high - inner) / 2))
    found = []
    for line in core._cached_lines:
        ahead = {"center": int((wide - line.w) / 2), "right": max(0, int(wide - line.w))}
        if line.words and line.words[0].text.strip():
            x = ahead.get(said["halign"], 0)
            found.append((line.words[0].text, x, y, line.w, line.h))
        y += line.h
    return (wide, high), tuple(found)


class Anything:
    """Takes every call and every value: a canvas, an instruction, a texture."""

    width = height = 1
    size, pos = (1, 1), (0, 0)

    def __init__(self, *_args: object, **_more: object) -> None: ...

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _nothing

    @classmethod
    def create(cls, *_args: object, **_more: object) -> Anything:
        return cls()


def _nothing(*_args: object, **_more: object) -> None: ...


class _Canvas(Anything):
    needs_redraw = False


_CANVAS = _Canvas()
_Canvas.after = _Canvas.before = _CANVAS  # type: ignore[attr-defined]


class Window(Widget):
    """Fingers go to what was bound, then to the stage."""

    def __init__(self) -> None:
        super().__init__(size=(800, 480))
        self.rotation = 0
        self._bound: dict[str, list[Callable[..., Any]]] = {}

    def get_root_window(self) -> Window:
        return self

    def update_viewport(self) -> None: ...

    def bind(self, **told: Callable[..., Any]) -> None:
        for name, callback in told.items():
            self._bound.setdefault(name, []).append(callback)

    def unbind(self, **told: Callable[..., Any]) -> None:
        for name, callback in told.items():
            if callback in self._bound.get(name, []):
                self._bound[name].remove(callback)

    def touch_down(self, touch: Any) -> None:
        if not any(callback(self, touch) for callback in list(self._bound.get("on_touch_down", []))):
            self.on_touch_down(touch)


class Touch:
    """A finger that comes down."""

    is_mouse_scrolling = False
    time_end = -1.0

    def __init__(self, x: float, y: float) -> None:
        self.x, self.y = self.pos = (x, y)

    def touch_down(self) -> None:
        WINDOW.touch_down(self)

    def grab(self, _widget: Any) -> None: ...


class Animation:
    """Is over at once."""

    def __init__(self, **to: Any) -> None:
        self._to = {name: value for name, value in to.items() if name not in ("duration", "t")}

    def start(self, widget: Any) -> None:
        for name, value in self._to.items():
            setattr(widget, name, value)

    @classmethod
    def cancel_all(cls, *_widgets: Any) -> None: ...


WINDOW = Window()


def _measure() -> type:
    """Kivy's measure, that measures nothing twice."""
    from kivy.core.text import Label as Core

    class Measure:
        def __init__(self, font_name: str, font_size: int) -> None:
            self._font = font_name, font_size

        def get_extents(self, text: str) -> tuple[int, int]:
            return _extents(*self._font, text)

    @functools.cache
    def _core(font_name: str, font_size: int) -> Any:
        return Core(font_name=font_name, font_size=font_size)

    @functools.cache
    def _extents(font_name: str, font_size: int, text: str) -> tuple[int, int]:
        found: tuple[int, int] = _core(font_name, font_size).get_extents(text)
        return found

    return Measure


def _cut_once(text: Any) -> None:
    """What fits into a place is found once; the same words come again and again."""
    cut, known = text._cut, {}

    def found(self: Any, words: str) -> str:
        key = (words, self._face, self.font_size, self.width, self._most_lines, self._balance)
        if key not in known:
            known[key] = cut(self, words)
        return known[key]

    text._cut = found


def lay_out() -> None:
    """From now on this process lays screens out instead of drawing them."""
    assert "kivy.uix.widget" not in sys.modules
    import kivy.clock
    import kivy.core.text

    kivy.clock.Clock._max_fps = 0
    stands_in: dict[str, dict[str, Any]] = {
        "kivy.uix": {},
        "kivy.uix.widget": {"Widget": Widget},
        "kivy.uix.label": {"Label": Label},
        "kivy.core.window": {"Window": WINDOW},
        "kivy.animation": {"Animation": Animation},
        "kivy.app": {"App": object},
        "kivy.base": {
            "EventLoop": types.SimpleNamespace(ensure_window=_nothing, touches=[], window=WINDOW),
            "ExceptionManager": Anything(),
            "ExceptionHandler": object,
        },
        "kivy.graphics": dict.fromkeys(
            ("BorderImage", "Color", "Instruction", "InstructionGroup", "Mesh", "Rectangle"), Anything
        ),
        "kivy.graphics.texture": {"Texture": Anything},
        "kivy.graphics.opengl": {"glFinish": _nothing},
        "kivy.tests": {},
        "kivy.tests.common": {"UnitTestTouch": Touch},
    }
    for name, values in stands_in.items():
        module = types.ModuleType(name)
        vars(module).update(values)
        sys.modules[name] = module
    from app.ui.widgets import base, paint

    base.Measure = _measure()  # type: ignore[misc,assignment]
    _cut_once(base.Text)
    for shape in ("Box", "Picture", "Ground", "Line", "Shape"):
        setattr(paint, shape, Anything)
        if hasattr(base, shape):
            setattr(base, shape, Anything)
    for texture in ("icon_texture", "disc_texture", "foot_texture", "glow_texture", "line_texture"):
        setattr(paint, texture, _nothing)
    paint.forget = _nothing
    base.icon_texture = _nothing  # type: ignore[assignment]

    from app.ui import languages

    languages.catalogue = functools.cache(languages.catalogue)  # type: ignore[assignment]
    # Nobody's files have to outlive this, and no PIN of it is worth guessing.
    from app.household import kept

    kept.write_whole = lambda path, text, _check: path.write_text(text)  # type: ignore[assignment]
    hashlib.scrypt = lambda secret, *, salt, **_cost: hashlib.sha256(salt + secret).digest()  # type: ignore[assignment,misc]
    gc.disable()
