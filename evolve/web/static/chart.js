"use strict";
// One chart for all pages: uPlot does scales, axes and the cursor, chartdraw.js the series.
(() => {
  const { html, useRef, useState, useLayoutEffect, useMemo, useTheme, cssColor, format } = evolve;

  const { known, colorOf, rangeOfX, rangeOfY, drawAll } = evolve.chartDrawing;
  const REACH = 14; // pixels from which a dot is hit
  const [DIGIT, RIGHT] = [7, 10]; // pixels: a character of an axis, and the least room at the right

  // ---------------------------------------------------------------- what is under the pointer

  /** The dot nearest to a place in CSS pixels, within reach: {series, point}. */
  function dotAt(u, all, left, top) {
    let found = null;
    let least = REACH ** 2;
    const height = u.over.clientHeight;
    all.forEach((series, index) => {
      if (series.kind !== "dots") return;
      series.x.forEach((value, point) => {
        if (!known(value) || !known(series.y[point])) return;
        const down = Math.min(height, Math.max(0, u.valToPos(series.y[point], "y")));
        const distance = (u.valToPos(value, "x") - left) ** 2 + (down - top) ** 2;
        if (distance < least) [found, least] = [{ series: index, point }, distance];
      });
    });
    return found;
  }

  /** The value of a curve at an x: of a step the last one before, of a line the nearest one. */
  function valueAt({ kind, x, y }, at) {
    let index = x.findIndex((value) => value > at);
    if (index < 0) index = x.length;
    if (kind !== "step" && index < x.length && (index === 0 || x[index] - at < at - x[index - 1])) index += 1;
    return index > 0 ? y[index - 1] : null;
  }

  /** What the tooltip says: rows of [colour, name, value]. */
  function rowsAt(all, at, hit, axes) {
    const rows = all
      .filter((series) => series.kind === "line" || series.kind === "step")
      .map((series) => [series.color, series.label, valueAt(series, at)])
      .filter((row) => known(row[2]))
      .map(([color, label, value]) => [color, label, axes.y.format(value)]);
    if (hit) {
      const series = all[hit.series];
      const label = series.text ? series.text(hit.point) : series.label;
      rows.push([series.color, label, axes.y.format(series.y[hit.point])]);
    }
    return rows;
  }

  /** The tooltip, in elements of its own: it follows the pointer, and nothing else need be drawn again. */
  function fillTip(tip, title, rows) {
    const element = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });
    const lines = rows.map(([color, label, value]) => {
      const line = element("div", "");
      const swatch = element("i", "");
      swatch.style.background = colorOf(color);
      line.append(swatch, element("span", label), element("b", value));
      return line;
    });
    tip.replaceChildren(element("p", title), ...lines);
  }

  function follow(u, now, tip) {
    const { left, top } = u.cursor;
    const { series, axes, onPick } = now.current;
    const away = left === undefined || left < 0;
    tip.hidden = away;
    const hit = away ? null : dotAt(u, series, left, top);
    now.current.hit = hit;
    u.over.style.cursor = hit && onPick ? "pointer" : "";
    if (away) return;
    const at = hit ? series[hit.series].x[hit.point] : u.posToVal(left, "x");
    fillTip(tip, `${axes.x.label ? `${axes.x.label}: ` : ""}${axes.x.format(at)}`, rowsAt(series, at, hit, axes));
    const room = u.over.clientWidth;
    tip.style.left = left < room / 2 ? `${left + 14}px` : "auto";
    tip.style.right = left < room / 2 ? "auto" : `${room - left + 14}px`;
    tip.style.top = `${Math.max(0, Math.min(top - 10, u.over.clientHeight - tip.offsetHeight))}px`;
  }

  // ---------------------------------------------------------------- the component

  function axisOf(axis, side) {
    const vertical = side === 3;
    return {
      side,
      scale: vertical ? "y" : "x",
      stroke: cssColor("muted"),
      font: "11px system-ui, sans-serif",
      gap: 4,
      size: vertical ? (u, values) => 12 + 6.5 * Math.max(3, ...(values || []).map((value) => value.length)) : 26,
      space: vertical ? 34 : 78,
      grid: { stroke: cssColor("line"), width: 1 },
      ticks: { stroke: cssColor("line"), width: 1, size: 4 },
      values: (u, splits) => splits.map((value) => axis.format(value)),
    };
  }

  function make(box, height, now) {
    const tip = document.createElement("div");
    tip.className = "chart-tip";
    tip.hidden = true;
    const { axes } = now.current;
    const below = axisOf(axes.x, 2);
    let last = ""; // the last label below, half of which may stand beyond the end of its axis
    const noting = (u, splits) => {
      const written = below.values(u, splits);
      last = written.at(-1) ?? "";
      return written;
    };
    const u = new uPlot(
      {
        width: Math.max(120, box.clientWidth),
        height,
        legend: { show: false },
        padding: [8, () => Math.max(RIGHT, (DIGIT * last.length) / 2), 0, 0],
        scales: { x: { time: false, range: () => now.current.x }, y: { range: () => now.current.y } },
        axes: [{ ...below, values: noting }, axisOf(axes.y, 3)],
        series: [{}, { paths: () => null, points: { show: false } }],
        cursor: { drag: { setScale: false, x: false, y: false }, points: { show: false } },
        hooks: { draw: [(plot) => drawAll(plot, now.current.series)], setCursor: [(plot) => follow(plot, now, tip)] },
      },
      [now.current.x, now.current.y],
      box,
    );
    u.over.append(tip);
    u.over.addEventListener("click", () => {
      const { hit, onPick } = now.current;
      if (hit && onPick) onPick(hit.series, hit.point);
    });
    return u;
  }

  /** How many dots lie outside the range. */
  const outside = (all, [low, high]) =>
    all
      .filter((each) => each.kind === "dots")
      .reduce((sum, { y }) => sum + y.filter((value) => known(value) && (value < low || value > high)).length, 0);

  /** Reference lines too far off to be drawn, as text. */
  function farOff(all, [low, high]) {
    const named = (arrow, far) => {
      const labels = all
        .filter((each) => each.kind === "rule" && each.label && far(each.value))
        .map(({ label }) => label);
      return labels.length ? `${arrow} ${labels.join(" · ")}` : "";
    };
    return [named("↑", (value) => value > high), named("↓", (value) => value < low)].filter(Boolean).join("   ");
  }

  const Legend = ({ series }) => html`<ul class="chart-legend">
    ${series
      .filter((each) => each.label && each.kind !== "rule" && each.legend !== false)
      .map(
        ({ label, kind, color }) =>
          html`<li><i class=${kind} style=${{ background: `var(--${typeof color === "number" ? `c${color % 8}` : color || "accent"})` }}></i>${label}</li>`,
      )}
  </ul>`;

  /**
   * A chart as wide as its box. `x` and `y` are {label, format}; `series` are {label, kind, color, ...}:
   *   line, step {x, y, dash, width}; dots {x, y, size, text: (point) => name}; band {x, low, high};
   *   rule {value, dash}, a horizontal line named at its right; rug {x, y}, shares at the bottom.
   * `onPick(series, point)` is called for a dot that is clicked. `color` is a variable's name or 0 to 7.
   */
  function Chart({ series, x = {}, y = {}, height = 280, onPick, label = "chart" }) {
    const box = useRef(null);
    const plot = useRef(null);
    const now = useRef({});
    const theme = useTheme();
    const ranges = useMemo(() => ({ x: rangeOfX(series), y: rangeOfY(series) }), [series]);
    const axes = { x: { format: format.short, ...x }, y: { format: format.number, ...y } };
    now.current = { ...now.current, series, axes, onPick, ...ranges };
    const beyond = outside(series, ranges.y);
    const far = farOff(series, ranges.y);

    useLayoutEffect(() => {
      plot.current = make(box.current, height, now);
      const resized = new ResizeObserver(() => {
        const width = Math.max(120, box.current.clientWidth);
        if (width !== plot.current.width) plot.current.setSize({ width, height });
      });
      resized.observe(box.current);
      return () => {
        resized.disconnect();
        plot.current.destroy();
      };
    }, [theme, height, x.label, y.label]);
    useLayoutEffect(() => plot.current.setData([ranges.x, ranges.y]), [series, ranges]);

    return html`<figure class="chart" role="img" aria-label=${label}>
      <figcaption>
        <span class="chart-y">${y.label}</span>
        <${Legend} series=${series} />
        <span class="chart-note">${beyond ? `${format.plural(beyond, "dot")} outside, at the edge` : ""}</span>
      </figcaption>
      <div class="chart-box" ref=${box} style=${{ height: `${height}px` }}></div>
      <div class="chart-foot"><span class="chart-far" title=${far}>${far}</span><span class="chart-x">${x.label}</span></div>
    </figure>`;
  }

  Object.assign(evolve, { Chart });
})();
