"""Take the pictures of the documentation from a running demonstration: ``python docs/pictures.py [ADDRESS]``.

Only synthetic data may stand in them: a server whose territory is not the demonstration is refused.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

import httpx
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

FOLDER = Path(__file__).resolve().parent / "pictures"
CHROMIUM = Path("/usr/bin/chromium")
DRAW_WITHOUT_GPU = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
CROP_ZONES = ("HOR", "VID", "FRU")
LARGEST = 300_000
"""Bytes of a picture at most."""


def save(picture: bytes, name: str) -> None:
    """Write a screenshot with as many colours as its size allows."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    FOLDER.mkdir(exist_ok=True)
    for colours in (256, 128, 64, 32):
        small = io.BytesIO()
        fewer = image.quantize(colours, Image.Quantize.MAXCOVERAGE, kmeans=4, dither=Image.Dither.NONE)
        fewer.save(small, "PNG", optimize=True)
        if small.tell() <= LARGEST:
            break
    (FOLDER / name).write_bytes(small.getvalue())
    print(f"{FOLDER / name}: {small.tell() / 1000:.0f} kB")  # noqa: T201  a script that reports


def open_map(browser: Browser, address: str) -> Page:
    """Open the map and ask it why."""
    page = browser.new_page(viewport={"width": 1280, "height": 800}, locale="es-BO")
    page.goto(address)
    page.locator("#table tbody tr").first.wait_for()
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(3000)
    page.locator("#municipality").select_option(label="Samaipata")
    page.wait_for_timeout(6000)
    ask_about_crops(page)
    return page


def ask_about_crops(page: Page) -> None:
    """Click on the left half of the map, where the answer hides nothing, until it is about a zone of crops."""
    box = page.locator("#map").bounding_box()
    if not box:
        return
    badge = page.locator("#reason .badge")
    for step in range(200):
        x, y = 0.30 + 0.25 * (step % 20) / 20, 0.35 + 0.4 * (step // 20) / 10
        page.mouse.click(box["x"] + box["width"] * x, box["y"] + box["height"] * y)
        if badge.count() and badge.inner_text() in CROP_ZONES:
            break
    page.mouse.move(5, 5)
    page.wait_for_timeout(1500)


def main(address: str) -> None:
    """Take both pictures."""
    if not httpx.get(f"{address}/api/v1/territory", timeout=30).json()["demo"]:
        sys.exit("This server does not show the demonstration: start it with `valles demo`.")
    with sync_playwright() as playwright:
        executable = str(CHROMIUM) if CHROMIUM.exists() else None
        browser = playwright.chromium.launch(executable_path=executable, args=DRAW_WITHOUT_GPU)
        save(open_map(browser, address).screenshot(), "map.png")
        page = browser.new_page(viewport={"width": 390, "height": 780}, locale="es-BO", device_scale_factor=2)
        page.goto(f"{address}/precios/pampa-grande")
        save(page.screenshot(), "precios.png")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/") if len(sys.argv) > 1 else "http://127.0.0.1:8000")
