"use strict";
// The list of candidates: filtered, sorted and paged by the server, or from a recorded list in an exported file.
(() => {
  const { html, useState, useEffect, useRef, page, useAnswer, href, go, format, safe, oneLine, typed } = evolve;
  const { Panel, Empty, Table, Status } = evolve;

  const PAGE = 50;
  const FILTERS = ["status", "operator", "model", "island", "outcome", "new_best", "improved", "idea", "low", "high"];
  const KEYS = [
    ["j k", "next, previous row"],
    ["Enter", "open it"],
    ["n p", "next, previous page"],
  ];
  const words = (text) => safe(text).replaceAll("_", " ");
  const rowsOf = (columns) =>
    columns.number.map((_, at) => Object.fromEntries(Object.entries(columns).map(([key, all]) => [key, all[at]])));

  const cost = (row) => (!row.asked ? format.dash : row.cost === null ? "unknown" : format.dollars(row.cost));
  const archive = (row) =>
    row.outcome === null
      ? format.dash
      : html`${words(row.outcome)}${row.new_best && html` <b class="good" title="the best of the run then">best</b>`}`;

  const columnsFor = (run) => [
    {
      key: "number",
      title: "number",
      kind: "number",
      sort: true,
      render: (row) => html`<a class="candidates-link" href=${href("candidate", { n: row.number })}>${row.number}</a>`,
    },
    {
      key: "status",
      title: "status",
      kind: "word",
      render: (row) => html`<${Status} status=${row.status || "open"} />`,
    },
    {
      key: "objective",
      title: run.objective,
      kind: "number",
      sort: run.direction === "minimize" ? "ascending" : "descending",
      render: (row) => format.objective(row.objective, run.unit),
    },
    {
      key: "gain",
      title: "gain",
      kind: "number",
      sort: true,
      hint: "over its first parent; more is better",
      render: (row) => format.signed(row.gain),
    },
    { key: "operator", title: "operator", kind: "word", narrow: false, render: (row) => oneLine(row.operator, 30) },
    { key: "outcome", title: "archive", kind: "word", narrow: false, render: archive },
    { key: "island", title: "island", kind: "number", narrow: false, render: (row) => row.island },
    { key: "cell", title: "cell", kind: "number", narrow: false, render: (row) => row.cell ?? format.dash },
    {
      key: "elapsed",
      title: "after",
      kind: "number",
      sort: true,
      narrow: false,
      render: (row) => format.seconds(row.elapsed),
    },
    { key: "cost", title: "cost", kind: "number", sort: true, narrow: false, render: cost },
    {
      key: "parents",
      title: "parents",
      kind: "word",
      narrow: false,
      render: (row) =>
        row.parents
          .slice(0, 4)
          .map((parent, index) => html`${index ? ", " : ""}<a href=${href("candidate", { n: parent })}>${parent}</a>`),
    },
    { key: "model", title: "model", kind: "word", narrow: false, render: (row) => oneLine(row.model, 32) },
    {
      key: "idea",
      title: "idea",
      narrow: false,
      render: (row) =>
        html`<span class="candidates-idea" title=${oneLine(row.idea, 300)}>${oneLine(row.idea, 140)}</span>`,
    },
  ];

  // ---------------------------------------------------------------- filters

  /** Text that is asked for once the person pauses. */
  function Typed({ name, label, value, onChange, width, kind = "search" }) {
    const [text, setText] = useState(value);
    const timer = useRef(0);
    useEffect(() => setText(value), [value]);
    useEffect(() => () => clearTimeout(timer.current), []);
    const typed = (event) => {
      const next = event.target.value;
      setText(next);
      clearTimeout(timer.current);
      timer.current = setTimeout(() => onChange(next), 300);
    };
    const invalid = kind === "number" && text !== "" && !Number.isFinite(Number(text));
    return html`<label>${label}<input type="search" name=${name} value=${text} onInput=${typed} style=${{ width }} aria-invalid=${invalid || undefined}
      inputmode=${kind === "number" ? "decimal" : undefined} maxlength="200" /></label>`;
  }

  const Select = ({ name, label, options, value, onChange }) => html`<label>${label}
    <select name=${name} value=${value} onChange=${(event) => onChange(event.target.value)}>
      <option value="">any</option>
      ${options.map((option) => html`<option value=${option} selected=${String(option) === value}>${typeof option === "number" ? option : oneLine(words(option), 50)}</option>`)}
    </select>
  </label>`;

  const Tick = ({ name, label, value, onChange }) => html`<label class="candidates-tick">
    <input type="checkbox" name=${name} checked=${Boolean(value)} onChange=${(event) => onChange(event.target.checked ? "1" : "")} />${label}</label>`;

  function Filters({ params, set }) {
    const { data: given } = useAnswer("choices");
    const of = (name) => ({ name, value: params[name] || "", onChange: (value) => set({ [name]: value }) });
    const list = (name) => (given && given[name]) || [];
    return html`<form class="candidates-filters" onSubmit=${(event) => event.preventDefault()} aria-label="filters">
      <${Select} label="status" options=${list("statuses")} ...${of("status")} />
      <${Select} label="operator" options=${list("operators")} ...${of("operator")} />
      ${list("models").length > 0 && html`<${Select} label="model" options=${list("models")} ...${of("model")} />`}
      ${list("islands").length > 1 && html`<${Select} label="island" options=${list("islands")} ...${of("island")} />`}
      <${Select} label="archive" options=${list("outcomes")} ...${of("outcome")} />
      <${Typed} label="idea has" width="16ch" ...${of("idea")} />
      <${Typed} label="from" width="9ch" kind="number" ...${of("low")} />
      <${Typed} label="to" width="9ch" kind="number" ...${of("high")} />
      <${Tick} label="new bests" ...${of("new_best")} />
      <${Tick} label="better than parent" ...${of("improved")} />
      <button type="button" disabled=${!FILTERS.some((name) => params[name])} onClick=${() => set(Object.fromEntries(FILTERS.map((name) => [name, ""])))}>clear</button>
    </form>`;
  }

  // ---------------------------------------------------------------- the list

  function Pager({ offset, total, count, move }) {
    const last = Math.max(0, Math.floor((total - 1) / PAGE) * PAGE);
    const button = (to, title, label, off) =>
      html`<button type="button" aria-label=${label} disabled=${off} onClick=${() => move(to)}>${title}</button>`;
    return html`<div class="candidates-pager">
      <span class="number">${count ? `${format.count(offset + 1)} to ${format.count(offset + count)} of ${format.count(total)}` : `none of ${format.count(total)}`}</span>
      ${button(0, "⇤", "first page", offset === 0)}
      ${button(Math.max(0, offset - PAGE), "← previous", "previous page", offset === 0)}
      ${button(offset + PAGE, "next →", "next page", offset + PAGE >= total)}
      ${button(last, "⇥", "last page", offset >= last)}
    </div>`;
  }

  /** j and k go through the rows, Enter opens the one in focus, n and p turn pages. */
  function useKeys(box, turn) {
    useEffect(() => {
      const pressed = (event) => {
        if (typed(event)) return;
        if (event.key === "n" || event.key === "p") turn(event.key === "n" ? PAGE : -PAGE);
        if (event.key !== "j" && event.key !== "k") return;
        const links = [...box.current.querySelectorAll(".candidates-link")];
        const at = links.indexOf(document.activeElement);
        const to = event.key === "j" ? Math.min(links.length - 1, at + 1) : Math.max(0, at - 1);
        if (links[to]) links[to].focus();
      };
      addEventListener("keydown", pressed);
      return () => removeEventListener("keydown", pressed);
    });
  }

  function Candidates({ run, params }) {
    const box = useRef(null);
    const offset = Math.max(0, Number.parseInt(params.offset, 10) || 0);
    const { data, error, stale } = useAnswer("candidates", { ...params, offset: offset || "", limit: PAGE });
    const total = data ? data.total : 0;
    // What is typed and chosen does not fill the history; pages do, so that Back leads to the one before.
    const set = (changed) => go("candidates", { ...params, offset: "", ...changed }, { replace: true });
    const move = (to) => go("candidates", { ...params, offset: to || "" });
    useKeys(box, (step) => {
      if (offset + step >= 0 && offset + step < total) move(offset + step);
    });
    const asked = Object.fromEntries(FILTERS.filter((name) => params[name]).map((name) => [name, params[name]]));
    const csv = evolve.source.download("candidates.csv", asked, run.id);
    const actions = csv && html`<a class="button" href=${csv} download>CSV</a>`;
    const rows = data ? rowsOf(data.lines) : [];
    return html`<${Panel} title="Candidates" note=${html`<span class="wide-only">j and k: rows, Enter: open, n and p: pages</span>`} actions=${actions} className="candidates">
      <${Filters} params=${params} set=${set} />
      ${error && html`<${Empty} error=${error} />`}
      ${data && html`<${Pager} offset=${offset} total=${total} count=${rows.length} move=${move} />`}
      <div ref=${box} class=${stale ? "candidates-stale" : ""}>
        ${
          data
            ? html`<${Table} label="candidates" columns=${columnsFor(run)} rows=${rows} rowKey=${(row) => row.number} sort=${params.sort || "number"}
              onSort=${(sort) => set({ sort: sort === "number" ? "" : sort })} empty=${run.candidates ? "no candidate is like that" : "no candidates yet"} />`
            : !error && html`<${Empty} />`
        }
      </div>
    <//>`;
  }

  // ---------------------------------------------------------------- in an exported file

  const within = (value, low, high) =>
    value !== null && (!low || value >= Number(low)) && (!high || value <= Number(high));

  /** Whether line `at` is wanted: as evolve/store/picking.py does it. */
  function wanted(lines, at, params) {
    const status = lines.status[at];
    const asked = params.status;
    if (
      asked === "failed"
        ? status === null || status === "valid"
        : asked === "open"
          ? status !== null
          : asked && status !== asked
    )
      return false;
    for (const name of ["operator", "model", "island", "outcome"]) {
      if (params[name] && String(lines[name][at]) !== params[name]) return false;
    }
    if (params.new_best && !lines.new_best[at]) return false;
    if (params.improved && !(lines.gain[at] > 0)) return false;
    if (params.idea && !lines.idea[at].toLowerCase().includes(params.idea.toLowerCase())) return false;
    return !(params.low || params.high) || within(lines.objective[at], params.low, params.high);
  }

  evolve.local.candidates = async (params, { lines }) => {
    const found = lines.number.map((_, at) => at).filter((at) => wanted(lines, at, params));
    const sort = params.sort || "number";
    const values = lines[sort.replace(/^-/, "")];
    const sign = sort.startsWith("-") ? -1 : 1;
    const none = (at) => values[at] === null;
    // Those without a value come last either way, and ties stay in the order of numbers.
    found.sort((a, b) => none(a) - none(b) || (none(a) ? 0 : sign * (values[a] - values[b])) || a - b);
    const offset = Number(params.offset || 0);
    const shown = found.slice(offset, offset + PAGE);
    const columns = Object.fromEntries(Object.entries(lines).map(([name, all]) => [name, shown.map((at) => all[at])]));
    return { total: found.length, offset, sort, lines: columns };
  };

  page({ key: "candidates", title: "Candidates", order: 40, hotkey: "c", component: Candidates, keys: KEYS });
})();
