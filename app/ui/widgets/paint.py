"""Masks as Kivy textures, and the few shapes everything is drawn with."""

from __future__ import annotations

from functools import lru_cache

from kivy.graphics import BorderImage, Color, Instruction, InstructionGroup, Mesh, Rectangle
from kivy.graphics.texture import Texture

from app.ui.draw import icons
from app.ui.draw.raster import Mask, box, disc, fill
from app.ui.draw.ribbon import edge_cover, ribbon
from app.ui.layout import Rect
from app.ui.theme import Rgba


def texture_of(cover: bytes, width: int, height: int) -> Texture:
    """A white texture whose alpha is the coverage: a Color before it tints it."""
    pixels = bytearray(b"\xff") * (width * height * 4)
    pixels[3::4] = cover
    texture = Texture.create(size=(width, height), colorfmt="rgba")
    texture.blit_buffer(bytes(pixels), colorfmt="rgba", bufferfmt="ubyte")
    texture.mag_filter = texture.min_filter = "linear"
    return texture


def mask_texture(mask: Mask) -> Texture:
    return texture_of(mask.cover, mask.w, mask.h)


@lru_cache(maxsize=64)
def round_texture(radius: int) -> Texture:
    """A small box with round corners; its straight middle is stretched to any size.

    The middle is four pixels wide and the border takes one of them: a stretched pixel is blended with its
    neighbour, and that must not be one of a corner.
    """
    side = 2 * radius + 4
    return mask_texture(_padded(fill([box(0, 0, side, side, radius)]), side))


@lru_cache(maxsize=64)
def frame_texture(radius: int, width: int) -> Texture:
    side = 2 * radius + 4
    inner = box(width, width, side - 2 * width, side - 2 * width, max(0, radius - width))
    return mask_texture(_padded(fill([box(0, 0, side, side, radius), inner[::-1]]), side))


@lru_cache(maxsize=8)
def glow_texture() -> Texture:
    """A round light that fades to nothing at its edge."""
    side = 64
    cover = bytearray()
    for row in range(side):
        for column in range(side):
            dx, dy = (column - 31.5) / 32, (row - 31.5) / 32
            far = min(1.0, (dx * dx + dy * dy) ** 0.5)
            cover.append(int(255 * (1 - far) ** 2 * (1 + 2 * far)))
    return texture_of(bytes(cover), side, side)


@lru_cache(maxsize=16)
def disc_texture(diameter: int) -> Texture:
    mask = fill([disc(diameter / 2, diameter / 2, diameter / 2)])
    return mask_texture(_padded(mask, diameter))


@lru_cache(maxsize=256)
def icon_texture(name: str, size: int) -> Texture:
    return mask_texture(icons.icon(name, size))


@lru_cache(maxsize=16)
def line_texture(width: float) -> Texture:
    cover = edge_cover(width)
    return texture_of(cover, len(cover), 1)


@lru_cache(maxsize=128)
def foot_texture(part: str, height: int) -> Texture:
    from app.ui.draw import foot  # no screen without a foot has to wait for it

    return mask_texture(foot.parts(height)[part])


def forget() -> None:
    """Drop every cached texture: they die with the window's context."""
    for cached in (
        round_texture,
        frame_texture,
        glow_texture,
        disc_texture,
        icon_texture,
        line_texture,
        foot_texture,
    ):
        cached.cache_clear()


def _padded(mask: Mask, side: int) -> Mask:
    """The mask on an area of exactly ``side`` by ``side`` from the origin."""
    cover = bytearray(side * side)
    for row in range(min(mask.h, side)):
        length = min(mask.w, side)
        cover[row * side : row * side + length] = mask.cover[row * mask.w : row * mask.w + length]
    return Mask(0, 0, side, side, bytes(cover))


class Shape(InstructionGroup):
    """One tinted texture; its colour changes only when it differs, so that nothing is drawn in vain.

    What nobody can see through its colour is left out: blending it costs as much as what can be seen.
    """

    def __init__(self, rgba: Rgba) -> None:
        super().__init__()
        self._rgba = rgba
        self._color = Color(*rgba)
        self.add(self._color)
        self._body: Instruction | None = None

    def _draw(self, body: Instruction) -> None:
        """This is what the colour tints."""
        self._body = body
        if self._rgba[3] > 0:
            self.add(body)

    def tint(self, rgba: Rgba) -> None:
        if rgba == self._rgba:
            return
        was, seen = self._rgba[3] > 0, rgba[3] > 0
        self._rgba = rgba
        if was or seen:
            self._color.rgba = rgba
        if self._body is not None and was != seen:
            (self.add if seen else self.remove)(self._body)


class Box(Shape):
    """A rectangle with round corners, filled or, with ``line`` pixels, only framed."""

    def __init__(self, rect: Rect, rgba: Rgba, radius: float, line: int = 0) -> None:
        super().__init__(rgba)
        r = max(0, int(min(radius, rect.w / 2 - 1, rect.h / 2 - 1)))
        texture = frame_texture(r, line) if line else round_texture(r)
        self._image = BorderImage(
            texture=texture, border=(r + 1, r + 1, r + 1, r + 1), pos=rect.pos, size=rect.size
        )
        self._draw(self._image)

    def place(self, rect: Rect) -> None:
        if (tuple(self._image.pos), tuple(self._image.size)) != (rect.pos, rect.size):
            self._image.pos, self._image.size = rect.pos, rect.size


class Picture(Shape):
    """A texture as it is."""

    def __init__(
        self, texture: Texture, x: float, y: float, rgba: Rgba, size: tuple[float, float] | None = None
    ):
        super().__init__(rgba)
        self._image = Rectangle(texture=texture, pos=(x, y), size=size or texture.size)
        self._draw(self._image)

    def move(self, x: float, y: float) -> None:
        if tuple(self._image.pos) != (x, y):
            self._image.pos = (x, y)


class Ground(Shape):
    """A plain rectangle."""

    def __init__(self, rect: Rect, rgba: Rgba) -> None:
        super().__init__(rgba)
        self._draw(Rectangle(pos=rect.pos, size=rect.size))


class Line(Shape):
    """A smooth line along points."""

    def __init__(self, points: list[tuple[float, float]], width: float, rgba: Rgba) -> None:
        super().__init__(rgba)
        self._width = width
        self._mesh = Mesh(mode="triangle_strip", texture=line_texture(width))
        self.draw(points)
        self._draw(self._mesh)

    def draw(self, points: list[tuple[float, float]]) -> None:
        vertices, indices = ribbon(points, self._width)
        self._mesh.vertices, self._mesh.indices = vertices, indices
