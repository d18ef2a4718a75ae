"""Static files: gathered once at the start into a folder whose name is the hash of all their bytes.

One hash for the whole tree, so that the relative addresses inside stylesheets and scripts go on working, and
any change gives every file a new address: they can be kept by browsers for ever. The many stylesheets (one a
component) are joined in the order of `css/ORDER`; files are compressed beforehand, for WhiteNoise to hand out.
"""

from __future__ import annotations

import gzip
import hashlib
import shutil
import tempfile
from pathlib import Path

from flask import Flask
from whitenoise import WhiteNoise

COMPRESSIBLE = {".css", ".js", ".svg", ".json", ".txt"}


def _joined_css(static: Path) -> bytes:
    order = (static / "css" / "ORDER").read_text().split()
    return b"\n".join((static / "css" / name).read_bytes() for name in order)


def _files(static: Path) -> dict[str, bytes]:
    """Address below the hash -> bytes."""
    files = {
        path.relative_to(static).as_posix(): path.read_bytes()
        for path in sorted(static.rglob("*"))
        if path.is_file() and path.relative_to(static).parts[0] != "css"
    }
    files["css/site.css"] = _joined_css(static)
    return files


def _brotli(data: bytes) -> bytes | None:
    try:
        import brotli  # type: ignore[import-untyped]  # it has no stubs
    except ImportError:
        return None
    compressed: bytes = brotli.compress(data)
    return compressed


def build(static: Path, out: Path) -> tuple[str, Path]:
    """Write what is in `static` to a folder under `out`, once; returns its hash and the folder."""
    files = _files(static)
    digest = hashlib.sha256()
    for name, data in files.items():
        digest.update(name.encode() + b"\0" + hashlib.sha256(data).digest())
    version = digest.hexdigest()[:12]
    target = out / version
    if target.is_dir():
        return version, target
    out.mkdir(parents=True, exist_ok=True)
    # Made aside and moved into place: two processes may start at once.
    making = Path(tempfile.mkdtemp(dir=out, prefix=".making-"))
    for name, data in files.items():
        path = making / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        if path.suffix in COMPRESSIBLE:
            Path(f"{path}.gz").write_bytes(gzip.compress(data, 9, mtime=0))
            if (smaller := _brotli(data)) is not None:
                Path(f"{path}.br").write_bytes(smaller)
    making.chmod(0o755)
    try:
        making.replace(target)
    except OSError:  # another process was first, with the same bytes
        shutil.rmtree(making)
    return version, target


def install(app: Flask, static: Path, out: Path) -> None:
    """Serve the files in front of Flask, and give templates `asset(path)`."""
    version, folder = build(static, out)
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]  # the documented way to wrap a Flask app
        app.wsgi_app,
        root=str(folder),
        prefix=f"static/{version}/",
        immutable_file_test=lambda _path, _url: True,
        add_headers_function=_static_headers,
    )

    def asset(path: str) -> str:
        """The address of a static file, good for ever."""
        return f"/static/{version}/{path}"

    app.jinja_env.globals["asset"] = asset


def _static_headers(headers: object, _path: str, _url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"  # type: ignore[index]  # wsgiref's Headers
    headers["Cross-Origin-Resource-Policy"] = "same-origin"  # type: ignore[index]
