"use strict";
// The archive at a moment: who held which cell, where each cell is drawn, and the drawing itself.
(() => {
  const { ramp, cssColor } = evolve;
  const NOBODY = -1;
  const STRIP = 16; // candidates of a row while nobody knows where they belong

  /** What a piece of history knows of everybody in it, by number. */
  function people(data) {
    const { elites, operators, models } = data;
    return new Map(
      elites.number.map((number, at) => [
        number,
        {
          number,
          objective: elites.objective[at],
          operator: operators[elites.operator[at]],
          model: models[elites.model[at]],
        },
      ]),
    );
  }

  /** The islands after `told` tells, each a map from cell to elite; `learning` says that cells are not those of the grid. */
  function boardAt(data, known, told) {
    const { changes, rescored } = data;
    const islands = Array.from({ length: data.islands }, () => new Map());
    for (let at = 0; at < changes.told.length && changes.told[at] <= told; at += 1) {
      const cells = islands[changes.island[at]];
      if (changes.number[at] === NOBODY) cells.delete(changes.cell[at]);
      else cells.set(changes.cell[at], changes.number[at]);
    }
    const worth = new Map();
    for (let at = 0; at < rescored.told.length && rescored.told[at] <= told; at += 1) {
      worth.set(rescored.number[at], rescored.objective[at]);
    }
    const elite = (number) => {
      const { objective, ...rest } = known.get(number);
      return { ...rest, objective: worth.has(number) ? worth.get(number) : objective };
    };
    const learning = data.learning || (data.frozen !== null && told < data.frozen);
    return {
      learning,
      islands: islands.map((cells) => new Map([...cells].map(([cell, number]) => [cell, elite(number)]))),
    };
  }

  /** How many numbers apart two neighbours along each axis are: the last axis is counted first. */
  const strides = (axes) =>
    axes.map((_, index) => axes.slice(index + 1).reduce((product, axis) => product * axis.cells, 1));

  /**
   * Where cells are drawn: boxes in columns and rows (row 0 is the lowest), or dots. `spot` gives the number of a cell's
   * box or dot, `cellsOf` says in words what a box spans.
   */
  function geometryOf(data, x, y, most) {
    const { axes } = data;
    if (data.layout === "one") return { columns: 1, rows: 1, spot: () => 0, dots: null };
    if (data.learning && data.frozen === null && !data.homes.number.length) {
      return { columns: STRIP, rows: Math.max(1, Math.ceil(most / STRIP)), spot: null, dots: null };
    }
    if (data.layout === "points") {
      const at = (axis, index) => (axis === null ? 0.5 : data.points.at[axis][index]);
      const dots = new Map(data.points.cell.map((cell, index) => [cell, [at(x, index), at(y, index)]]));
      return { columns: 0, rows: 0, spot: (cell) => cell, dots };
    }
    const columns = axes[x].cells;
    const apart = strides(axes);
    const place = (cell, axis) => (axis === null ? 0 : Math.floor(cell / apart[axis]) % axes[axis].cells);
    return {
      columns,
      rows: y === null ? 1 : axes[y].cells,
      spot: (cell) => place(cell, y) * columns + place(cell, x),
      dots: null,
    };
  }

  /** Whether one elite is better than another; of equals the one that was there first. */
  const ahead = (one, other, sign) =>
    one.objective === other.objective ? one.number < other.number : sign * one.objective > sign * other.objective;

  /** The elite that each spot shows: the best of its cells. */
  function shownOn(geometry, cells, sign, homes) {
    const spots = new Map();
    let order = 0;
    for (const [cell, elite] of [...cells].sort((a, b) => a[0] - b[0])) {
      const spot = geometry.spot
        ? geometry.spot(homes ? (homes.get(elite.number) ?? cell) : cell)
        : (geometry.rows - 1 - Math.floor(order / STRIP)) * STRIP + (order % STRIP);
      order += 1;
      const there = spots.get(spot);
      if (!there || ahead(elite, there, sign)) spots.set(spot, elite);
    }
    return spots;
  }

  /** The spot of the best elite; null where there is none. */
  function bestOf(shown, sign) {
    let best = null;
    for (const [spot, elite] of shown) if (best === null || ahead(elite, shown.get(best), sign)) best = spot;
    return best;
  }

  const shareOf = (scale, objective) => {
    if (scale.worst === null || scale.worst === scale.best) return 1;
    return Math.min(1, Math.max(0, (objective - scale.worst) / (scale.best - scale.worst)));
  };

  // ---------------------------------------------------------------- drawing

  const hatches = new Map();
  function hatch(context) {
    const color = cssColor("line");
    if (!hatches.has(color)) {
      const tile = document.createElement("canvas");
      tile.width = tile.height = 12;
      const pen = tile.getContext("2d");
      pen.strokeStyle = color;
      pen.lineWidth = 1.5;
      for (const shift of [-12, 0, 12]) {
        pen.beginPath();
        pen.moveTo(shift - 1, 13);
        pen.lineTo(shift + 13, -1);
        pen.stroke();
      }
      hatches.set(color, tile);
    }
    return context.createPattern(hatches.get(color), "repeat");
  }

  /** The middle of a spot and how far it reaches from there, in a map of this size. */
  function extent(geometry, spot, width, height) {
    if (geometry.dots) {
      const radius = Math.min(14, Math.max(2.5, 0.3 * Math.sqrt((width * height) / geometry.dots.size)));
      const [right, up] = geometry.dots.get(spot) || [0, 0];
      return {
        x: radius + right * (width - 2 * radius),
        y: height - radius - up * (height - 2 * radius),
        across: radius,
        up: radius,
      };
    }
    const across = width / geometry.columns / 2;
    const up = height / geometry.rows / 2;
    const row = geometry.rows - 1 - Math.floor(spot / geometry.columns);
    return { x: (2 * (spot % geometry.columns) + 1) * across, y: (2 * row + 1) * up, across, up };
  }

  function trace(pen, geometry, at, grow) {
    pen.beginPath();
    if (geometry.dots) pen.arc(at.x, at.y, Math.max(1, at.across + grow), 0, 2 * Math.PI);
    else pen.rect(at.x - at.across - grow, at.y - at.up - grow, 2 * (at.across + grow), 2 * (at.up + grow));
  }

  /** Draws a map: `best` and `focus` are spots, or null. */
  function draw(canvas, geometry, shown, { width, height, scale, best, focus }) {
    const dense = devicePixelRatio || 1;
    canvas.width = Math.round(width * dense);
    canvas.height = Math.round(height * dense);
    const pen = canvas.getContext("2d");
    pen.scale(dense, dense);
    pen.clearRect(0, 0, width, height);
    if (geometry.dots) {
      pen.strokeStyle = cssColor("line");
      for (const spot of geometry.dots.keys()) {
        trace(pen, geometry, extent(geometry, spot, width, height), -1);
        pen.stroke();
      }
    } else if (geometry.spot) {
      pen.fillStyle = hatch(pen);
      pen.fillRect(0, 0, width, height);
    }
    // Worst first, so that where dots overlap the better one is seen.
    for (const [spot, elite] of [...shown].sort(
      (a, b) => shareOf(scale, a[1].objective) - shareOf(scale, b[1].objective),
    )) {
      pen.fillStyle = ramp(shareOf(scale, elite.objective));
      trace(pen, geometry, extent(geometry, spot, width, height), geometry.dots ? 0 : 0.2);
      pen.fill();
    }
    if (!geometry.dots) rule(pen, geometry, width, height);
    if (best !== null) mark(pen, extent(geometry, best, width, height), shareOf(scale, shown.get(best).objective));
    if (focus !== null) {
      const at = extent(geometry, focus, width, height);
      for (const [color, line, grow] of [
        [cssColor("panel"), 5, -1.5],
        [cssColor("ink"), 2.5, -1],
      ]) {
        pen.strokeStyle = color;
        pen.lineWidth = line;
        trace(pen, geometry, at, grow);
        pen.stroke();
      }
    }
  }

  /** Lines between boxes, where these are large enough to bear them. */
  function rule(pen, { columns, rows }, width, height) {
    if (width / columns < 7 || height / rows < 7) return;
    pen.fillStyle = cssColor("panel");
    for (let column = 1; column < columns; column += 1) pen.fillRect((column * width) / columns - 0.5, 0, 1, height);
    for (let row = 1; row < rows; row += 1) pen.fillRect(0, (row * height) / rows - 0.5, width, 1);
  }

  /** A ring in the best one, which need not be bright: colours span all islands and the whole run. */
  function mark(pen, at, share) {
    pen.strokeStyle = share < 0.55 ? "#fff" : "#000";
    pen.lineWidth = 1.5;
    pen.beginPath();
    pen.arc(at.x, at.y, Math.max(1.5, Math.min(6, 0.55 * Math.min(at.across, at.up))), 0, 2 * Math.PI);
    pen.stroke();
  }

  // ---------------------------------------------------------------- moving about

  /** The spot under a point of the map, or null. */
  function hit(geometry, x, y, width, height) {
    if (!geometry.dots) {
      const column = Math.floor((x / width) * geometry.columns);
      const row = geometry.rows - 1 - Math.floor((y / height) * geometry.rows);
      const inside = column >= 0 && column < geometry.columns && row >= 0 && row < geometry.rows;
      return inside ? row * geometry.columns + column : null;
    }
    let nearest = null;
    let least = 20 ** 2;
    for (const spot of geometry.dots.keys()) {
      const at = extent(geometry, spot, width, height);
      const distance = (at.x - x) ** 2 + (at.y - y) ** 2;
      if (distance < least) [nearest, least] = [spot, distance];
    }
    return nearest;
  }

  /** The next spot from here to the right (1, 0), up (0, 1) and so on; with `among`, the next of those. */
  function step(geometry, from, right, up, among) {
    if (geometry.dots) return stepDots(geometry, from, right, up, among);
    let column = from % geometry.columns;
    let row = Math.floor(from / geometry.columns);
    for (;;) {
      column += right;
      row += up;
      if (column < 0 || column >= geometry.columns || row < 0 || row >= geometry.rows) return from;
      const spot = row * geometry.columns + column;
      if (!among || among.has(spot)) return spot;
    }
  }

  function stepDots(geometry, from, right, up, among) {
    const [x, y] = geometry.dots.get(from) || [0.5, 0.5];
    let nearest = from;
    let least = Infinity;
    for (const [spot, at] of geometry.dots) {
      const along = (at[0] - x) * right + (at[1] - y) * up;
      const aside = Math.abs((at[0] - x) * up) + Math.abs((at[1] - y) * right);
      if (along > 1e-9 && aside <= along && (!among || among.has(spot)) && along + 2 * aside < least) {
        [nearest, least] = [spot, along + 2 * aside];
      }
    }
    return nearest;
  }

  evolve.archiveMap = { people, boardAt, geometryOf, shownOn, bestOf, draw, hit, step };
})();
