"""The server of the report page: for browsers of this machine, regular files only."""

from __future__ import annotations

import functools
import html
import io
import os
import re
from collections.abc import Callable
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from nbarank.core.errors import NbarankError

PAGE = "index.html"
LEDGER = re.compile("<!-- ledger -->.*?<!-- end of ledger -->", re.DOTALL)
"""The part of the page that shows the ledger's record."""
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
"""Names under which a browser of this machine reaches the server."""


class ReportHandler(SimpleHTTPRequestHandler):
    """Serves the regular files of a report folder to browsers of this machine.

    A Host header of another name is refused: a web page elsewhere can point its own name at
    127.0.0.1 and would read the report (DNS rebinding). The page gets the ledger's record here:
    stored in it, every sealed forecast would change an output of the pipeline.
    """

    def __init__(self, *arguments: Any, record: Callable[[], list[str]], **options: Any) -> None:
        self.record = record
        super().__init__(*arguments, **options)

    def send_head(self) -> BinaryIO | None:
        """Answer a request for a file; anything else is 403 or 404."""
        if _host(self.headers.get("Host", "")) not in LOOPBACK:
            self.send_error(HTTPStatus.FORBIDDEN, "Only http://127.0.0.1 and http://localhost")
            return None
        if not self._is_of_report():
            self.send_error(HTTPStatus.NOT_FOUND)
            return None
        if urlsplit(self.path).path not in ("/", f"/{PAGE}"):
            return super().send_head()
        text = (Path(self.directory) / PAGE).read_text(encoding="utf-8")
        lines = "".join(f"<p>{html.escape(line)}</p>" for line in self.record())
        content = LEDGER.sub(lambda _: lines, text).encode()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        return io.BytesIO(content)

    def list_directory(self, path: str | os.PathLike[str]) -> None:
        """Never list a folder."""
        self.send_error(HTTPStatus.NOT_FOUND)

    def _is_of_report(self) -> bool:
        """Return whether the path is of a regular file, without symbolic links and hidden names."""
        root = Path(self.directory)
        try:
            inside = Path(self.translate_path(self.path)).relative_to(root)
            page = root / PAGE if inside == Path() else root / inside
            links = any(part.is_symlink() for part in (page, *page.parents) if root in part.parents)
            hidden = any(part.startswith(".") for part in inside.parts)
            return page.is_file() and not links and not hidden
        except (OSError, ValueError):  # a name that is too long, or with a zero byte
            return False


def _host(header: str) -> str:
    """Return the name in a Host header, without its port."""
    return header.rsplit(":", 1)[0].lower() if not header.endswith("]") else header.lower()


def make_server(
    folder: Path, port: int, record: Callable[[], list[str]] = list
) -> ThreadingHTTPServer:
    """Return a server of a report folder, reachable from this machine only.

    Parameters
    ----------
    port
        0 picks a free one.
    record
        Returns the sentences about the ledger, for each request of the page.

    Raises
    ------
    NbarankError
        If there is no page, or the port cannot be used.
    """
    require_page(folder)
    handler = functools.partial(ReportHandler, directory=str(folder), record=record)
    try:
        return ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as error:
        raise NbarankError(
            f"Port {port} cannot be used: {error.strerror or error}.",
            where="--port",
            allowed="a free port; 0 picks one",
            next_command="nbarank serve --port 0",
        ) from error


def require_page(folder: Path) -> None:
    """Raise an NbarankError if a report folder has no page."""
    page = folder / PAGE
    if not page.is_file():
        raise NbarankError(
            "There is no report yet.", where=str(page), next_command="dvc repro report"
        )
