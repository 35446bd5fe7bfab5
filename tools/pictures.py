"""Draw the book's pictures of itself: what a link shows, the icon of a phone, the README's picture.

`python tools/pictures.py` writes them into book/_static, from the rendered book and with Chromium.
"""

import io
import pathlib

from chromium import QUIET, find_chromium
from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = pathlib.Path(__file__).parents[1]

STATIC = ROOT / "book" / "_static"
PAGES = ROOT / "_build" / "html"
LOGO = (STATIC / "icon.svg").read_text(encoding="utf-8")
CARD = f"""<link rel="stylesheet" href="{(PAGES / "_static" / "book.css").as_uri()}">
<body style="display: grid; grid-template-columns: 400px 1fr; align-items: center; gap: 40px;
  height: 630px; padding: 0 70px; border-bottom: 16px solid #093da8">
<div>{LOGO}</div>
<div><h1 style="margin: 0 0 24px; font: 600 68px/1.12 var(--text)">Understand a neural network
by running one</h1><p style="margin: 0; font: 32px/1.3 var(--label); color: var(--quiet)">Read it,
run it, test it, teach with it.</p></div>"""


def picture_of(tab, width, height):
    tab.set_viewport_size({"width": width, "height": height})
    tab.evaluate("document.fonts.ready")
    return Image.open(io.BytesIO(tab.screenshot())).convert("RGB")


def save(picture, name):
    """With few colours: there are no photographs here."""
    picture.quantize(256, dither=Image.Dither.NONE).save(STATIC / name, optimize=True)


def main():
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=QUIET)
        tab = chromium.new_page()
        tab.goto((PAGES / "book/intro.html").as_uri())
        front = picture_of(tab, 1280, 900)
        tab.goto((PAGES / "book/xor_forward_pass.html").as_uri())
        tab.set_viewport_size({"width": 390, "height": 900})
        tab.locator(".netlib .sentence").scroll_into_view_if_needed()
        phone = picture_of(tab, 390, 900)
        both = Image.new("RGB", (front.width + phone.width + 30, 900), "#c9ced4")
        both.paste(front, (0, 0))
        both.paste(phone, (front.width + 30, 0))
        save(both, "book.png")
        tab.goto((PAGES / "404.html").as_uri())  # any page: so that the fonts may be loaded
        tab.set_content(CARD)
        save(picture_of(tab, 1200, 630), "card.png")
        tab.set_content(f'<body style="margin: 0; width: 180px">{LOGO}</body>')
        save(picture_of(tab, 180, 180), "icon.png")
        chromium.close()


if __name__ == "__main__":
    main()
