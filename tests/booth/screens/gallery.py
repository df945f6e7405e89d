"""Pictures of every page and state: `python -m tests.booth.screens.gallery [NAME …]` writes build/screens/*.png."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from playwright.async_api import async_playwright

from tests.booth.screens.house import screens_up
from tests.booth.screens.made import EVERY_STATE, NAMES

INTO = Path(__file__).parents[3] / "build" / "screens"
SIZES = {"wide": (1920, 1080), "tall": (1080, 1920)}


async def main(wanted):
    INTO.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        async with (
            screens_up(Path(folder), snapshot=EVERY_STATE["attract"]) as house,
            async_playwright() as playwright,
        ):
            house.screens.people._names.update(NAMES)
            browser = await playwright.chromium.launch(
                executable_path="/usr/bin/chromium", args=["--no-sandbox"]
            )
            for size, (width, height) in SIZES.items():
                page = await browser.new_page(viewport={"width": width, "height": height})
                page.on("console", lambda message: print("console:", message.text))
                page.on("pageerror", lambda error: print("error:", error))
                await page.goto(f"{house.url}/stage")
                for name, snapshot in EVERY_STATE.items():
                    if wanted and name not in wanted:
                        continue
                    house.race.show(snapshot)
                    await page.wait_for_timeout(1300)
                    await page.screenshot(path=INTO / f"stage-{name}-{size}.png")
                    print(name, size)
                await page.close()
            await browser.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
