"""What a device writes into a file is gone from it; the picture and the words stay as they were."""

import io
import struct
import zipfile
from datetime import UTC, datetime

import pytest
import typst
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps, PngImagePlugin

from bot.core.stripped import Unclean
from bot.core.stripping import cleaned, stripped

PLACE = b"Nieuwegein"
GPS = {1: "N", 2: (52.0, 5.0, 30.0), 3: "E", 4: (5.0, 4.0, 10.0)}


def picture(kind: str, *, orientation: int = 1, **values: object) -> bytes:
    image = Image.new("RGB", (40, 20), "white")
    for x in range(10):
        image.putpixel((x, 3), (200, 30, 30))
    exif = Image.Exif()
    exif[0x010F] = "Nieuwegein Phones"
    exif[0x0112] = orientation
    exif.get_ifd(0x8825).update(GPS)
    made = io.BytesIO()
    image.save(made, kind, exif=exif, **values)
    return made.getvalue()


def read(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", 8 + len(body)) + kind + body


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_tells_neither_place_nor_device_any_more(kind: str) -> None:
    data = picture(kind)
    clean = stripped(data)
    assert PLACE in data
    assert PLACE not in clean
    assert not dict(read(clean).getexif())
    assert read(clean).tobytes() == read(data).tobytes()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_stays_the_right_way_up(orientation: int) -> None:
    data = picture("JPEG", orientation=orientation)
    clean = stripped(data)
    assert set(dict(read(clean).getexif())) <= {0x0112}
    before, after = (ImageOps.exif_transpose(read(one)) for one in (data, clean))
    assert (before.size, before.tobytes()) == (after.size, after.tobytes())


def test_words_in_a_png_and_xmp_in_a_picture_are_gone() -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", "Nieuwegein")
    info.add_itxt("XML:com.adobe.xmp", "<x>Nieuwegein</x>", zip=False)
    assert PLACE not in stripped(picture("PNG", pnginfo=info))
    assert PLACE not in stripped(picture("JPEG", comment=PLACE, xmp=b"<x>Nieuwegein</x>"))
    assert PLACE not in stripped(picture("WEBP", xmp=b"<x>Nieuwegein</x>"))


def test_the_header_of_a_webp_promises_nothing_that_is_gone() -> None:
    clean = stripped(picture("WEBP", lossless=True))
    assert clean[12:16] == b"VP8X"
    assert clean[20] & 0b1100 == 0
    assert int.from_bytes(clean[4:8], "little") == len(clean) - 8


def test_colours_are_kept_and_what_stands_behind_the_picture_is_not() -> None:
    data = picture("JPEG", icc_profile=b"colours" * 40, progressive=True)
    clean = stripped(data + b"MotionPhoto Nieuwegein")
    assert read(clean).info["icc_profile"] == b"colours" * 40
    assert b"MotionPhoto" not in clean
    assert read(clean).tobytes() == read(data).tobytes()


def test_a_film_keeps_its_length_and_loses_its_place() -> None:
    place = box(b"udta", box(b"\xa9xyz", b"+52.0291+005.0806/"), box(b"meta", b"Nieuwegein"))
    film = box(b"mdia", box(b"hdlr", bytes(8), b"vide", bytes(12)))
    data = (
        box(b"ftyp", b"isom", bytes(4)) + box(b"moov", place, box(b"trak", place, film)) + box(b"mdat", b"x")
    )
    clean = stripped(data)
    assert len(clean) == len(data)
    assert b"+52.0291" not in clean
    assert PLACE not in clean
    assert b"mdat" in clean


@pytest.mark.parametrize("handler", [b"camm", b"meta"])
def test_a_film_with_a_track_of_places_is_not_clean(handler: bytes) -> None:
    track = box(b"trak", box(b"mdia", box(b"hdlr", bytes(8), handler, bytes(12))))
    with pytest.raises(Unclean):
        stripped(box(b"ftyp", b"isom", bytes(4)) + box(b"moov", track))


def test_tags_of_a_sound_are_left_out() -> None:
    sound = b"\xff\xfb\x90\x00" + b"\x11" * 400
    tag = b"ID3\x04\x00\x00" + bytes([0, 0, 0, 10]) + b"Nieuwegein"
    assert stripped(tag + sound + b"TAG" + PLACE.ljust(125, b"\0")) == sound


def test_who_made_a_pdf_is_blank_and_its_pages_are_as_before() -> None:
    source = b'#set document(title: "Nieuwegein", author: "Nieuwegein")\nHello'
    data = typst.compile(source)
    information = b"<< /Author (Nieuwegein \\) x) /Title <4e6965> >>"
    data += b"\n9999 0 obj\n%s\nendobj\ntrailer << /Info 9999 0 R >>\n%%%%EOF\n" % information
    clean = stripped(data)
    assert PLACE in data
    assert PLACE not in clean
    assert b"4e6965" not in clean
    assert len(clean) == len(data)


@pytest.mark.parametrize(
    "hidden",
    [b"trailer << /Info 7 0 R >>", b"/Metadata 7 0 R", b"/Encrypt 1 0 R"],
    ids=["packed", "packed_xmp", "encrypted"],
)
def test_a_pdf_whose_makers_cannot_be_reached_is_not_clean(hidden: bytes) -> None:
    with pytest.raises(Unclean):
        stripped(b"%PDF-1.7\n" + hidden + b"\n%%EOF")


def document(**files: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 11, 20, 8, 0, 0)), data)
    return made.getvalue()


