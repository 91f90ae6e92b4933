"""The files of /mydata: a page without scripts and outside resources, that opens on a phone; and an archive."""

import io
import zipfile
from datetime import datetime
from html import escape

from bot.core.mail import File
from bot.core.mydata import Entry, Page, Parcel, Section

STYLE = (
    "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:42rem;margin:0 auto;padding:1rem;color:#1a1a1a;"
    "background:#fff;overflow-wrap:anywhere}h1{font-size:1.5rem;line-height:1.25}h2{font-size:1.2rem;"
    "margin:2rem 0 .5rem;border-top:1px solid #767676;padding-top:1rem}article{margin:0 0 1.25rem}"
    "h3{font-size:1rem;margin:0}p{margin:.25rem 0}blockquote{margin:.25rem 0;padding:.25rem 0 .25rem .75rem;"
    "border-left:4px solid #2b6777;white-space:pre-wrap}"
    "@media(prefers-color-scheme:dark){body{color:#f2f2f2;background:#161616}blockquote{border-color:#7fb8c9}}"
)
POLICY = "default-src 'none'; style-src 'unsafe-inline'"  # whatever stands in somebody's words loads nothing


def pack(parcel: Parcel, *, at: datetime) -> list[File]:
    """Return what is sent of a parcel: the page, then the archive. Top-level: it runs in another process."""
    files = (
        [] if parcel.page is None else [File(f"{parcel.name}.html", "text/html", page(parcel.page).encode())]
    )
    return [*files, File(f"{parcel.name}.zip", "application/zip", _archive(parcel, at))]


def page(shown: Page) -> str:
    """Return the page as HTML."""
    head = (
        f'<!doctype html><html lang="{escape(shown.language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f"<title>{escape(shown.title)}</title><style>{STYLE}</style></head><body><main>"
    )
    intro = "".join(f"<p>{escape(line)}</p>" for line in shown.intro)
    body = "".join(_section(section) for section in shown.sections)
    return f"{head}<h1>{escape(shown.title)}</h1>{intro}{body}</main></body></html>"


def _section(section: Section) -> str:
    entries = "".join(_entry(entry) for entry in section.entries)
    return f"<section><h2>{escape(section.heading)}</h2>{entries}</section>"


def _entry(entry: Entry) -> str:
    title = f"<h3>{escape(entry.title)}</h3>" if entry.title else ""
    words = "".join(f"<blockquote>{escape(said)}</blockquote>" for said in entry.words)
    notes = "".join(f"<p>{escape(note)}</p>" for note in entry.notes)
    return f"<article>{title}{words}{notes}</article>"


def _archive(parcel: Parcel, at: datetime) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        if parcel.data:
            archive.writestr(_info("data.json", at), parcel.data, zipfile.ZIP_DEFLATED)
        for name, data in parcel.files:  # pictures and sound are packed already
            archive.writestr(_info(f"files/{name}", at), data, zipfile.ZIP_STORED)
    return out.getvalue()


def _info(name: str, at: datetime) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, at.timetuple()[:6])
    info.external_attr = 0o600 << 16
    return info
