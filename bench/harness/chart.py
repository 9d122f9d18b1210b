"""The chart: CPU against nginx, one group of bars for each kind of work. SVG by hand."""

from xml.sax.saxutils import escape

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 960, 56, 16, 84, 40
PLOT_HEIGHT = 300
MOST = 3.0  # bars that are higher are cut and say how high they are
COLOURS = ["#9aa0a6", "#1a73e8", "#12459c", "#34a853", "#b7dfc1", "#f29900", "#fbd79b", "#a142f4", "#d93025", "#795548"]


def bars(groups, series, most=MOST, step=0.5):
    """`groups`: (label, {series: ratio}); `series`: names in order. Those without a figure leave a gap."""
    width = (WIDTH - LEFT - RIGHT) / max(len(groups), 1)
    bar = width * 0.86 / max(len(series), 1)

    def y(ratio):
        return TOP + PLOT_HEIGHT * (1 - min(ratio, most) / most)

    parts = []
    for index in range(int(most / step) + 1):
        level = index * step
        strong = level == 1
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(level):.1f}" y2="{y(level):.1f}" '
            f'stroke="{"#5f6368" if strong else "#dadce0"}" stroke-width="1"/>'
        )
        parts.append(f'<text x="{LEFT - 8}" y="{y(level) + 4:.1f}" text-anchor="end">{level:g}</text>')
    for place, (label, ratios) in enumerate(groups):
        left = LEFT + place * width + width * 0.07
        for number, name in enumerate(series):
            ratio = ratios.get(name)
            if ratio is None:
                continue
            x, top = left + number * bar, y(ratio)
            parts.append(
                f'<rect x="{x:.1f}" y="{top:.1f}" width="{bar * 0.9:.1f}" height="{TOP + PLOT_HEIGHT - top:.1f}" '
                f'fill="{COLOURS[number % len(COLOURS)]}">'
                f'<title>{escape(f"{name}, {label}: {ratio:.2f}")}</title></rect>'
            )
            if ratio > most:
                middle = x + bar * 0.45 + 4
                parts.append(
                    f'<text transform="translate({middle:.1f} {TOP + 6}) rotate(-90)" text-anchor="end" '
                    f'font-size="11" stroke="#fff" stroke-width="2.5" paint-order="stroke">{ratio:.1f}</text>'
                )
        middle = LEFT + place * width + width / 2
        parts.append(f'<text x="{middle:.1f}" y="{TOP + PLOT_HEIGHT + 20}" text-anchor="middle">{escape(label)}</text>')
    return parts


def legend(series):
    parts, x, y = [], LEFT, 44
    for number, name in enumerate(series):
        wide = 26 + 7 * len(name)
        if x + wide > WIDTH - RIGHT:
            x, y = LEFT, y + 20
        parts.append(f'<rect x="{x}" y="{y - 10}" width="12" height="12" fill="{COLOURS[number % len(COLOURS)]}"/>')
        parts.append(f'<text x="{x + 17}" y="{y}">{escape(name)}</text>')
        x += wide
    return parts


def svg(title, groups, series, most=MOST, step=0.5):
    height = TOP + PLOT_HEIGHT + BOTTOM
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'font-family="sans-serif" font-size="12" fill="#202124">'
    )
    parts = [head, f"<title>{escape(title)}</title>", f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>']
    parts.append(f'<text x="{LEFT}" y="22" font-size="16" font-weight="bold">{escape(title)}</text>')
    return "\n".join([*parts, *legend(series), *bars(groups, series, most, step), "</svg>"]) + "\n"


CHARTED = ("requests 1 KB x 64", "requests 10 KB x 64", "requests 100 KB x 64", "requests 1 MB x 64", "streams 256")


def of_results(results, works, titles):
    groups, seen = [], {}
    for key in CHARTED:
        if not any(work.key == key for work in works):
            continue
        ratios = {
            titles[peer]: results.ratio(key, peer, "cpu_us", "nginx") for peer in results.peers(key) if peer != "direct"
        }
        seen |= dict.fromkeys(name for name, ratio in ratios.items() if ratio is not None)
        groups.append((key.replace("requests ", "").replace("streams 256", "256 streams"), ratios))
    return svg("CPU of the proxy for each request or event, nginx = 1 (lower is better)", groups, list(seen))