def test_a_document_names_nobody_and_its_pictures_are_clean() -> None:
    words = b'<w:p><w:ins w:author="Nieuwegein" w:date="2026">Hello</w:ins></w:p>'
    clean = stripped(
        document(
            **{
                "[Content_Types].xml": b"<Types/>",
                "docProps/core.xml": b"<dc:creator>Nieuwegein</dc:creator>",
                "docProps/custom.xml": b"Nieuwegein",
                "meta.xml": b"<meta:initial-creator>Nieuwegein</meta:initial-creator>",
                "docProps/thumbnail.jpeg": picture("JPEG"),
                "word/document.xml": words,
                "word/media/image1.jpeg": picture("JPEG"),
            }
        )
    )
    with zipfile.ZipFile(io.BytesIO(clean)) as archive:
        assert all(PLACE not in archive.read(name) for name in archive.namelist())
        assert b">Hello<" in archive.read("word/document.xml")
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}
        read(archive.read("word/media/image1.jpeg"))


def test_an_archive_that_claims_too_much_and_one_that_is_no_document_are_not_clean() -> None:
    with pytest.raises(Unclean):
        stripped(document(**{"photos/1.jpg": b"x"}))
    with pytest.raises(Unclean):
        stripped(document(**{"mimetype": b"x", "big.xml": bytes(101_000_000)}))


def test_plain_words_are_clean_and_unknown_bytes_are_not() -> None:
    assert stripped("Één lijst, två rader\n".encode()) == "Één lijst, två rader\n".encode()
    for unknown in (b"\xd0\xcf\x11\xe0\xa1\xb1", b"\x00\x01words", box(b"ftyp", b"heic", bytes(4))):
        with pytest.raises(Unclean):
            stripped(unknown)


def test_what_is_recorded_in_telegram_is_kept_as_it_is() -> None:
    assert cleaned("voice", b"\x00anything") == b"\x00anything"
    assert cleaned("document", b"\x00anything") is None


WHOLE = [picture("JPEG", orientation=6), picture("PNG"), picture("WEBP"), document(mimetype=b"x", a=b"words")]


@given(st.sampled_from(WHOLE), st.data())
def test_a_file_that_is_cut_off_is_cleaned_or_kept_back_and_never_shows_the_place(
    data: bytes, draw: st.DataObject
) -> None:
    found = cleaned("photo", data[: draw.draw(st.integers(0, len(data)))])
    assert found is None or PLACE not in found


def test_a_picture_with_a_wrong_byte_is_kept_back() -> None:
    for kind in ("JPEG", "PNG"):
        data = picture(kind)
        at = (
            data.index(b"Exif" if kind == "JPEG" else b"eXIf") - 3
        )  # its length, or what kind of segment it is
        assert cleaned("document", data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]) is None


def test_cleaning_is_steady() -> None:
    moment = datetime(2026, 11, 22, tzinfo=UTC)  # nothing of today stands in it
    for data in WHOLE:
        once = stripped(data)
        assert stripped(once) == once
        assert str(moment.year).encode() not in once


@pytest.mark.parametrize("body", [b"/Info 1 0 R\n" + b"1 0 obj " * 80_000, b"<x:xmpmeta " * 80_000])
def test_a_pdf_without_ends_is_refused_at_once(body: bytes) -> None:
    with pytest.raises(Unclean):  # it took minutes once, and held up everybody
        stripped(b"%PDF-1.4\n" + body + b"\n%%EOF")


def test_boxes_in_boxes_without_end_are_refused() -> None:
    inner = b""
    for _ in range(2000):
        inner = (len(inner) + 8).to_bytes(4, "big") + b"moov" + inner
    with pytest.raises(Unclean):
        stripped(b"\x00\x00\x00\x0cftypmp42" + inner)


def test_an_archive_that_lies_about_its_sizes_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b"<x/>")
        archive.writestr("word/document.xml", b"0" * 1_000_000)
    data, size = out.getvalue(), (1_000_000).to_bytes(4, "little")
    with pytest.raises(Unclean):
        stripped(data.replace(size, (10).to_bytes(4, "little")))
