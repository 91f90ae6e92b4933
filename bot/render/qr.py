"""A link as a QR picture, to be shown on a screen or printed."""

import io


def png(link: str) -> bytes:
    """Return the picture as PNG, about 500 pixels wide."""
    import qrcode  # imported where used: an idle bot should not hold it
    from qrcode.constants import ERROR_CORRECT_M

    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, box_size=12, border=4)
    code.add_data(link)
    code.make(fit=True)
    picture = io.BytesIO()
    code.make_image().save(picture, "PNG")
    return picture.getvalue()
