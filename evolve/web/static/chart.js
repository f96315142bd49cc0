"use strict";
// One chart for all pages. uPlot does scales, axes and the cursor; the series, which need not share their x, are drawn
// here: thousands of dots are one path, and what lies far off is drawn dimmed at the edge instead of flattening the rest.
(() => {
  const { html, useRef, useState, useLayoutEffect, useMemo, useTheme, cssColor, format } = evolve;

  const DOT = 2.2; // radius in CSS pixels
  const REACH = 14; // pixels from which a dot is hit
  const MARGIN = 0.06; // of the span, above and below
  const DOTS_BEYOND = 0.35; // of the span between worst and best of the curves: so far dots may widen the range
  const RULE_BEYOND = 1; // likewise for reference lines; further ones are named at the edge
  const RUG = 16; // height of the failures at the bottom

  const known = (value) => value !== null && value !== undefined && Number.isFinite(value);
  const colorOf = (color) => cssColor(typeof color === "number" ? `c${color % 8}` : color || "accent");
  const isCurve = (series) => ["line", "step", "band"].includes(series.kind);
  const valuesOf = (series) => (series.kind === "band" ? [...series.low, ...series.high] : series.y);

  function spanOf(values) {
    let low = Infinity;
    let high = -Infinity;
    for (const value of values) {
      if (!known(value)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    return low <= high ? [low, high] : null;
  }
  const join = (one, other) => (one && other ? [Math.min(one[0], other[0]), Math.max(one[1], other[1])] : one || other);
  const widened = ([low, high], by) => [low - by, high + by];

  /** The range of y: all of the curves, and of dots and reference lines what is not too far from those. */
  function rangeOfY(all) {
    let span = all.filter(isCurve).reduce((before, series) => join(before, spanOf(valuesOf(series))), null);
    const dots = all.filter((series) => series.kind === "dots").reduce((before, series) => join(before, spanOf(series.y)), null);
    if (span && dots) {
      const reach = span[1] - span[0] ? DOTS_BEYOND * (span[1] - span[0]) : Infinity;
      const [low, high] = widened(span, reach);
      span = join(span, [Math.max(low, Math.min(dots[0], high)), Math.min(high, Math.max(dots[1], low))]);
    }
    span = span || dots;
    if (!span) return [0, 1];
    const [low, high] = widened(span, RULE_BEYOND * (span[1] - span[0]));
    for (const { kind, value } of all) if (kind === "rule" && value >= low && value <= high) span = join(span, [value, value]);
    const size = span[1] - span[0];
    return widened(span, size ? MARGIN * size : Math.abs(span[0]) * 0.1 || 1);
  }
  const rangeOfX = (all) => {
    const span = all.filter((each) => each.x).reduce((before, each) => join(before, spanOf(each.x)), null) || [0, 1];
    return span[0] < span[1] ? span : [span[0], span[0] + 1];
  };

  // ---------------------------------------------------------------- drawing

  /** Turns values into canvas pixels. */
  function pen(u) {
    const { left, top, width, height } = u.bbox;
    return {
      u, ctx: u.ctx, ratio: uPlot.pxRatio, left, top, right: left + width, bottom: top + height,
      x: (value) => u.valToPos(value, "x", true),
      y: (value) => u.valToPos(value, "y", true),
    };
  }

  function tracePath(p, xs, ys, steps) {
    let before = null;
    xs.forEach((x, index) => {
      if (!known(x) || !known(ys[index])) {
        before = null; // a gap
        return;
      }
      const to = p.y(ys[index]);
      if (before === null) p.ctx.moveTo(p.x(x), to);
      else {
        if (steps) p.ctx.lineTo(p.x(x), before);
        p.ctx.lineTo(p.x(x), to);
      }
      before = to;
    });
  }

  const draw = {
    line: (p, series) => stroke(p, series, false),
    step: (p, series) => stroke(p, series, true),

    band(p, { x, low, high, color }) {
      p.ctx.globalAlpha = 0.18;
      p.ctx.fillStyle = colorOf(color);
      p.ctx.beginPath();
      x.forEach((value, index) => p.ctx.lineTo(p.x(value), p.y(high[index])));
      for (let index = x.length - 1; index >= 0; index -= 1) p.ctx.lineTo(p.x(x[index]), p.y(low[index]));
      p.ctx.fill();
    },

    dots(p, { x, y, color, size = 1 }) {
      const radius = DOT * size * p.ratio;
      const path = { inside: new Path2D(), edge: new Path2D() };
      x.forEach((value, index) => {
        if (!known(value) || !known(y[index])) return;
        const left = p.x(value);
        const top = p.y(y[index]);
        const shown = Math.min(p.bottom - radius, Math.max(p.top + radius, top));
        const into = top < p.top || top > p.bottom ? path.edge : path.inside;
        into.moveTo(left + radius, shown);
        into.arc(left, shown, radius, 0, 2 * Math.PI);
      });
      p.ctx.fillStyle = colorOf(color);
      p.ctx.globalAlpha = 0.65;
      p.ctx.fill(path.inside);
      p.ctx.globalAlpha = 0.2;
      p.ctx.fill(path.edge);
    },

    /** Shares from 0 to 1 as bars along the bottom, each from the x before to its own. */
    rug(p, { x, y, color }) {
      p.ctx.globalAlpha = 0.35;
      p.ctx.fillStyle = colorOf(color);
      let from = p.left;
      x.forEach((value, index) => {
        const to = p.x(value);
        const height = (y[index] || 0) * RUG * p.ratio;
        p.ctx.fillRect(from, p.bottom - height, Math.max(1, to - from - 1), height);
        from = to;
      });
    },

    rule(p, { value, color, dash = [5, 4] }) {
      const top = p.y(value);
      if (top < p.top || top > p.bottom) return;
      p.ctx.strokeStyle = colorOf(color);
      p.ctx.lineWidth = p.ratio;
      p.ctx.setLineDash(dash.map((each) => each * p.ratio));
      p.ctx.beginPath();
      p.ctx.moveTo(p.left, top);
      p.ctx.lineTo(p.right, top);
      p.ctx.stroke();
    },
  };

  function stroke(p, { x, y, color, dash, width = 2 }, steps) {
    p.ctx.strokeStyle = colorOf(color);
    p.ctx.lineWidth = width * p.ratio;
    p.ctx.lineJoin = "round";
    p.ctx.setLineDash((dash || []).map((each) => each * p.ratio));
    p.ctx.beginPath();
    tracePath(p, x, y, steps);
    p.ctx.stroke();
  }

  /** The names of reference lines and where to write them, at the right edge; with an arrow if their line is far off. */
  function placeNames(p, rules) {
    const height = 13 * p.ratio;
    const right = p.right - 4 * p.ratio;
    const named = rules
      .map((rule) => {
        const at = p.y(rule.value);
        const arrow = at < p.top ? "↑ " : at > p.bottom ? "↓ " : "";
        const lowest = p.bottom - 3 * p.ratio;
        return { color: rule.color, text: `${arrow}${rule.label}`, right, height, at: Math.min(lowest, Math.max(p.top + height, at - 3 * p.ratio)) };
      })
      .sort((one, other) => one.at - other.at);
    // Pushed apart, downwards and then up again from the lower edge.
    named.forEach((each, index) => {
      if (index) each.at = Math.max(each.at, named[index - 1].at + height);
    });
    named.reduceRight((lowest, each) => {
      each.at = Math.min(each.at, lowest);
      return each.at - height;
    }, p.bottom - 3 * p.ratio);
    return named;
  }

  /** A ground for the names, to be read across dots and lines. */
  function ground(p, names) {
    p.ctx.globalAlpha = 0.85;
    p.ctx.fillStyle = cssColor("panel");
    for (const { text, right, at, height } of names) {
      const width = p.ctx.measureText(text).width + 6 * p.ratio;
      p.ctx.fillRect(right + 3 * p.ratio - width, at - height + 3 * p.ratio, width, height);
    }
  }

  function write(p, names) {
    for (const { color, text, right, at } of names) {
      p.ctx.fillStyle = colorOf(color);
      p.ctx.fillText(text, right, at);
    }
  }

  function drawAll(u, all) {
    const p = pen(u);
    const apart = (drawing) => {
      p.ctx.save();
      p.ctx.font = `${11 * p.ratio}px ${getComputedStyle(u.root).fontFamily}`;
      p.ctx.textAlign = "right";
      p.ctx.textBaseline = "alphabetic"; // uPlot leaves its own
      drawing();
      p.ctx.restore();
    };
    const clipped = (kinds) => {
      for (const series of kinds.flatMap((kind) => all.filter((each) => each.kind === kind))) {
        apart(() => {
          p.ctx.beginPath();
          p.ctx.rect(p.left - DOT * p.ratio, p.top, p.right - p.left + 2 * DOT * p.ratio, p.bottom - p.top); // dots at the ends whole
          p.ctx.clip();
          draw[series.kind](p, series);
        });
      }
    };
    const names = placeNames(p, all.filter((series) => series.kind === "rule" && series.label));
    clipped(["rug", "band", "dots", "rule"]);
    apart(() => ground(p, names));
    clipped(["line", "step"]); // over the ground, for the end of a curve is its point
    apart(() => write(p, names));
  }

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
    fillTip(tip, `${axes.x.format(at)}${axes.x.label ? ` ${axes.x.label}` : ""}`, rowsAt(series, at, hit, axes));
    const room = u.over.clientWidth;
    tip.style.left = left < room / 2 ? `${left + 14}px` : "auto";
    tip.style.right = left < room / 2 ? "auto" : `${room - left + 14}px`;
    tip.style.top = `${Math.max(0, Math.min(top - 10, u.over.clientHeight - tip.offsetHeight))}px`;
  }

  // ---------------------------------------------------------------- the component

  function axisOf(axis, side) {
    const vertical = side === 3;
    return {
      side, scale: vertical ? "y" : "x", stroke: cssColor("muted"), font: "11px system-ui, sans-serif", gap: 4,
      size: vertical ? (u, values) => 12 + 6.5 * Math.max(3, ...(values || []).map((value) => value.length)) : 26,
      space: vertical ? 34 : 78,
      grid: { stroke: cssColor("line"), width: 1 }, ticks: { stroke: cssColor("line"), width: 1, size: 4 },
      values: (u, splits) => splits.map((value) => axis.format(value)),
    };
  }

  function make(box, height, now) {
    const tip = document.createElement("div");
    tip.className = "chart-tip";
    tip.hidden = true;
    const { axes } = now.current;
    const u = new uPlot(
      {
        width: Math.max(120, box.clientWidth), height, legend: { show: false }, padding: [8, 10, 0, 0],
        scales: { x: { time: false, range: () => now.current.x }, y: { range: () => now.current.y } },
        axes: [axisOf(axes.x, 2), axisOf(axes.y, 3)],
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
    all.filter((each) => each.kind === "dots").reduce((sum, { y }) => sum + y.filter((value) => known(value) && (value < low || value > high)).length, 0);

  const Legend = ({ series }) => html`<ul class="chart-legend">
    ${series
      .filter((each) => each.label && each.kind !== "rule" && each.legend !== false)
      .map(({ label, kind, color }) => html`<li><i class=${kind} style=${{ background: `var(--${typeof color === "number" ? `c${color % 8}` : color || "accent"})` }}></i>${label}</li>`)}
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
        <span class="chart-note">${beyond ? `${format.plural(beyond, "candidate")} outside, at the edge` : ""}</span>
      </figcaption>
      <div class="chart-box" ref=${box} style=${{ height: `${height}px` }}></div>
      <div class="chart-x">${x.label}</div>
    </figure>`;
  }

  Object.assign(evolve, { Chart });
})();
