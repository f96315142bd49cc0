"use strict";
// The tree of a run on a canvas: where its candidates stand, what colour they have, and how they are drawn.
(() => {
  const { ramp, cssColor } = evolve;
  const ROOT = -1; // above the seed
  const CATEGORIES = 8;
  const SHADES = 24;
  const DULL = SHADES;
  const CURVED = 1500;

  /**
   * Where candidates stand: x across, y up from the seed, both 0..1 (`axis` "generation" or "number"). d3.tree packs
   * generations closely; by number every candidate without children has a place of its own across (d3.cluster).
   */
  function layout(tree, axis) {
    const place = new Map(tree.number.map((number, index) => [number, index]));
    const parent = Int32Array.from(tree.parent, (number) => place.get(number) ?? -1);
    const children = Array.from(parent, () => []);
    const roots = []; // the seed, and whoever has no parent here
    parent.forEach((above, index) => (above < 0 ? roots : children[above]).push(index));
    // Not d3.stratify: it takes three times as long to find the parents that are known already.
    const root = d3.hierarchy(ROOT, (index) => (index === ROOT ? roots : children[index]));
    (axis === "number" ? d3.cluster() : d3.tree()).nodeSize([1, 1])(root);
    const [x, y] = [new Float32Array(parent.length), new Float32Array(parent.length)];
    root.each((node) => {
      if (node.data === ROOT) return;
      x[node.data] = node.x;
      y[node.data] = axis === "number" ? tree.number[node.data] : node.depth;
    });
    const [across, up] = [spread(x), spread(y)];
    const room = { x: across.unit, y: axis === "number" ? 1 : up.unit }; // between neighbours
    return { tree, place, parent, x: across.values, y: up.values, room, links: links(tree, place), children };
  }

  /** Values from 0 to 1, and what one of the old units is now. */
  function spread(values) {
    let [low, high] = [Infinity, -Infinity];
    for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
    const unit = high > low ? 1 / (high - low) : 1;
    return { values: values.map((value) => (high > low ? (value - low) * unit : 0.5)), unit };
  }

  /** Further parents and inspirations by the place of the child: [[place, "crossed" | "shown"], ...]. */
  function links(tree, place) {
    const found = new Map();
    for (const [edges, kind] of [
      [tree.others, "crossed"],
      [tree.inspirations, "shown"],
    ]) {
      edges.child.forEach((child, index) => {
        const [from, to] = [place.get(child), place.get(edges.parent[index])];
        if (from === undefined || to === undefined) return;
        if (!found.has(from)) found.set(from, []);
        found.get(from).push([to, kind]);
      });
    }
    return found;
  }

  /** The objectives colours go between: the best one, and the lower quartile, for the worst ones would leave no room. */
  function span(tree, sign) {
    const scores = tree.objective.filter((value) => value !== null).sort((a, b) => sign * (a - b));
    return scores.length ? [scores[Math.floor(scores.length / 4)], scores[scores.length - 1]] : [0, 1];
  }

  /** Colours and the number of each candidate's one: {colors, of: Uint8Array, legend: [[color, text], ...] | null, span}. */
  function colouring(tree, by, sign) {
    const categories = Array.from({ length: CATEGORIES }, (_, index) => cssColor(`c${index}`));
    const folded = (values) => Uint8Array.from(values, (value) => Math.min(value, CATEGORIES - 1));
    if (by === "operator") {
      const legend = tree.operators
        .slice(0, CATEGORIES)
        .map((name, index) => [
          categories[index],
          index === CATEGORIES - 1 && tree.operators.length > CATEGORIES ? "others" : name,
        ]);
      return { colors: categories, of: folded(tree.operator), legend };
    }
    if (by === "island") {
      const islands = [...new Set(tree.island)].sort((a, b) => a - b);
      const legend = islands
        .slice(0, CATEGORIES)
        .map((island, index) => [
          categories[index],
          index === CATEGORIES - 1 && islands.length > CATEGORIES ? "others" : `island ${island}`,
        ]);
      return { colors: categories, of: folded(tree.island.map((island) => islands.indexOf(island))), legend };
    }
    const [low, high] = span(tree, sign);
    const shade = (value) =>
      value === null
        ? DULL
        : Math.max(0, Math.min(SHADES - 1, Math.floor(((value - low) / (high - low || 1)) * SHADES)));
    const colors = [...Array.from({ length: SHADES }, (_, index) => ramp((index + 0.5) / SHADES)), cssColor("line")];
    return { colors, of: Uint8Array.from(tree.objective, shade), legend: null, span: [low, high] };
  }

  /** The whole tree. `view` is {kx, ky, tx, ty, width, height}: a candidate stands at (x * kx + tx, y * ky + ty). */
  function paint(context, plan, colours, view) {
    const { x, y, parent } = plan;
    const { kx, ky, tx, ty, width, height } = view;
    context.clearRect(0, 0, width, height);
    const seen = [];
    const curved = x.length < CURVED;
    context.beginPath();
    for (let index = 0; index < x.length; index += 1) {
      const [px, py] = [x[index] * kx + tx, y[index] * ky + ty];
      const inside = px > -9 && px < width + 9 && py > -9 && py < height + 9;
      if (inside) seen.push(index);
      const above = parent[index];
      if (above < 0) continue;
      const [qx, qy] = [x[above] * kx + tx, y[above] * ky + ty];
      if (Math.max(px, qx) < 0 || Math.min(px, qx) > width || Math.max(py, qy) < 0 || Math.min(py, qy) > height)
        continue;
      link(context, px, py, qx, qy, curved);
    }
    context.strokeStyle = cssColor("muted");
    context.globalAlpha = 0.4;
    context.lineWidth = 1;
    context.stroke();
    context.globalAlpha = 1;
    dots(context, plan, colours, view, seen);
  }

  function link(context, px, py, qx, qy, curved) {
    context.moveTo(qx, qy);
    if (curved) context.bezierCurveTo(qx, (py + qy) / 2, px, (py + qy) / 2, px, py);
    else context.lineTo(px, py);
  }

  function dots(context, plan, { colors, of }, view, seen) {
    const { x, y } = plan;
    const size = radius(plan, view);
    const groups = colors.map(() => []);
    for (const index of seen) groups[of[index]].push(index);
    groups.forEach((group, color) => {
      context.fillStyle = colors[color];
      context.beginPath();
      for (const index of group) {
        const [px, py] = [x[index] * view.kx + view.tx, y[index] * view.ky + view.ty];
        if (size < 3) {
          context.rect(px - size, py - size, 2 * size, 2 * size); // as good as round at this size, and cheaper
        } else {
          context.moveTo(px + size, py);
          context.arc(px, py, size, 0, 2 * Math.PI);
        }
      }
      context.fill();
    });
  }

  /** Half a candidate's width in pixels: what there is room for. */
  const radius = ({ room }, view) =>
    Math.max(1, Math.min(6, 0.42 * room.x * view.kx, 0.42 * room.y * Math.abs(view.ky)));

  /** On top of it: the path of a candidate to the seed, and one that is pointed at with everybody it comes from. */
  function paintOver(context, plan, view, marked, pointed) {
    context.clearRect(0, 0, view.width, view.height);
    const [accent, ink] = [cssColor("accent"), cssColor("ink")];
    const curved = plan.x.length < CURVED;
    if (marked >= 0) trace(context, plan, view, marked, accent, 2.5, curved);
    if (pointed < 0) return;
    trace(context, plan, view, pointed, ink, 1.5, curved);
    const at = (index) => [plan.x[index] * view.kx + view.tx, plan.y[index] * view.ky + view.ty];
    for (const [from, kind] of plan.links.get(pointed) || []) {
      context.setLineDash(kind === "crossed" ? [6, 4] : [1, 4]);
      context.beginPath();
      link(context, ...at(pointed), ...at(from), curved);
      context.stroke();
    }
    context.setLineDash([]);
    ring(context, ...at(pointed), radius(plan, view) + 3, ink);
  }

  function trace(context, plan, view, start, color, width, curved) {
    const at = (index) => [plan.x[index] * view.kx + view.tx, plan.y[index] * view.ky + view.ty];
    context.strokeStyle = color;
    context.lineWidth = width;
    context.beginPath();
    for (let step = start; plan.parent[step] >= 0; step = plan.parent[step])
      link(context, ...at(step), ...at(plan.parent[step]), curved);
    context.stroke();
    ring(context, ...at(start), radius(plan, view) + 2, color);
  }

  function ring(context, x, y, size, color) {
    context.strokeStyle = color;
    context.lineWidth = 2;
    context.beginPath();
    context.arc(x, y, size, 0, 2 * Math.PI);
    context.stroke();
  }

  /** The place of the candidate nearest to a point of the canvas, -1 if none is within `reach` pixels. */
  function nearest({ x, y }, view, px, py, reach) {
    let [found, least] = [-1, reach * reach];
    for (let index = 0; index < x.length; index += 1) {
      const [dx, dy] = [x[index] * view.kx + view.tx - px, y[index] * view.ky + view.ty - py];
      const distance = dx * dx + dy * dy;
      if (distance < least) [found, least] = [index, distance];
    }
    return found;
  }

  evolve.lineageDrawing = { layout, colouring, paint, paintOver, nearest };
})();
