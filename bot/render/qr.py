"""A link as a QR picture, to be shown on a screen or printed."""

import io
from typing import Any


def png(link: str) -> bytes:
    """Return the picture as PNG, about 500 pixels wide."""
    picture = io.BytesIO()
    _code(link).make_image().save(picture, "PNG")
    return picture.getvalue()


def svg(link: str) -> bytes:
    """Return the picture as SVG: sharp on paper at any size."""
    from qrcode.image.svg import SvgPathImage

    picture = io.BytesIO()
    _code(link).make_image(image_factory=SvgPathImage).save(picture)
    return picture.getvalue()


def _code(link: str) -> Any:
    import qrcode  # imported where used: an idle bot should not hold it
    from qrcode.constants import ERROR_CORRECT_M

    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, box_size=12, border=4)
    code.add_data(link)
    code.make(fit=True)
    return code
