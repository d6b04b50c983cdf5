#!/usr/bin/env python3
"""Whether the charts of a report are drawn: a run is reported, shown by a browser, and the colours of equity and of
the limits are looked for in the picture. Then the same report without its series must fail that, else the test would
see nothing. Needs Chromium, which is installed from the distribution where it is not there."""

import json
import os
import re
import shutil
import struct
import subprocess
import sys
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "target" / "report"
BROWSERS = ["chromium", "chromium-browser", "google-chrome"]
# Tall enough for the charts of both accounts.
WIDTH, HEIGHT = 1200, 2600
# The tool that is given, as it was built; else it is built.
TOOL = [str(Path(sys.argv[1]).resolve())] if sys.argv[1:] else ["cargo", "run", "--quiet", "--locked", "--"]
RUN = [
    *TOOL, "run", "rules/ftmo/two-step.fence", "--plan", "100K", "--market", "fxcm",
    "--report", str(OUT / "report.html"), "examples/data/fills.jsonl", "examples/data/fxcm_eurusd_tick_20140502_quote.zip",
]
# Colours of the light style sheet that nothing but the lines and their keys has, and how many pixels a drawn line has
# at least: a key has about a hundred.
COLOURS = {"equity": (0x24, 0x57, 0xE6, 600), "limit": (0x8E, 0x24, 0xAA, 600)}


def browser():
    """A browser, installed where there is none."""
    for _ in range(2):
        for name in BROWSERS:
            if shutil.which(name):
                return name
        subprocess.run(["apt-get", "update"], check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["apt-get", "install", "-y", "--no-install-recommends", "chromium"], check=True, stdout=subprocess.DEVNULL)
    sys.exit("no Chromium, and it could not be installed")


def shot(name, page, picture):
    """What the browser shows of a page."""
    picture.unlink(missing_ok=True)
    arguments = [
        name, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-color-profile=srgb",
        "--virtual-time-budget=5000", f"--window-size={WIDTH},{HEIGHT}", f"--screenshot={picture}", page.as_uri(),
    ]
    subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120)


def pixels(picture):
    """The pixels of a PNG of 8 bits, row by row, each as its red, green and blue."""
    data = picture.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n", "no PNG"
    at, packed = 8, b""
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", body)
            assert depth == 8 and colour in (2, 6) and not interlaced, "a PNG of another kind"
        elif kind == b"IDAT":
            packed += body
        at += 12 + length
    size = 3 if colour == 2 else 4
    raw, before, rows = zlib.decompress(packed), bytes(width * size), []
    for row in range(height):
        start = row * (width * size + 1)
        line = bytearray(raw[start + 1 : start + 1 + width * size])
        unfilter(raw[start], line, before, size)
        rows.append([tuple(line[x : x + 3]) for x in range(0, len(line), size)])
        before = line
    return rows


def unfilter(how, line, before, size):
    """Undoes a row's filter (RFC 2083, 6)."""
    for at in range(len(line)):
        left = line[at - size] if at >= size else 0
        up, corner = before[at], before[at - size] if at >= size else 0
        if how == 1:
            add = left
        elif how == 2:
            add = up
        elif how == 3:
            add = (left + up) // 2
        elif how == 4:
            guess = left + up - corner
            add = min((abs(guess - left), 0, left), (abs(guess - up), 1, up), (abs(guess - corner), 2, corner))[2]
        else:
            return
        line[at] = (line[at] + add) & 0xFF


def missing(name, page):
    """The lines that are not seen in the chart of a page, with how many pixels of each were."""
    picture = page.with_suffix(".png")
    shot(name, page, picture)
    found = dict.fromkeys(COLOURS, 0)
    for row in pixels(picture):
        for seen in row:
            for line, (red, green, blue, _) in COLOURS.items():
                # Edges of lines are blended with the ground: only what is nearly the colour counts.
                if abs(seen[0] - red) <= 24 and abs(seen[1] - green) <= 24 and abs(seen[2] - blue) <= 24:
                    found[line] += 1
    return {line: count for line, count in found.items() if count < COLOURS[line][3]}, found


def without_limit(page):
    """The accounts of a report whose chart has no line of a limit from one instant to a later one."""
    data = json.loads(page.read_text(encoding="utf-8").split('id="data">')[1].split("</script>")[0])
    drawn = lambda times, values: any(a is not None and b is not None and s < t for s, t, a, b in zip(times, times[1:], values, values[1:]))
    return [at for at, account in enumerate(data["accounts"]) if not any(drawn(*line["data"]) for line in account["lines"])]


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    subprocess.run(RUN, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    report = OUT / "report.html"
    name = browser()
    lacks, found = missing(name, report)
    if lacks:
        sys.exit(f"the chart of {report} lacks {', '.join(lacks)}: pixels found {found}")
    if undrawn := without_limit(report):
        sys.exit(f"{report} draws no limit for the accounts {undrawn}")
    empty = OUT / "empty.html"
    text = report.read_text(encoding="utf-8")
    without = re.sub(r'"(equity|balance)":\[\[[^\]]*\],\[[^\]]*\]\]', r'"\1":[[],[]]', text)
    without = re.sub(r'"lines":\[.*?\],"positions"', '"lines":[],"positions"', without)
    assert without != text, "the series were not found"
    empty.write_text(without, encoding="utf-8")
    lacks, none = missing(name, empty)
    if set(lacks) != set(COLOURS):
        sys.exit(f"an empty chart was not noticed: pixels found {none}")
    assert without_limit(empty), "lines that are missing were not noticed"
    print(f"the report's chart is drawn: {found}; without its series: {none}")


if __name__ == "__main__":
    os.environ.setdefault("HOME", str(OUT))
    main()
