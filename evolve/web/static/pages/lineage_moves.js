"use strict";
// How the picture of a tree is moved: by mouse, fingers and keys.
(() => {
  const PAD = 16;
  const STEP = 60;
  const [LEAST, FARTHEST] = [0.8, 500];

  /** What part of the picture is seen: {kx, ky, tx, ty, width, height, zoom}, all of it to begin with. */
  const fitted = (width, height) => ({
    kx: width - 2 * PAD,
    ky: -(height - 2 * PAD),
    tx: PAD,
    ty: height - PAD,
    width,
    height,
    zoom: 1,
  });

  /** Moved by (dx, dy) and zoomed by `factor` about (px, py); a corner of the tree stays in sight. */
  function changed(view, { dx = 0, dy = 0, factor = 1, px = view.width / 2, py = view.height / 2 }) {
    const zoom = Math.max(LEAST, Math.min(FARTHEST, view.zoom * factor));
    const by = zoom / view.zoom;
    const [kx, ky] = [view.kx * by, view.ky * by];
    const tx = Math.max(STEP - kx, Math.min(view.width - STEP, px + (view.tx - px) * by + dx));
    const ty = Math.max(STEP, Math.min(view.height - STEP - ky, py + (view.ty - py) * by + dy));
    return { ...view, kx, ky, tx, ty, zoom };
  }

  /** What fingers and mouse do: one moves, two zoom, a click or tap without moving picks. */
  function pointers(state, draw, { point, pick }) {
    const held = new Map();
    let moved = 0;
    const place = (event) => {
      const box = event.currentTarget.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    };
    const middle = () => {
      const spots = [...held.values()];
      const [x, y] = [0, 1].map((axis) => spots.reduce((sum, spot) => sum + spot[axis], 0) / spots.length);
      return { x, y, apart: spots.length > 1 ? Math.hypot(spots[0][0] - spots[1][0], spots[0][1] - spots[1][1]) : 0 };
    };
    return {
      onPointerDown(event) {
        event.currentTarget.setPointerCapture(event.pointerId);
        if (!held.size) moved = 0;
        held.set(event.pointerId, place(event));
      },
      onPointerMove(event) {
        if (!held.has(event.pointerId)) return void point(...place(event));
        const before = middle();
        held.set(event.pointerId, place(event));
        const after = middle();
        moved += Math.hypot(after.x - before.x, after.y - before.y) + Math.abs(after.apart - before.apart);
        if (moved < 4) return;
        const factor = before.apart > 0 && after.apart > 0 ? after.apart / before.apart : 1;
        state.view = changed(state.view, {
          dx: after.x - before.x,
          dy: after.y - before.y,
          factor,
          px: after.x,
          py: after.y,
        });
        draw();
      },
      onPointerUp(event) {
        if (held.delete(event.pointerId) && !held.size && moved < 4)
          pick(...place(event), event.pointerType === "mouse");
      },
      onPointerCancel: (event) => void held.delete(event.pointerId),
      onWheel(event) {
        event.preventDefault();
        const [px, py] = place(event);
        state.view = changed(state.view, {
          factor: Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0016)),
          px,
          py,
        });
        draw();
      },
    };
  }

  /** Who is next to a candidate: its best-placed child, its parent, its siblings. */
  function neighbour({ parent, children }, from, key) {
    if (key === "ArrowUp") return children[from][0];
    if (key === "ArrowDown") return parent[from];
    const siblings = parent[from] < 0 ? [from] : children[parent[from]];
    return siblings[siblings.indexOf(from) + (key === "ArrowLeft" ? -1 : 1)];
  }

  function keys(state, draw, { plan, pointed, marked, walk, open, fit }) {
    const moves = { ArrowUp: [0, STEP], ArrowDown: [0, -STEP], ArrowLeft: [STEP, 0], ArrowRight: [-STEP, 0] };
    return (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key in moves && event.shiftKey) {
        const from = pointed >= 0 ? pointed : marked;
        walk(pointed < 0 ? from : (neighbour(plan, from, event.key) ?? from));
      } else if (event.key in moves) {
        const [dx, dy] = moves[event.key];
        state.view = changed(state.view, { dx, dy });
      } else if (event.key === "+" || event.key === "=") state.view = changed(state.view, { factor: 1.4 });
      else if (event.key === "-") state.view = changed(state.view, { factor: 1 / 1.4 });
      else if (event.key === "0") fit();
      else if (event.key === "Enter" && pointed >= 0) open(pointed);
      else return;
      event.preventDefault();
      draw();
    };
  }

  evolve.lineageMoves = { fitted, changed, pointers, keys };
})();
