"""Parquet files of the sportsdataverse-data releases: one per data set and season, by pooch.

A season is named by the year it ends in. Each file is downloaded once and checked against its
SHA-256.
"""

from __future__ import annotations

import hashlib
import shlex
import sys
import tempfile
from pathlib import Path

import pandas as pd
import pyarrow as arrow

from nbarank.core.errors import SourceError
from nbarank.sources.downloads import Downloads
from nbarank.sources.params import ReleaseParams
from nbarank.sources.parquet_files import read_parquet_file

_NOT_FOUND = 404


class NotPublishedError(SourceError):
    """A file that no address has."""


class Releases:
    """The released files of one source, with their cache."""

    def __init__(self, params: ReleaseParams, downloads: Downloads) -> None:
        self.params, self.downloads = params, downloads

    def table(self, tag: str, stem: str, season: str) -> pd.DataFrame:
        """Return `tag`/`stem`_2016.parquet of 2015-16, from the cache or from the network.

        Raises
        ------
        NotPublishedError
            If every address answers that there is no such file.
        SourceError
            If the file cannot be downloaded, does not have its hash, or is not parquet.
        """
        name = f"{stem}_{int(season[:4]) + 1}.parquet"
        downloads = self.downloads
        final_on = downloads.final_on(season)
        required = self.params.hashes.get(name, "").lower()
        content = downloads.get(name, final_on)
        if content is None or (required and hashlib.sha256(content).hexdigest() != required):
            # A damaged download of a final season must be replaced by the same file.
            expected = required or downloads.recorded_hash(name, final_on)
            content = self._download(f"{tag}/{name}", name, expected)
            downloads.put(name, content)
        try:
            return read_parquet_file(Path(name), content)
        except MemoryError:  # pyarrow's is an ArrowException too
            raise
        except (OSError, arrow.ArrowException, ValueError) as error:
            place = str(downloads.path(name))
            raise SourceError(
                f"{name} is not a parquet file.",
                where=place,
                next_command=f"rm {shlex.quote(place)}, then rerun the same command",
            ) from error

    def _download(self, path: str, name: str, sha256: str | None) -> bytes:
        """Download a file with pooch, from the address or the mirror."""
        import pooch
        import requests

        params = self.params
        downloader = pooch.HTTPDownloader(progressbar=sys.stderr.isatty(), timeout=params.timeout)
        known = f"sha256:{sha256}" if sha256 else None
        reasons = []
        published = False
        pooch.get_logger().setLevel("WARNING")
        for address in filter(None, (params.address, params.mirror)):
            url = f"{address.rstrip('/')}/{path}"
            for _ in range(params.attempts):
                with tempfile.TemporaryDirectory(prefix="nbarank-") as folder:
                    try:
                        file = pooch.retrieve(url, known, name, folder, downloader=downloader)
                        return Path(file).read_bytes()
                    except requests.HTTPError as error:
                        status = error.response.status_code if error.response is not None else "?"
                        published |= status != _NOT_FOUND
                        reasons.append(f"{address}: HTTP {status}")
                        break
                    except requests.RequestException as error:
                        published = True
                        reasons.append(f"{address}: {type(error).__name__}")
                    except ValueError as error:
                        if "hash" not in str(error).lower():
                            raise
                        published = True
                        reasons.append(f"{address}: the file has another hash than expected")
                        break
        raise (SourceError if published else NotPublishedError)(
            f"{name} cannot be downloaded: {'; '.join(dict.fromkeys(reasons))}.",
            where=f"params.yaml: {params.path}.address and mirror",
            allowed=f"a file with SHA-256 {sha256}" if sha256 else None,
            next_command="check the network and the address, then run the same command again; "
            "finished downloads are kept",
        )
