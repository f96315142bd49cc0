"use strict";
// How a candidate came about: its path to the seed as cards, newest first; on demand the tree of the whole run.
(() => {
  const { html, useState, useMemo, page, useAnswer, href, go, format, safe, oneLine } = evolve;
  const { Panel, Empty, Table, Choice, Bar, Status } = evolve;
  const IDEA = 300;

  /** A candidate of columns, as an object. */
  function reader(rows) {
    const places = new Map(rows.number.map((number, index) => [number, index]));
    const names = Object.keys(rows);
    return (number) => {
      const index = places.get(number);
      return index === undefined ? null : Object.fromEntries(names.map((name) => [name, rows[name][index]]));
    };
  }

  const scored = (row) => row && row.objective !== null;
  const change = (row, parent) => (scored(row) && scored(parent) ? row.objective - parent.objective : null);

  /** Steps of the path, newest first: {row, change, better}; better than everybody before it, that is. */
  function stepsOf(path, row, sign) {
    let best = null;
    const steps = path.map((number, index) => ({
      row: row(number),
      change: change(row(number), row(path[index + 1])),
    }));
    for (const step of [...steps].reverse()) {
      step.better = scored(step.row) && (best === null || sign * step.row.objective > sign * best);
      if (step.better) best = step.row.objective;
    }
    return steps;
  }

  /** Steps, and arrays of two and more in a row without a better score; the first and the last stand for themselves. */
  function passagesOf(steps) {
    const passages = [];
    let dull = [];
    const end = () => {
      passages.push(...(dull.length > 1 ? [dull] : dull));
      dull = [];
    };
    steps.forEach((step, index) => {
      if (!step.better && index > 0 && index < steps.length - 1) return void dull.push(step);
      end();
      passages.push(step);
    });
    end();
    return passages;
  }

  const Change = ({ value, sign }) => {
    if (value === null) return html`<span class="lineage-change"></span>`;
    const kind = value * sign > 0 ? "good" : value ? "bad" : "muted";
    return html`<span class="lineage-change ${kind}">${value ? format.signed(value) : "±0"}</span>`;
  };

  const by = (row) => [safe(row.operator), oneLine(row.model, 40)].filter(Boolean).join(" · ");

  const Side = ({ row, number, kind, unit }) => html`
    <li class=${kind}>
      <a href=${href("candidate", { n: number })}>${number}</a>
      <span class="mono">${row && scored(row) ? format.objective(row.objective, unit) : row ? row.status || "unscored" : ""}</span>
      <span class="muted">${{ crossed: "parent, too", shown: "was shown" }[kind]}${row ? `; ${safe(row.operator)}` : ""}</span>
    </li>
  `;

  function Step({ step, row, view }) {
    const { unit, sign, low, high, inspirations } = view;
    const it = step.row;
    const sides = [
      ...it.parents.slice(1).map((number) => [number, "crossed"]),
      ...(inspirations ? it.inspirations : []).map((number) => [number, "shown"]),
    ];
    return html`<li class="lineage-step ${step.better ? "better" : ""}">
      <div class="lineage-line">
        <a class="lineage-name" href=${href("candidate", { n: it.number })} title="the candidate and its diff">${it.number}</a>
        <span class="lineage-score">${scored(it) ? format.objective(it.objective, unit) : html`<${Status} status=${it.status} />`}</span>
        <${Change} value=${step.change} sign=${sign} />
        <span class="lineage-climb wide-only">
          ${scored(it) && low !== null && high !== low && html`<${Bar} fraction=${(it.objective - low) / (high - low)} />`}
        </span>
        <span class="lineage-by">${by(it)}</span>
      </div>
      ${it.idea && html`<p class="lineage-idea">${oneLine(it.idea, IDEA)}</p>`}
      ${
        sides.length > 0 &&
        html`<ul class="lineage-sides">
        ${sides.map(([number, kind]) => html`<${Side} row=${row(number)} number=${number} kind=${kind} unit=${unit} />`)}
      </ul>`
      }
    </li>`;
  }

  function Stretch({ steps, open }) {
    const crossed = steps.filter((step) => step.row.parents.length > 1).length;
    const last = steps[0].row;
    return html`<li class="lineage-stretch">
      <button type="button" onClick=${open}>
        … ${steps.length} steps without a better score${crossed ? `, ${format.plural(crossed, "crossover")} among them` : ""}${scored(last) ? `, the last with ${format.number(last.objective)}` : ""}
      </button>
    </li>`;
  }

  function Path({ data, view }) {
    const [opened, setOpened] = useState(new Set());
    const row = useMemo(() => reader(data.rows), [data]);
    const steps = useMemo(() => stepsOf(data.path, row, view.sign), [data, view.sign]);
    const passages = view.every ? steps : passagesOf(steps);
    const scale = {
      ...view,
      low: steps[steps.length - 1].row.objective,
      high: steps.find((step) => step.better)?.row.objective,
    };
    return html`
      <${Summary} steps=${steps} view=${view} />
      <ol class="lineage-path">
        ${passages.flatMap((passage) => {
          if (!Array.isArray(passage))
            return html`<${Step} key=${passage.row.number} step=${passage} row=${row} view=${scale} />`;
          const key = passage[0].row.number;
          if (opened.has(key))
            return passage.map(
              (step) => html`<${Step} key=${step.row.number} step=${step} row=${row} view=${scale} />`,
            );
          return html`<${Stretch} key=${`s${key}`} steps=${passage} open=${() => setOpened(new Set([...opened, key]))} />`;
        })}
      </ol>
    `;
  }

  function Summary({ steps, view }) {
    const [first, last] = [steps[0].row, steps[steps.length - 1].row];
    const taken = steps.slice(0, -1);
    const better = taken.filter((step) => step.better).length;
    const whole = change(first, last);
    return html`<p class="lineage-summary">
      <b class="mono">${format.objective(first.objective, view.unit)}</b>
      ${whole !== null && taken.length > 0 && html`, <${Change} value=${whole} sign=${view.sign} /> from the seed's ${format.objective(last.objective, view.unit)}`}
      ${taken.length > 0 && ` in ${format.plural(taken.length, "step")}, ${better} of them to a better score`}
    </p>`;
  }

  function Children({ data, view }) {
    const { rows, total, inspired } = data.children;
    const row = reader(rows);
    const own = reader(data.rows)(data.number);
    const columns = [
      {
        key: "number",
        title: "candidate",
        kind: "number",
        render: (each) => html`<a href=${href("candidate", { n: each.number })}>${each.number}</a>`,
      },
      {
        key: "objective",
        title: "objective",
        kind: "number",
        render: (each) => (scored(each) ? format.number(each.objective) : html`<${Status} status=${each.status} />`),
      },
      {
        key: "change",
        title: "change",
        kind: "number",
        render: (each) => html`<${Change} value=${change(each, own)} sign=${view.sign} />`,
      },
      { key: "operator", title: "operator", kind: "word", render: (each) => safe(each.operator) },
      {
        key: "line",
        title: "",
        kind: "word",
        render: (each) => html`<a href=${href("lineage", { ...view.params, n: each.number })}>its lineage</a>`,
      },
    ];
    const best =
      rows.number.length < total
        ? `the best ${rows.number.length} of ${format.count(total)}`
        : format.plural(total, "child").replace("childs", "children");
    const note =
      total + inspired === 0
        ? ""
        : `${best}${inspired ? `; shown for ${format.plural(inspired, "other candidate")}` : ""}`;
    return html`<${Panel} title="What came of it" note=${note} className="lineage-children">
      <${Table} columns=${columns} rows=${rows.number.map(row)} rowKey=${(each) => each.number} label="children" empty="nobody comes from it yet" />
    <//>`;
  }

  function Lineage({ run, params }) {
    const whole = params.view === "tree";
    const { data, error } = useAnswer("lineage", { n: params.n || "" });
    const set = (changed) => go("lineage", { ...params, ...changed }, { replace: true });
    if (!data) return html`<${Empty} error=${error} />`;
    if (data.number === null) return html`<${Empty}>no candidate yet<//>`;
    const sign = run.direction === "minimize" ? -1 : 1;
    const view = { params, sign, unit: safe(run.unit), every: params.all === "1", inspirations: params.shown === "1" };
    const best = data.number === run.best_number;
    const title = html`How ${best ? "the best candidate" : "candidate"} <a href=${href("candidate", { n: data.number })}>${data.number}</a> came about`;
    const check = (name, text) =>
      html`<label><input type="checkbox" checked=${params[name] === "1"} onChange=${(event) => set({ [name]: event.target.checked ? "1" : "" })} /> ${text}</label>`;
    const actions = html`
      ${!best && run.best_number !== null && html`<a href=${href("lineage", { ...params, n: "" })}>show the best</a>`}
      ${!whole && check("all", "every step")} ${!whole && check("shown", "inspirations")}
      <${Choice} label="how much" value=${whole ? "tree" : ""} options=${[
        ["", "path"],
        ["tree", "whole tree"],
      ]} onChange=${(value) => set({ view: value })} />
    `;
    if (whole) {
      return html`<${Panel} title=${title} actions=${actions}><${evolve.LineageTree} run=${run} params=${params} number=${data.number} set=${set} /><//>`;
    }
    return html`<div class="lineage-columns">
      <${Panel} title=${title} actions=${actions}>
        ${error && html`<${Empty} error=${error} />`}
        <${Path} key=${data.number} data=${data} view=${view} />
      <//>
      <${Children} data=${data} view=${view} />
    </div>`;
  }
  page({ key: "lineage", title: "Lineage", order: 30, hotkey: "l", component: Lineage });
})();
