#!/usr/bin/env python3
"""Cuts the two embedded faces out of the full Noto fonts. Run once; the results are committed.

  npm pack @expo-google-fonts/noto-serif-sc@0.4.3   # 400Regular/NotoSerifSC_400Regular.ttf
  npm pack @expo-google-fonts/noto-sans-sc@0.4.3    # 500Medium/NotoSansSC_500Medium.ttf
  pip install fonttools
  subset.py <NotoSerifSC_400Regular.ttf> <NotoSansSC_500Medium.ttf> <Unihan_OtherMappings.txt>

The song face keeps every character of GBK (rare names in registers) and of the 通用规范汉字表 (Unihan kTGH);
the hei face, used for headings, labels and charts, keeps GB2312 and the 通用规范汉字表 and falls back to song.
Both gain ☐ ☑ ☒, which Noto lacks and every check box of a form needs. Because they are changed, they carry a name of
their own (the licence reserves only 'Source').
"""
import sys
from fontTools import subset
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

OTHERS = [(0x20, 0x24F), (0x370, 0x3FF), (0x400, 0x45F), (0x2000, 0x206F), (0x2070, 0x209F), (0x20A0, 0x20BF),
          (0x2100, 0x218F), (0x2190, 0x21FF), (0x2200, 0x22FF), (0x2460, 0x24FF), (0x2500, 0x257F), (0x2580, 0x259F),
          (0x25A0, 0x25FF), (0x2600, 0x2612), (0x2700, 0x27BF), (0x2E80, 0x2FDF), (0x3000, 0x30FF), (0x3200, 0x33FF),
          (0xFE30, 0xFE4F), (0xFF00, 0xFFEF), (0xFFFD, 0xFFFD)]


def encoded(codec):
    chars = set()
    for hi in range(0x81, 0xFF):
        for lo in range(0x40, 0xFF):
            try:
                chars |= {ord(c) for c in bytes([hi, lo]).decode(codec)}
            except UnicodeDecodeError:
                pass
    return chars


def standard_characters(unihan):
    with open(unihan, encoding="utf-8") as lines:
        return {int(line.split()[0][2:], 16) for line in lines if "\tkTGH\t" in line}


def polygon(pen, points):
    pen.moveTo(points[0])
    for p in points[1:]:
        pen.lineTo(p)
    pen.closePath()


def box(pen, glyphs, name, bounds):
    g = glyphs[name]
    pen.addComponent(name, (1, 0, 0, 1, 0, 0))
    bounds.extend([g.xMin, g.yMin, g.xMax, g.yMax])


def stroke(points, width):
    """The outline of a two-legged tick or a diagonal, with constant width."""
    import math
    left, right = [], []
    for i, (x, y) in enumerate(points):
        before, after = points[max(i - 1, 0)], points[min(i + 1, len(points) - 1)]
        dirs = []
        for (ax, ay), (bx, by) in ((before, (x, y)), ((x, y), after)):
            d = math.hypot(bx - ax, by - ay)
            if d:
                dirs.append(((bx - ax) / d, (by - ay) / d))
        nx = sum(-d[1] for d in dirs) / len(dirs)
        ny = sum(d[0] for d in dirs) / len(dirs)
        norm = nx * nx + ny * ny
        left.append((round(x + nx / norm * width / 2), round(y + ny / norm * width / 2)))
        right.append((round(x - nx / norm * width / 2), round(y - ny / norm * width / 2)))
    return left + right[::-1]


def add_boxes(font, weight):
    glyphs, cmap = font["glyf"], font.getBestCmap()
    square = cmap[0x25A1]
    g = glyphs[square]
    w, h = g.xMax - g.xMin, g.yMax - g.yMin
    at = lambda x, y: (g.xMin + x * w, g.yMin + y * h)
    marks = {
        0x2610: [],
        0x2611: [stroke([at(.20, .52), at(.42, .26), at(.82, .80)], weight)],
        0x2612: [stroke([at(.24, .24), at(.76, .76)], weight), stroke([at(.24, .76), at(.76, .24)], weight)],
    }
    for code, shapes in marks.items():
        pen = TTGlyphPen(None)
        for contour_points in outlines(glyphs, square):
            polygon(pen, contour_points)
        for shape in shapes:
            polygon(pen, shape[::-1])
        name = f"uni{code:04X}"
        order = font.getGlyphOrder() + [name]
        font.setGlyphOrder(order)
        glyphs[name] = pen.glyph()
        font["hmtx"][name] = font["hmtx"][square]
        for table in font["cmap"].tables:
            if table.isUnicode():
                table.cmap[code] = name


def outlines(glyphs, name):
    coords, ends, _ = glyphs[name].getCoordinates(glyphs)
    start = 0
    for end in ends:
        yield [tuple(p) for p in coords[start:end + 1]]
        start = end + 1


def rename(font, family):
    names = font["name"]
    for record in list(names.names):
        if record.nameID in (1, 2, 3, 4, 6, 16, 17, 21, 22, 25):
            names.removeNames(nameID=record.nameID)
    for name_id, text in ((1, family), (2, "Regular"), (3, f"{family} 1"), (4, family), (6, family.replace(" ", ""))):
        names.setName(text, name_id, 3, 1, 0x409)
    font["OS/2"].usWeightClass = 400
    font["OS/2"].fsSelection = 0x40


def cut(source, target, family, wanted, weight):
    font = TTFont(source)
    options = subset.Options(layout_features=["kern", "liga", "ccmp", "mark", "mkmk", "locl"], notdef_outline=True,
                             glyph_names=False, hinting=False, drop_tables=["vhea", "vmtx", "VORG", "BASE", "STAT", "gasp", "prep"])
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=wanted)
    cutter.subset(font)
    add_boxes(font, weight)
    rename(font, family)
    font["head"].modified = font["head"].created
    font.recalcTimestamp = False
    font.save(target)
    return set(font.getBestCmap())


def main():
    serif, sans, unihan = sys.argv[1:4]
    others = {c for a, b in OTHERS for c in range(a, b + 1)}
    tgh = standard_characters(unihan)
    gb2312, gbk = encoded("gb2312"), encoded("gbk")
    song = cut(serif, "AnlanSong.ttf", "Anlan Song", others | tgh | gbk, 62)
    hei = cut(sans, "AnlanHei.ttf", "Anlan Hei", others | tgh | gb2312, 84)
    print("song", len(song), "of GBK missing", len(gbk - song), "of 通用规范 missing", len(tgh - song))
    print("hei", len(hei), "of GB2312 missing", len(gb2312 - hei), "of 通用规范 missing", len(tgh - hei))


main()
