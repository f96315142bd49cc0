"use strict";
(() => {
  const { html, page, useAnswer, href, go, format, safe, oneLine, Table, Panel, Empty, Status, Sealing } = evolve;

  const COLUMNS = [
    {
      key: "id",
      title: "run",
      kind: "number",
      render: (row) => html`<a href=${href("overview", {}, row.id)}>${row.id}</a>`,
    },
    {
      key: "name",
      title: "name",
      render: (row) =>
        html`<a href=${href("overview", {}, row.id)} title=${safe(row.name)}>${oneLine(row.name, 80)}</a>`,
    },
    { key: "problem", title: "problem", kind: "word", narrow: false, render: (row) => oneLine(row.problem, 40) },
    { key: "status", title: "status", kind: "word", render: (row) => html`<${Status} status=${row.status} />` },
    {
      key: "objective",
      title: "objective",
      kind: "word",
      narrow: false,
      render: (row) => `${row.direction} ${oneLine(row.objective, 40)}`,
    },
    { key: "seed_objective", title: "seed", kind: "number", narrow: false },
    {
      key: "best_objective",
      title: "best",
      kind: "number",
      render: (row) =>
        html`<${Sealing} run=${row} /> ${format.number(row.confirmed ? row.confirmed.mean : row.best_objective)}`,
    },
    {
      key: "candidates",
      title: "candidates",
      kind: "number",
      narrow: false,
      render: (row) => format.count(row.candidates),
    },
    { key: "valid", title: "valid", kind: "number", narrow: false, render: (row) => format.count(row.valid) },
    { key: "elapsed", title: "time", kind: "number", narrow: false, render: (row) => format.seconds(row.elapsed) },
    { key: "created", title: "created (UTC)", kind: "word", narrow: false, render: (row) => format.when(row.created) },
  ];

  function Runs({ params }) {
    const offset = Number(params.offset) || 0;
    const { data, error } = useAnswer("runs", { offset: params.offset || "" }, { scope: "database" });
    if (!data) return html`<${Empty} error=${error} />`;
    const to = (place) => () => go("runs", { offset: place || "" });
    const actions = html`
      ${offset > 0 && html`<button type="button" onClick=${to(Math.max(0, offset - 100))}>newer</button>`}
      ${data.more && html`<button type="button" onClick=${to(offset + 100)}>older</button>`}
    `;
    return html`<${Panel} title="Runs" note=${safe(data.database)} actions=${actions}>
      <${Table} columns=${COLUMNS} rows=${data.runs} rowKey=${(row) => row.id} label="runs"
        empty="no runs yet; start one with evolve run PROBLEM" />
    <//>`;
  }
  page({ key: "runs", title: "Runs", order: 90, hotkey: "r", scope: "database", component: Runs });
})();
