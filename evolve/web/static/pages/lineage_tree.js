"use strict";
// The tree of a whole run: a canvas that is moved and zoomed by mouse, touch and keys.
(() => {
  const { html, useState, useMemo, useRef, useLayoutEffect, useTheme, useAnswer, go, format, safe } = evolve;
  const { Empty, Choice, Status } = evolve;
  const { fitted, changed, pointers, keys } = evolve.lineageMoves;
  const MOST = 10_000; // candidates of one answer (store/tree.py)
  const LIVE = 3_000; // larger trees do not grow while one looks at them: laying them out anew would be felt
  const REACH = 12;

  function sized(canvas, width, height) {
    const ratio = window.devicePixelRatio || 1;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      [canvas.width, canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
    }
    const context = canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    return context;
  }

  /** Draws at most once a frame. `now` holds what is to be drawn; not the `whole` of it when only what lies on top has changed. */
  function useDrawing(boxRef, now) {
    const state = useRef({ frame: 0, whole: false, view: null }).current;
    const draw = (whole = true) => {
      state.whole ||= whole;
      state.frame ||= requestAnimationFrame(() => {
        state.frame = 0;
        const [base, over] = boxRef.current ? boxRef.current.querySelectorAll("canvas") : [];
        if (!base || !state.view) return;
        const { width, height } = state.view;
        const { plan, colours, marked, pointed } = now.current;
        if (state.whole) evolve.lineageDrawing.paint(sized(base, width, height), plan, colours, state.view);
        evolve.lineageDrawing.paintOver(sized(over, width, height), plan, state.view, marked, pointed);
        if (state.whole) {
          base.dataset.painted = plan.x.length; // tests wait for it
          now.current.follow();
        }
        state.whole = false;
      });
    };
    return [state, draw];
  }

  function Tip({ plan, view, index, unit, sign }) {
    const { tree, parent, links } = plan;
    const [left, top] = [plan.x[index] * view.kx + view.tx, plan.y[index] * view.ky + view.ty];
    const score = tree.objective[index];
    const before = parent[index] < 0 ? null : tree.objective[parent[index]];
    const change = score === null || before === null ? null : score - before;
    const crossed = (links.get(index) || [])
      .filter(([, kind]) => kind === "crossed")
      .map(([from]) => tree.number[from]);
    const from = [tree.parent[index], ...crossed].filter((number) => number !== null);
    const side = {
      [left > view.width / 2 ? "right" : "left"]:
        `${Math.max(4, (left > view.width / 2 ? view.width - left : left) + 12)}px`,
    };
    const height = {
      [top > view.height / 2 ? "bottom" : "top"]:
        `${Math.max(4, (top > view.height / 2 ? view.height - top : top) + 8)}px`,
    };
    return html`<div class="lineage-tip" role="status" style=${{ ...side, ...height }}>
      <div class="lineage-tip-head">
        <b>${tree.number[index]}</b>
        ${score === null ? html`<${Status} status=${tree.statuses[tree.status[index]]} />` : html`<span class="mono">${format.objective(score, unit)}</span>`}
        ${change !== null && html`<span class="mono ${change * sign > 0 ? "good" : change ? "bad" : "muted"}">${change ? format.signed(change) : "±0"}</span>`}
      </div>
      <div class="muted">${safe(tree.operators[tree.operator[index]])}${from.length ? ` from ${from.join(" and ")}` : ""} · island ${tree.island[index]}</div>
    </div>`;
  }

  function Picture({ plan, colours, marked, unit, sign, tools }) {
    const box = useRef(null);
    const [pointed, setPointed] = useState(-1);
    const [, setDrawn] = useState(0);
    const now = useRef(null);
    const follow = () => now.current.pointed >= 0 && setDrawn((count) => count + 1); // the tip goes with its candidate
    now.current = { plan, colours, marked, pointed: pointed < plan.x.length ? pointed : -1, follow };
    const [state, draw] = useDrawing(box, now);
    const open = (index) => go("candidate", { n: plan.tree.number[index] });
    const fit = () => {
      if (state.view) state.view = fitted(state.view.width, state.view.height);
    };
    const point = (index) => {
      if (index === now.current.pointed) return;
      setPointed(index);
      draw(false);
    };
    const walk = (index) => {
      const { view } = state;
      const [x, y] = [plan.x[index] * view.kx + view.tx, plan.y[index] * view.ky + view.ty];
      if (x < 0 || x > view.width || y < 0 || y > view.height)
        state.view = { ...view, tx: view.tx + view.width / 2 - x, ty: view.ty + view.height / 2 - y };
      point(index);
    };
    const near = (px, py, reach) => evolve.lineageDrawing.nearest(plan, state.view, px, py, reach);
    const hands = useRef({});
    hands.current = {
      point: (px, py) => point(near(px, py, REACH)),
      pick(px, py, mouse) {
        const index = near(px, py, mouse ? REACH : 2 * REACH);
        if (index >= 0 && (mouse || index === now.current.pointed)) open(index);
        else point(index);
      },
    };
    const events = useMemo(
      () =>
        pointers(state, draw, {
          point: (...at) => hands.current.point(...at),
          pick: (...at) => hands.current.pick(...at),
        }),
      [],
    );
    useLayoutEffect(() => {
      const resized = new ResizeObserver(([entry]) => {
        const { width, height } = entry.contentRect;
        if (!width || !height) return;
        state.view = state.view && state.view.zoom !== 1 ? { ...state.view, width, height } : fitted(width, height);
        draw();
      });
      resized.observe(box.current);
      return () => resized.disconnect();
    }, []);
    useLayoutEffect(() => draw(), [plan, colours, marked]);
    const zoom = (factor) => () => {
      state.view = changed(state.view, { factor });
      draw();
    };
    const label =
      "The tree of the run. Arrows move it, plus and minus zoom, 0 shows all; with shift, arrows walk from candidate to candidate; Enter opens one.";
    return html`
      <div class="lineage-tools">
        ${tools}
        <span class="choice">
          <button type="button" onClick=${zoom(1.6)} aria-label="nearer">+</button>
          <button type="button" onClick=${zoom(1 / 1.6)} aria-label="farther">−</button>
          <button type="button" onClick=${() => (fit(), draw())}>all</button>
        </span>
      </div>
      <div class="lineage-tree" ref=${box} tabindex="0" role="application" aria-label=${label} ...${events}
        onPointerLeave=${(event) => event.pointerType === "mouse" && point(-1)}
        onKeyDown=${keys(state, draw, { plan, pointed: now.current.pointed, marked, walk, open, fit })}>
        <canvas></canvas><canvas></canvas>
        ${now.current.pointed >= 0 && state.view && html`<${Tip} plan=${plan} view=${state.view} index=${now.current.pointed} unit=${unit} sign=${sign} />`}
      </div>
    `;
  }

  const Legend = ({ colours, unit }) => html`
    <p class="lineage-legend">
      ${
        colours.legend
          ? colours.legend.map(
              ([color, text]) => html`<span><i style=${{ background: color }}></i>${safe(text)}</span>`,
            )
          : html`<span>${format.short(colours.span[0])} and worse <i class="lineage-ramp" style=${{ background: `linear-gradient(90deg, ${colours.colors.slice(0, -1).join(",")})` }}></i> ${format.short(colours.span[1])} ${unit}</span>
            <span><i style=${{ background: colours.colors[colours.colors.length - 1] }}></i>failed</span>`
      }
      <span class="muted">the seed is at the bottom · thick: how the marked candidate came about · pointed at: further parents dashed, inspirations dotted</span>
    </p>
  `;

  function LineageTree({ run, params, number, set }) {
    const theme = useTheme();
    const { data, error } = useAnswer("tree", run.candidates > MOST ? { n: number } : {}, {
      live: run.candidates <= LIVE,
    });
    const [by, axis] = [params.color || "score", params.up || "generation"];
    const sign = run.direction === "minimize" ? -1 : 1;
    const plan = useMemo(() => data && evolve.lineageDrawing.layout(data, axis), [data, axis]);
    const colours = useMemo(() => data && evolve.lineageDrawing.colouring(data, by, sign), [data, by, sign, theme]);
    if (!data) return html`<div class="lineage-room"><${Empty} error=${error} /></div>`;
    const unit = safe(run.unit);
    const options = (...names) => names.map((name) => [name, name]);
    const tools = html`
      <label>colour <${Choice} label="colour" value=${by} options=${options("score", "operator", "island")} onChange=${(value) => set({ color: value })} /></label>
      <label>up <${Choice} label="up" value=${axis} options=${[
        ["generation", "generation"],
        ["number", "time"],
      ]} onChange=${(value) => set({ up: value })} /></label>
    `;
    const left = data.total - data.number.length;
    const shown =
      left > 0
        ? `${format.count(data.number.length)} of ${format.count(data.total)} candidates: those that the new bests, the elites and candidate ${number} come from`
        : format.plural(data.total, "candidate");
    return html`
      <${Picture} key=${axis} plan=${plan} colours=${colours} marked=${plan.place.get(number) ?? -1} unit=${unit} sign=${sign} tools=${tools} />
      <${Legend} colours=${colours} unit=${unit} />
      <p class="note">${shown}</p>
    `;
  }
  evolve.LineageTree = LineageTree;
})();
