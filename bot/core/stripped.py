"""How each kind of file is cleaned; see `stripping`."""

import re
import struct
import zlib
from collections.abc import Callable, Iterator


class Unclean(Exception):
    """This file can't be cleaned: its kind is not known, or it is damaged."""


# Pictures -------------------------------------------------------------------------------------------------------

ORIENTATION = 0x0112
ICC = b"ICC_PROFILE\0"
TABLES = frozenset([*range(0xC0, 0xD0), 0xDB, 0xDC, 0xDD])  # what a picture is drawn with


def jpeg(data: bytes) -> bytes:
    """Keep the picture, its colours and which way is up; leave out all else, also what stands behind its end."""
    kept = [data[:2]]
    at, up = 2, 1
    while True:
        while data[at + 1] == 0xFF:  # what fills up counts for nothing
            at += 1
        marker = _marker(data, at)
        if marker == 0xDA:  # the picture itself
            end = _end_of_scans(data, at)
            return b"".join([kept[0], _turned(up), *kept[1:], data[at:end], b"\xff\xd9"])
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        segment = data[at : at + 2 + length]
        if length < 2 or len(segment) != 2 + length:
            raise Unclean("cut off")
        body = segment[4:]
        if marker == 0xE1 and body.startswith(b"Exif\0\0"):
            up = _up(body[6:])
        colours = marker == 0xEE or (marker == 0xE2 and body.startswith(ICC))
        plain_head = marker == 0xE0 and length == 16  # a longer one has a small picture in it
        if marker in TABLES or colours or plain_head:
            kept.append(segment)
        elif not _of_program(marker):
            raise Unclean("an unknown segment")
        at += 2 + length


def _marker(data: bytes, at: int) -> int:
    if data[at] != 0xFF:
        raise Unclean("no marker")
    return data[at + 1]


def _of_program(marker: int) -> bool:
    """Segments of programs and comments: APP0 to APP15, COM."""
    return 0xE0 <= marker <= 0xEF or marker == 0xFE


def _end_of_scans(data: bytes, at: int) -> int:
    """Where the picture ends: what phones put behind it, such as a film, is left out.

    Between two scans of a progressive picture stand tables, whose bytes are to be jumped over.
    """
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            raise Unclean("no end")
        marker = data[at + 1]
        if marker == 0xD9:
            return at
        if marker in (0x00, 0xFF, 0x01) or 0xD0 <= marker <= 0xD7:
            at += 1 if marker == 0xFF else 2
        elif _of_program(marker):
            raise Unclean("something amid the picture")
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")


def _up(tiff: bytes) -> int:
    """Return the orientation that a camera wrote down, 1 if none."""
    order = ">" if tiff[:2] == b"MM" else "<"
    try:
        (start,) = struct.unpack(f"{order}I", tiff[4:8])
        (count,) = struct.unpack(f"{order}H", tiff[start : start + 2])
        for number in range(count):
            entry = tiff[start + 2 + 12 * number :][:12]
            tag, _, _, value = struct.unpack(f"{order}HHIH", entry[:10])
            if tag == ORIENTATION:
                return value if 1 <= value <= 8 else 1
    except struct.error:
        pass
    return 1


def _turned(up: int) -> bytes:
    """Return a segment that says which way is up and nothing else; none if that is as usual."""
    if up == 1:
        return b""
    tiff = struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, ORIENTATION, 3, 1, up, 0, 0)
    body = b"Exif\0\0" + tiff
    return b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body


PNG_KEPT = frozenset(
    b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB bKGD hIST pHYs sPLT acTL fcTL fdAT cICP".split()
)


def png(data: bytes) -> bytes:
    """Keep the chunks that make the picture."""
    kept, at = [data[:8]], 8
    while True:
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        chunk = data[at : at + 12 + length]
        if len(chunk) != 12 + length or zlib.crc32(chunk[4:-4]) != int.from_bytes(chunk[-4:], "big"):
            raise Unclean("cut off or damaged")
        if kind in PNG_KEPT:
            kept.append(chunk)
        if kind == b"IEND":
            return b"".join(kept)
        at += 12 + length


WEBP_KEPT = frozenset([b"VP8 ", b"VP8L", b"VP8X", b"ICCP", b"ALPH", b"ANIM", b"ANMF"])


def riff(data: bytes) -> bytes:
    """Keep the chunks that make the picture; its header says then that there are no others."""
    kept, at = [], 12
    end = 8 + int.from_bytes(data[4:8], "little")
    if end > len(data):
        raise Unclean("cut off")
    while at < end:
        kind, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        chunk = data[at : at + 8 + length + length % 2]
        if len(chunk) < 8 + length:
            raise Unclean("cut off")
        if kind == b"VP8X":
            chunk = chunk[:8] + bytes([chunk[8] & ~0b1100]) + chunk[9:]
        if kind in WEBP_KEPT:
            kept.append(chunk)
        at += 8 + length + length % 2
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + len(body).to_bytes(4, "little") + body


# Sound and film -------------------------------------------------------------------------------------------------

