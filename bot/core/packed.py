"""Documents that are ZIP files: Word, Excel, PowerPoint, OpenDocument. See `stripping`."""

import io
import re
import zipfile
import zlib

from bot.core.stripped import Unclean, jpeg, png

MOST = 100_000_000  # bytes unpacked: a ZIP of 20 MB may claim terabytes
PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # documents know no other
THEN = (1980, 1, 1, 0, 0, 0)

# Who wrote and changed it, when and with what.
BLANK = {
    "docProps/core.xml": b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><cp:coreProperties xmlns:cp='
    b'"http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>',
    "docProps/app.xml": b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Properties xmlns='
    b'"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>',
    "docProps/custom.xml": b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Properties xmlns='
    b'"http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"/>',
    "meta.xml": b'<?xml version="1.0" encoding="UTF-8"?><office:document-meta xmlns:office='
    b'"urn:oasis:names:tc:opendocument:xmlns:office:1.0" office:version="1.2"><office:meta/></office:document-meta>',
}
KNOWN = ("[Content_Types].xml", "mimetype")  # one of them is in every such document
# Names beside changes and comments.
AUTHORS = re.compile(
    rb'(\b(?:w:author|w:initials|w15:author|w15:userId|userId|displayName|authorId)=")[^"]*(")'
    rb"|(<(?:dc:creator|meta:creator-initials|text:sender-[a-z]+|author)>)[^<]*(<)"
)
TEXTS = re.compile(r"\.(?:xml|rels)$")


def unpacked(data: bytes) -> bytes:
    """Return the document with nothing in it of who made it; its pictures are cleaned as well."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _packed(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        raise Unclean(type(error).__name__) from None


def _packed(archive: zipfile.ZipFile) -> bytes:
    names = archive.namelist()
    if any(one.compress_type not in PACKINGS for one in archive.infolist()):
        raise Unclean("packed in an unusual way")
    if not any(name in names for name in KNOWN) or sum(one.file_size for one in archive.infolist()) > MOST:
        raise Unclean("not a document")
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as new:
        for entry in archive.infolist():
            fresh = zipfile.ZipInfo(entry.filename, THEN)
            fresh.compress_type = entry.compress_type
            with archive.open(entry) as member:  # as much as it claims: a wrong claim fails the check sum
                new.writestr(fresh, _member(entry.filename, member.read(entry.file_size)))
    return made.getvalue()


def _member(name: str, data: bytes) -> bytes:
    if name in BLANK:
        return BLANK[name]
    if re.search(r"thumbnail", name, re.IGNORECASE):
        return b""
    if TEXTS.search(name):
        return AUTHORS.sub(lambda match: b"".join(part or b"" for part in match.groups()), data)
    if data[:3] == b"\xff\xd8\xff":
        return jpeg(data)
    return png(data) if data[:8] == b"\x89PNG\r\n\x1a\n" else data
