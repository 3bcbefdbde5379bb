"""The files of the site while it is built: pages, pictures and data, each once."""

import base64
import gzip
import hashlib
import io
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_COLOURS = 48
# what the folder was written by this command; nothing else in it is ever touched
LIST = "files.txt"
# fetched only by whoever wants it, and told apart
APART = "py/"


def short(data: bytes) -> str:
    """A name for some bytes."""
    return hashlib.sha256(data).hexdigest()[:10]


def _smaller(png: bytes) -> tuple[bytes, tuple[int, int]]:
    """A picture with a palette, which a plain drawing does not lose by; and its size."""
    from PIL import Image

    with Image.open(io.BytesIO(png)) as image:
        paper = Image.new("RGBA", image.size, "white")
        paper.alpha_composite(image.convert("RGBA"))
        few = paper.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
        out = io.BytesIO()
        few.save(out, "PNG", optimize=True)
        return min(out.getvalue(), png, key=len), image.size


@dataclass
class Files:
    """What will be written, by its path in the folder."""

    made: dict[str, bytes] = field(default_factory=dict)
    _known: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, path: str, content: str | bytes) -> str:
        """Add a file; returns its path."""
        data = content.encode() if isinstance(content, str) else content
        if self.made.setdefault(path, data) != data:
            raise ValueError(f"{path} would be written twice with different content")
        return path

    def picture(self, png: bytes) -> dict[str, Any]:
        """Add a picture; returns `src`, `width` and `height`."""
        key = short(png)
        if key not in self._known:
            data, (width, height) = _smaller(png)
            path = self.add(f"pictures/{short(data)}.png", data)
            self._known[key] = {"src": path, "width": width, "height": height}
        return self._known[key]

    def drawing(self, svg: bytes) -> dict[str, Any]:
        """Add a drawing; returns `src`, and its size in pixels where it says one."""
        found: dict[str, Any] = {"src": self.add(f"pictures/{short(svg)}.svg", svg)}
        head = svg[: svg.find(b">", svg.find(b"<svg"))].decode()
        for name in ("width", "height"):
            if size := re.search(rf'\b{name}="([\d.]+)(pt|px)?"', head):
                found[name] = round(float(size[1]) * (4 / 3 if size[2] == "pt" else 1))
        return found

    def address(self, address: str) -> dict[str, Any]:
        """A picture as it stands in a notebook or a page, in an address that holds it whole."""
        kind, _, text = address.partition(",")
        content = base64.b64decode(text)
        return self.drawing(content) if "svg" in kind else self.picture(content)

    def write(self, folder: Path) -> None:
        """Write all files, and take away those of an earlier build that are no longer made.

        Raises
        ------
        ValueError
            If the folder holds something that this command has not written.
        """
        listed = folder / LIST
        earlier = set(listed.read_text(encoding="utf-8").split("\n")) if listed.is_file() else set()
        if not earlier and folder.exists() and any(folder.iterdir()):
            raise ValueError(f"{folder} holds other files: choose a folder that is new or empty")
        self.made[LIST] = "\n".join(sorted({*self.made, LIST})).encode()
        foreign = [p for p in self.made if p not in earlier and (folder / p).exists()]
        if foreign and earlier:
            raise ValueError(f"{folder / foreign[0]} is not from this command: move it elsewhere")
        for path, data in self.made.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        for path in earlier - set(self.made):
            (folder / path).unlink(missing_ok=True)

    def sizes(self) -> tuple[int, int, int]:
        """How many files are pages or of pages, their bytes, and their bytes as sent compressed."""
        pages = {path: data for path, data in self.made.items() if not path.startswith(APART)}
        packed = sum(
            len(data) if path.endswith(".png") else len(gzip.compress(data, 9, mtime=0))
            for path, data in pages.items()
        )
        return len(pages), sum(map(len, pages.values())), packed