DEEPEST = 8  # boxes in boxes; the usual ones are five deep
HOLDS = frozenset([b"moov", b"trak", b"mdia", b"minf", b"moof", b"traf", b"edts", b"dinf", b"stbl"])
TELLS = frozenset([b"udta", b"meta", b"uuid", b"XMP_", b"loci", b"mett"])
STILLS = frozenset([b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis", b"hevc", b"crx "])


def iso_media(data: bytes) -> bytes:
    """Overwrite what an MP4 or MOV file tells of its making: boxes stay as long as they were, so nothing moves."""
    if data[8:12] in STILLS:
        raise Unclean("a picture of a kind that isn't known")
    clean = bytearray(data)
    for start, end, header, kind in _boxes(data, 0, len(data)):
        if kind in TELLS:
            clean[start + 4 : start + 8] = b"free"
            clean[start + header : end] = bytes(end - start - header)
        elif kind == b"hdlr" and data[start + header + 8 : start + header + 12] in (b"meta", b"camm"):
            raise Unclean("a track of places")
    return bytes(clean)


def _boxes(data: bytes, at: int, end: int, deep: int = 0) -> Iterator[tuple[int, int, int, bytes]]:
    if deep > DEEPEST:
        raise Unclean("boxes without end")
    while at < end:
        length, kind, header = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8], 8
        if length == 1:
            length, header = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        elif length == 0:
            length = end - at
        if length < header or at + length > end:
            raise Unclean("cut off")
        yield at, at + length, header, kind
        if kind in HOLDS:
            yield from _boxes(data, at + header, at + length, deep + 1)
        at += length


def ogg(data: bytes) -> bytes:
    """Telegram's voice messages: its comments are one name of a program. Any other comment is not cleaned."""
    head = data[:4096]
    at = head.find(b"OpusTags")
    if at < 0:
        raise Unclean("not Opus")
    length = int.from_bytes(head[at + 8 : at + 12], "little")
    count = int.from_bytes(head[at + 12 + length : at + 16 + length], "little")
    first = re.match(rb"....(?i:encoder)=", head[at + 16 + length :], re.DOTALL)
    if count > 1 or (count == 1 and first is None):
        raise Unclean("has comments")
    return data


def mp3(data: bytes) -> bytes:
    """Leave the tags before and behind the sound out."""
    at = 0
    while data[at : at + 3] == b"ID3":
        size = 0
        for digit in data[at + 6 : at + 10]:
            size = size << 7 | digit & 0x7F
        at += 10 + size + (10 if data[at + 5] & 0x10 else 0)
    data = data[at:]
    if not data or data[0] != 0xFF:
        raise Unclean("no sound")
    if data[-128:-125] == b"TAG":
        data = data[:-128]
    if b"APETAGEX" in data[-512:]:
        raise Unclean("a tag of another kind")
    return data


# PDF ------------------------------------------------------------------------------------------------------------

INFO = re.compile(rb"/Info\s+(\d+)\s+(\d+)\s+R")
ENDOBJ = re.compile(rb"endobj")
METADATA = re.compile(rb"/Metadata\s+(\d+)\s+\d+\s+R")
XMP_ENDS = {
    b"<?xpacket begin": re.compile(rb"<\?xpacket end[^>]{0,99}\?>"),
    b"<x:xmpmeta": re.compile(rb"</x:xmpmeta>"),
}
XMP = re.compile(b"|".join(map(re.escape, XMP_ENDS)))
MOST_INFOS = 20  # one for each time it was changed, and nearly always the same
STRING = re.compile(rb"\((?:\\.|[^\\()]|\((?:\\.|[^\\()])*\))*\)|<(?!<)[0-9A-Fa-f\s]*>", re.DOTALL)


def pdf(data: bytes) -> bytes:
    """Blank who made it, with what and when; lengths stay, as a PDF counts its bytes.

    Where that is packed so that it can't be reached in place, or encrypted, the file is not clean. Pictures inside it
    keep what they hold: programs that make PDFs draw them anew, mostly.
    """
    if b"/Encrypt" in data or b"%%EOF" not in data[-2048:]:
        raise Unclean("encrypted, or cut off")
    infos = set(INFO.findall(data))
    if len(infos) > MOST_INFOS:
        raise Unclean("changed too often")
    for number, generation in infos:
        head = re.compile(rb"(?<!\d)%s\s+%s\s+obj\b" % (number, generation))
        objects = list(_between(data, head, lambda _: ENDOBJ))
        if not objects:
            raise Unclean("packed")
        clean = bytearray(data)
        for start, end in objects:
            if re.search(rb"\d\s+\d+\s+R\b", data[start:end]):
                raise Unclean("spread out")
            clean[start:end] = STRING.sub(_blank, data[start:end])
        data = bytes(clean)
    packets = list(_between(data, XMP, lambda begin: XMP_ENDS[begin]))
    if len(set(METADATA.findall(data))) > len(packets):
        raise Unclean("packed")
    clean = bytearray(data)
    for start, end in packets:
        clean[start:end] = b" " * (end - start)
    return bytes(clean)


def _between(
    data: bytes, begins: re.Pattern[bytes], ends: Callable[[bytes], re.Pattern[bytes]]
) -> Iterator[tuple[int, int]]:
    """Yield from where to where; each byte is looked at once, as `begin.*?end` takes hours where no end is."""
    at = 0
    while (begin := begins.search(data, at)) is not None:
        end = ends(begin[0]).search(data, begin.end())
        if end is None:
            raise Unclean("cut off")
        at = end.end()
        yield begin.start(), at


def _blank(match: re.Match[bytes]) -> bytes:
    return match[0][:1] + b" " * (len(match[0]) - 2) + match[0][-1:]
