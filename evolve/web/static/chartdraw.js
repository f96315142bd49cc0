"use strict";
// How charts are drawn on uPlot's canvas. The series need not share their x, thousands of dots are one path, and what lies
// far off is drawn dimmed at the edge instead of flattening the rest.
(() => {
  const { cssColor } = evolve;

  const DOT = 2.2; // radius in CSS pixels
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
    const dots = all
      .filter((series) => series.kind === "dots")
      .reduce((before, series) => join(before, spanOf(series.y)), null);
    if (span && dots) {
      const reach = span[1] - span[0] ? DOTS_BEYOND * (span[1] - span[0]) : Infinity;
      const [low, high] = widened(span, reach);
      span = join(span, [Math.max(low, Math.min(dots[0], high)), Math.min(high, Math.max(dots[1], low))]);
    }
    span = span || dots;
    if (!span) return [0, 1];
    const [low, high] = widened(span, RULE_BEYOND * (span[1] - span[0]));
    for (const { kind, value } of all)
      if (kind === "rule" && value >= low && value <= high) span = join(span, [value, value]);
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
      u,
      ctx: u.ctx,
      ratio: uPlot.pxRatio,
      left,
      top,
      right: left + width,
      bottom: top + height,
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

  /** The names of the reference lines in view, and where to write them at the right edge. */
  function placeNames(p, rules) {
    const height = 13 * p.ratio;
    const right = p.right - 4 * p.ratio;
    const named = rules
      .map(({ color, label, value }) => ({
        color,
        text: label,
        right,
        height,
        at: Math.max(p.top + height, p.y(value) - 3 * p.ratio),
      }))
      .sort((one, other) => one.at - other.at);
    // Pushed apart, downwards and then up again from the lower edge.
    named.forEach((each, index) => {
      if (index) each.at = Math.max(each.at, named[index - 1].at + height);
    });
    named.reduceRight(
      (lowest, each) => {
        each.at = Math.min(each.at, lowest);
        return each.at - height;
      },
      p.bottom - 3 * p.ratio,
    );
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
    const inView = ({ value }) => p.y(value) >= p.top && p.y(value) <= p.bottom;
    const names = placeNames(
      p,
      all.filter((series) => series.kind === "rule" && series.label && inView(series)),
    );
    clipped(["rug", "band", "dots", "rule"]);
    apart(() => ground(p, names));
    clipped(["line", "step"]); // over the ground, for the end of a curve is its point
    apart(() => write(p, names));
  }

  Object.assign(evolve, { chartDrawing: { known, colorOf, rangeOfX, rangeOfY, drawAll } });
})();
