"use strict";
// The archive: maps of every island, now or at any moment of the run, and who is in them.
(() => {
  const { html, useState, useEffect, useMemo, useRef } = evolve;
  const { page, useAnswer, href, go, route, format, safe, oneLine, ramp, Panel, Empty, Facts } = evolve;
  const SMALL = { width: 132, height: 84 };
  const KEYS = [
    ["← → ↑ ↓", "move over the map"],
    ["Shift", "with them: to the next filled cell"],
    ["Home", "find the best"],
    ["Enter", "open the candidate"],
  ];

  const named = (axis) => oneLine(axis.name, 40);
  const value = (number, unit) => format.objective(number, safe(unit));
  const author = (elite) => [safe(elite.operator), oneLine(elite.model, 60)].filter(Boolean).join(" by ");

  /** The axes to draw, by index, from the names in the address; null where there is none. */
  function axesOf(axes, params) {
    const find = (name) => axes.findIndex((axis) => axis.name === name);
    const wanted = [find(params.x ?? ""), find(params.y ?? "")];
    const free = axes.map((_, index) => index).filter((index) => !wanted.includes(index));
    const x = wanted[0] >= 0 ? wanted[0] : (free.shift() ?? null);
    const y = wanted[1] >= 0 && wanted[1] !== x ? wanted[1] : (free.shift() ?? null);
    return [x, y];
  }

  /** The address of what is shown: what it asked for and there is not is replaced. */
  function corrected(params, data, axes, chosen, told) {
    const right = { ...params };
    if (params.island && params.island !== String(chosen)) right.island = chosen || "";
    if (params.t && !(/^\d+$/.test(params.t) && Number(params.t) <= told)) right.t = "";
    for (const [key, axis] of [
      ["x", axes[0]],
      ["y", axes[1]],
    ]) {
      const name = axis === null ? "" : data.axes[axis].name;
      if (params[key] && params[key] !== name) right[key] = name;
    }
    return right;
  }

  function Legend({ scale, unit }) {
    if (scale.worst === null) return html`<p class="note archive-legend">nobody has a cell yet</p>`;
    const stops = Array.from({ length: 9 }, (_, index) => ramp(index / 8)).join(", ");
    return html`<div class="archive-legend">
      <span class="number">${value(scale.worst, unit)}${scale.clipped ? " or worse" : ""}</span>
      <i style=${{ background: `linear-gradient(to right, ${stops})` }}></i>
      <span class="number">${value(scale.best, unit)}</span>
    </div>`;
  }

  // ---------------------------------------------------------------- who is in a cell

  function Code({ number }) {
    const { data, error } = useAnswer("glance", { n: number }, { live: false });
    if (error || !data || data.number !== number || !data.head)
      return html`<pre class="archive-code note">${error ? "" : "…"}</pre>`;
    const measures = Object.entries(data.measures).map(([name, of]) => `${oneLine(name, 40)} ${format.number(of)}`);
    return html`<p class="note archive-measures">${measures.join(" · ")}</p>
      <pre class="archive-code" tabindex="-1" aria-label="code"><span class="note">${oneLine(data.head.path, 60)}:${data.head.line}</span>${`\n${safe(data.head.text)}`}</pre>`;
  }

  /** What a box spans on the axes that are drawn, in words. */
  function spanOf(geometry, spot, data, axes) {
    if (geometry.dots || !geometry.spot || data.layout === "one") return "";
    const places = [spot % geometry.columns, Math.floor(spot / geometry.columns)];
    const spans = axes.map((index, at) => {
      if (index === null || data.axes[index].low === null) return "";
      const { name, low, high, cells } = data.axes[index];
      const edge = (place) => format.number(low + ((high - low) * place) / cells);
      return `${oneLine(name, 40)} ${edge(places[at])} to ${edge(places[at] + 1)}`;
    });
    return spans.filter(Boolean).join(", ");
  }

  function Who({ elite, unit, where, empty }) {
    const [number, setNumber] = useState(null);
    useEffect(() => {
      // Whoever passes over a map does not ask for the code of everything under way.
      const timer = setTimeout(() => setNumber(elite ? elite.number : null), 120);
      return () => clearTimeout(timer);
    }, [elite && elite.number]);
    return html`<div class="archive-who" aria-live="polite">
      ${
        elite
          ? html`<p><a href=${href("candidate", { n: elite.number })}>candidate ${elite.number}</a>
              <b class="number"> ${value(elite.objective, unit)}</b></p>
            <p class="note">${author(elite)}${where && ` · ${where}`}</p>
            ${number === elite.number ? html`<${Code} number=${number} />` : html`<pre class="archive-code note">…</pre>`}`
          : empty
            ? html`<p>empty</p><p class="note">${where}</p>`
            : html`<p class="note" id="archive-keys">Point at a cell, or move with the arrow keys (with shift to the next filled one); Enter opens its
              candidate, Home finds the best.</p>`
      }
    </div>`;
  }

  // ---------------------------------------------------------------- the page

  function Axes({ data, axes, onPick }) {
    if (data.axes.length < 2 || axes.includes(null)) return null;
    const select = (label, key, chosen) => html`<label class="archive-axis">${label}
      <select value=${data.axes[chosen].name} onChange=${(event) => onPick({ [key]: event.target.value })}>
        ${data.axes.map((axis) => html`<option value=${axis.name}>${named(axis)}</option>`)}
      </select>
    </label>`;
    return html`${select("right", "x", axes[0])}${select("up", "y", axes[1])}`;
  }

  function Islands({ islands, chosen, sign, data, unit, onPick }) {
    const { Heat } = evolve.archiveHeat;
    const { bestOf } = evolve.archiveMap;
    return html`<div class="archive-islands" role="group" aria-label="islands">
      ${islands.map(
        (
          { geometry, shown, filled },
          index,
        ) => html`<button type="button" aria-pressed=${index === chosen} onClick=${() => onPick(index)}>
          <span><b>island ${index}</b> <span class="note">${format.plural(filled, "elite")}</span></span>
          <${Heat} geometry=${geometry} shown=${shown} ...${SMALL} scale=${data.scale} best=${bestOf(shown, sign)} aria-hidden="true" />
          <span class="number">${shown.size ? value(shown.get(bestOf(shown, sign)).objective, unit) : "empty"}</span>
        </button>`,
      )}
    </div>`;
  }

  /** What can be said of an island in words: coverage, its best, and its QD-score where a sum of objectives means something. */
  function factsOf(elites, best, board, data, sign, unit) {
    const filled = elites.length;
    const all = board.learning ? null : data.cells;
    const sum = sign > 0 && !board.learning && elites.every((elite) => elite.objective >= 0);
    return [
      [
        "filled",
        all === null
          ? format.plural(filled, "candidate")
          : `${format.count(filled)} of ${format.plural(all, "cell")} (${format.share(filled / all)})`,
      ],
      [
        "best",
        best &&
          html`${value(best.objective, unit)} by <a href=${href("candidate", { n: best.number })}>${best.number}</a>`,
      ],
      [
        "QD-score",
        sum && filled
          ? html`<span title="objectives of all filled cells, counted from 0">${value(
              elites.reduce((all, elite) => all + elite.objective, 0),
              unit,
            )}</span>`
          : "",
      ],
    ];
  }

  function notes(data, axes) {
    const folded = data.axes.filter((_, index) => !axes.includes(index)).map(named);
    return [
      data.note,
      data.learning &&
        "Bounds are being learnt: every candidate has a cell of its own, and all are shown in the order they came.",
      // Said at all times, so that nothing moves while the run is played.
      data.frozen !== null &&
        `Bounds froze after ${format.plural(data.frozen, "candidate")}; until then everybody had a cell of their own, and is shown where it belongs since.`,
      folded.length && !data.learning && `Folded over ${folded.join(", ")}: each place shows the best of its cells.`,
      data.layout === "points" &&
        data.cells !== null &&
        `The ${format.count(data.cells)} cells are drawn where their centres are.`,
    ].filter(Boolean);
  }

  function Archive({ run, params }) {
    const starts = useRef([0]);
    const time = evolve.archiveTime.useTime(params, run.told);
    const last = starts.current.length - 1;
    const piece =
      time.moment === null ? last : Math.max(0, starts.current.filter((start) => start < time.moment).length - 1);
    const { data, error, stale } = useAnswer("archive", piece < last ? { piece } : {});
    time.ready.current = data && !stale ? data.end : 0;
    const [, again] = useState(0);
    useEffect(() => {
      if (!data || data.starts.length === starts.current.length) return;
      starts.current = data.starts;
      again(data.starts.length); // the moment that is asked for may be in another piece
    }, [data]);
    if (!data) return html`<${Panel} title="Archive"><${Empty} error=${error} /><//>`;
    return html`<${Shown} run=${run} params=${params} data=${data} time=${time} />`;
  }

  function Shown({ run, params, data, time }) {
    const { archiveMap } = evolve;
    const { Large } = evolve.archiveHeat;
    const { Time } = evolve.archiveTime;
    const [pointed, setPointed] = useState(null);
    const sign = run.direction === "minimize" ? -1 : 1;
    const axes = axesOf(data.axes, params);
    const known = useMemo(() => archiveMap.people(data), [data]);
    const homes = useMemo(() => new Map(data.homes.number.map((number, at) => [number, data.homes.cell[at]])), [data]);
    const board = useMemo(() => archiveMap.boardAt(data, known, time.at), [data, time.at]);
    const islands = useMemo(() => {
      const most = Math.max(1, ...board.islands.map((cells) => cells.size));
      const geometry = archiveMap.geometryOf(data, axes[0], axes[1], most);
      return board.islands.map((cells) => ({
        geometry,
        shown: archiveMap.shownOn(geometry, cells, sign, board.learning ? homes : null),
        filled: cells.size,
      }));
    }, [board, axes.join()]);
    const asked = Number.parseInt(params.island, 10) || 0;
    const chosen = asked >= 0 && asked < islands.length ? asked : 0;
    const { geometry, shown } = islands[chosen];
    const best = useMemo(() => archiveMap.bestOf(shown, sign), [shown]);
    const keep = (changed) => go("archive", { ...params, ...changed }, { replace: true });
    useEffect(() => {
      // Not while the page is being left.
      if (route().page === "archive") go("archive", corrected(params, data, axes, chosen, run.told), { replace: true });
    }, [params, data, axes.join(), chosen]);
    const elites = [...board.islands[chosen].values()];
    const label = `island ${chosen}: ${format.plural(shown.size, "filled place")}; arrow keys move between cells`;
    return html`
      <${Panel} title=${islands.length > 1 ? `Archive, island ${chosen}` : "Archive"} note=${`${oneLine(run.objective, 60)}, ${sign < 0 ? "less" : "more"} is better; bright is good`}
        actions=${geometry.spot && html`<${Axes} data=${data} axes=${axes} onPick=${keep} />`}>
        <${Time} told=${run.told} at=${time.at} data=${data} playing=${time.playing} onMove=${time.move} onSet=${time.set} onPlay=${time.play} />
        <div class="archive-body">
          <div>
            <${Large} geometry=${geometry} shown=${shown} best=${best} data=${data} axes=${axes} label=${label}
              onPoint=${setPointed} onOpen=${(number) => go("candidate", { n: number })} />
            <${Legend} scale=${data.scale} unit=${run.unit} />
            ${notes(data, axes).map((note) => html`<p class="note">${note}</p>`)}
          </div>
          <div>
            <${Facts} rows=${factsOf(elites, best === null ? null : shown.get(best), board, data, sign, run.unit)} />
            <${Who} elite=${pointed === null ? null : shown.get(pointed)} empty=${pointed !== null} unit=${run.unit}
              where=${pointed === null ? "" : spanOf(geometry, pointed, data, axes)} />
          </div>
        </div>
      <//>
      ${
        islands.length > 1 &&
        html`<${Panel} title="Islands" note="the same cells and colours on each">
        <${Islands} islands=${islands} chosen=${chosen} sign=${sign} data=${data} unit=${run.unit} onPick=${(island) => keep({ island: island || "" })} />
      <//>`
      }
    `;
  }

  page({ key: "archive", title: "Archive", order: 20, hotkey: "a", component: Archive, keys: KEYS });
})();
