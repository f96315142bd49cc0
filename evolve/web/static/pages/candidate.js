"use strict";
// One candidate: what it scored and why, what changed, what was asked and answered, every look at it.
(() => {
  const { html, useState, useEffect, useMemo, page, useAnswer, href, go, format, safe, oneLine, typed } = evolve;
  const { Panel, Facts, Empty, Copy, Table, Choice, Status, Code, DiffView, LongText } = evolve;

  const link = (number) => html`<a href=${href("candidate", { n: number })}>${number}</a>`;
  const listed = (items) => items.map((item, index) => html`${index ? ", " : ""}${item}`);

  /** Columns as rows. */
  const rowsOf = (columns) =>
    columns.number.map((_, at) => Object.fromEntries(Object.entries(columns).map(([key, all]) => [key, all[at]])));

  function estimate(value, unit) {
    if (!value) return format.dash;
    const error = value.stderr ? ` (standard error ${format.short(value.stderr)})` : "";
    return `${format.objective(value.mean, unit)}${error}${value.n > 1 ? `, n = ${value.n}` : ""}`;
  }

  const pairs = (numbers) =>
    listed(
      Object.entries(numbers).map(
        ([name, value]) =>
          html`<span class="candidate-pair">${oneLine(name, 60)} <b>${format.number(value)}</b></span>`,
      ),
    );

  const Relative = ({ row }) =>
    html`${link(row.number)} <span class="note">${row.objective === null ? safe(row.status || "open") : format.number(row.objective)}</span>`;

  function Head({ run, data }) {
    const { unit } = run;
    const confirmed = data.confirmed;
    const looked = data.objective && data.first_objective && data.objective.n !== data.first_objective.n;
    const [parents, inspirations] = [rowsOf(data.parents), rowsOf(data.inspirations)];
    const made = [safe(data.operator), data.model && html` by ${safe(data.model)}`];
    const step = (number, title) =>
      html`<button type="button" disabled=${number === null} onClick=${() => go("candidate", { n: number })}>${title}</button>`;
    const actions = html`${step(data.previous, "← previous")}${step(data.next, "next →")}
      <a class="button" href=${href("lineage", { n: data.number })}>lineage</a>`;
    return html`<${Panel} title="Candidate ${data.number}" note=${data.number === run.best_number ? "the run's best" : ""} actions=${actions} className="candidate-head">
      <p class="candidate-verdict">
        <${Status} status=${data.status} />
        ${data.objective && html`<b class="candidate-objective">${format.objective(data.objective.mean, unit)}</b>`}
        ${data.gain !== null && html`<span class=${data.gain > 0 ? "good" : "muted"} title="over its first parent; more is better">gain ${format.signed(data.gain)}</span>`}
        <span>${data.status === "valid" ? "" : `${data.meaning ? `${data.meaning[0].toUpperCase()}${data.meaning.slice(1)}. ` : ""}`}${data.verdict}</span>
      </p>
      <div class="columns">
        <${Facts} rows=${[
          ["made by", made],
          ["idea", safe(data.idea)],
          ["lesson", safe(data.lesson)],
          [
            "parents",
            parents.length
              ? listed(parents.map((row) => html`<${Relative} row=${row} />`))
              : data.number === 0
                ? "none: it is the seed"
                : "",
          ],
          ["inspirations", inspirations.length && listed(inspirations.map((row) => html`<${Relative} row=${row} />`))],
          ["made for", `island ${data.island}${data.track === "main" ? "" : `, track ${safe(data.track)}`}`],
        ].map(([name, value]) => [name, value || null])} />
        <${Facts} rows=${[
          ["search score", estimate(data.objective, unit)],
          looked && ["first look", estimate(data.first_objective, unit)],
          confirmed && [
            "confirmed",
            `${format.objective(confirmed.mean, unit)}${confirmed.low === undefined || confirmed.low === null ? "" : `, 95 % interval ${format.number(confirmed.low)} to ${format.number(confirmed.high)}`}`,
          ],
          data.held_out && [
            "held out",
            html`${data.held_out.objective ? estimate(data.held_out.objective, unit) : html`<${Status} status=${data.held_out.status} />`} <span class="note">over ${format.plural(data.held_out.cases, "case")}</span>`,
          ],
          Object.keys(data.metrics).length > 0 && ["metrics", pairs(data.metrics)],
          Object.keys(data.measures).length > 0 && ["measures", pairs(data.measures)],
          data.cell !== null && [
            "cell",
            html`<a href=${href("archive", { island: data.archive_island })}>${data.cell} of island ${data.archive_island}</a>`,
          ],
          data.position !== null && [
            "told",
            `as number ${format.count(data.position + 1)}, after ${format.seconds(data.elapsed)}`,
          ],
          data.wall !== null && ["evaluated in", format.seconds(data.wall)],
          data.conversation.length > 0 && [
            "cost",
            `${data.cost === null ? "price unknown" : format.dollars(data.cost)}, ${format.count(data.tokens)} tokens`,
          ],
        ].filter(Boolean)} />
      </div>
    <//>`;
  }

  // ---------------------------------------------------------------- the program

  const FileHead = ({ path, text, note }) =>
    html`<header><h3>${oneLine(path, 200)}</h3>${note && html`<span class="note">${note}</span>`}<${Copy} text=${text} /></header>`;

  function ChangedFile({ path, before, after }) {
    const [old, now] = [before ? before.text : "", after ? after.text : ""];
    const same = before && after && old === now;
    const given = useMemo(() => (before && after && old !== now ? evolve.aligned(old, now) : null), [old, now]);
    const lines = given && given.parts ? `−${format.count(given.gone)} +${format.count(given.come)} lines` : "";
    return html`<div class="code-text">
      <${FileHead} path=${path} text=${now || old} note=${!before ? "new file" : !after ? "removed" : same ? "unchanged" : lines} />
      ${given ? html`<${DiffView} given=${given} path=${path} />` : !same && html`<${Code} text=${now || old} path=${path} />`}
    </div>`;
  }

  /** The difference from another candidate, whose program is asked for. */
  function Difference({ base, data }) {
    const { data: other, error, stale } = useAnswer("program", { n: base }, { live: false });
    if (!other || stale || other.number !== base) return html`<${Empty} error=${error} />`;
    const before = new Map(other.files.map((file) => [file.path, file]));
    const after = new Map(data.files.map((file) => [file.path, file]));
    const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
    const changed = paths.some((path) => before.get(path)?.text !== after.get(path)?.text);
    return html`${!changed && html`<p class="note">the same program</p>`}
      ${paths.map((path) => html`<${ChangedFile} key=${path} path=${path} before=${before.get(path)} after=${after.get(path)} />`)}`;
  }

  function Program({ data, params }) {
    const named = Object.entries(data.bases);
    const against =
      params.against === "code" || !named.length
        ? "code"
        : data.bases[params.against] === undefined
          ? named[0][0]
          : params.against;
    const options = [...named.map(([name, number]) => [name, `${name} ${number}`]), ["code", "no other"]];
    const choose = (value) => go("candidate", { ...params, n: data.number, against: value }, { replace: true });
    const actions =
      named.length > 0 &&
      html`<span class="note">against</span><${Choice} label="compare with" options=${options} value=${against} onChange=${choose} />`;
    return html`<${Panel} title="Program" note=${format.plural(data.files.length, "file")} actions=${actions} className="candidate-program">
      ${
        against === "code"
          ? data.files.map(
              (file) => html`<div class="code-text" key=${file.path}>
            <${FileHead} path=${file.path} text=${file.text} note=${file.more > 0 ? `${format.plural(file.more, "more character")} not shown` : ""} />
            <${Code} text=${file.text} path=${file.path} label=${oneLine(file.path, 80)} />
          </div>`,
            )
          : html`<${Difference} key=${against} base=${data.bases[against]} data=${data} />`
      }
    <//>`;
  }

  // ---------------------------------------------------------------- looks

  function Looks({ looks }) {
    const names = Object.keys(looks.metrics);
    if (!looks.case.length) return null;
    const rows = looks.case.map((_, at) => at);
    const number = (key, title, value, extra = {}) => ({ key, title, kind: "number", render: value, ...extra });
    const columns = [
      { key: "purpose", title: "for", kind: "word", render: (at) => safe(looks.purpose[at]) },
      number("case", "case", (at) => looks.case[at]),
      number("repeat", "repeat", (at) => looks.repeat[at]),
      { key: "status", title: "status", kind: "word", render: (at) => html`<${Status} status=${looks.status[at]} />` },
      ...names
        .slice(0, 12)
        .map((name) => number(`m ${name}`, oneLine(name, 40), (at) => format.number(looks.metrics[name][at]))),
      number("wall", "wall", (at) => format.seconds(looks.wall[at])),
      number("cpu", "cpu", (at) => format.seconds(looks.cpu[at]), { narrow: false }),
      number("peak", "peak", (at) => format.bytes(looks.peak_rss[at]), { narrow: false }),
      { key: "stage", title: "stage", kind: "word", narrow: false, render: (at) => oneLine(looks.stage[at], 30) },
      looks.feedback.some((said) => said.text) && {
        key: "feedback",
        title: "feedback",
        narrow: false,
        render: (at) => html`<span class="candidate-remark">${oneLine(looks.feedback[at].text, 240)}</span>`,
      },
    ].filter(Boolean);
    const note = `${format.plural(rows.length, "look")}${looks.more ? `; ${format.count(looks.more)} more with evolve show --eval` : ""}`;
    const artifacts = rows.flatMap((at) =>
      looks.artifacts[at].map((each) => ({ ...each, of: `case ${looks.case[at]}, repeat ${looks.repeat[at]}` })),
    );
    return html`<${Panel} title="Every look" note=${note} className="candidate-looks">
      <${Table} columns=${columns} rows=${rows.slice(0, 500)} label="every look at every case" />
      ${rows.length > 500 && html`<p class="note">the first 500 of them</p>`}
      ${
        artifacts.length > 0 &&
        html`<details><summary>${format.plural(artifacts.length, "artifact")}</summary>
        ${artifacts.slice(0, 50).map((each) => html`<${LongText} given=${each} name="${oneLine(each.name, 80)} · ${each.of}" />`)}</details>`
      }
    <//>`;
  }

  function Said({ data }) {
    const failed = data.status !== "valid";
    if (!data.feedback.text.trim() && !data.artifacts.length) return null;
    return html`<${Panel} title=${failed ? "Why it failed" : "What the evaluator said"}>
      ${data.feedback.text.trim() && html`<${LongText} given=${data.feedback} name="feedback" />`}
      ${data.artifacts.map((each) => html`<details key=${each.name}><summary>${oneLine(each.name, 100)}</summary><${LongText} given=${each} name=${oneLine(each.name, 100)} /></details>`)}
    <//>`;
  }

  // ---------------------------------------------------------------- the conversation

  function Turn({ turn }) {
    const [open, setOpen] = useState(false);
    const { answer } = turn;
    const all = turn.sections.map((section) => section.text).join("\n\n");
    const usage = answer && answer.usage;
    const took =
      answer &&
      [
        `${format.count(usage.prompt)} tokens in${usage.cached ? ` (${format.count(usage.cached)} cached)` : ""}, ${format.count(usage.output)} out`,
        answer.cost === null ? "price unknown" : format.dollars(answer.cost),
        format.seconds(answer.wall),
        answer.attempts > 1 && `${answer.attempts} calls`,
        answer.finish !== "stop" && safe(answer.finish),
      ]
        .filter(Boolean)
        .join(" · ");
    return html`<section class="candidate-turn">
      <header><h3>${turn.turn + 1}. ${safe(turn.step)}</h3><span class="note">asked ${oneLine(turn.model, 80)}</span>
        <span class="candidate-tools"><button type="button" class="copy" onClick=${() => setOpen(!open)}>${open ? "fold all" : "unfold all"}</button>
          <${Copy} text=${all} label="copy question" /></span></header>
      ${turn.sections.map(
        (section, index) => html`<details key=${index} open=${open}>
        <summary><span class="candidate-role">${safe(section.role)}</span><b>${oneLine(section.name, 80)}</b>
          <span class="note">${format.plural(section.text.length + section.more, "character")}${section.stable ? ", the same in every question" : ""}</span></summary>
        <${LongText} given=${section} />
      </details>`,
      )}
      ${
        answer
          ? html`<div class="candidate-answer"><header><h3>Answer of ${oneLine(answer.model, 80)}</h3><span class="note">${took}</span><${Copy} text=${answer.text} label="copy answer" /></header>
            ${answer.reason && html`<p class="bad">${oneLine(answer.reason, 400)}</p>`}
            ${answer.text && html`<${LongText} given=${answer} />`}</div>`
          : html`<${Empty}>not answered yet<//>`
      }
    </section>`;
  }

  const Conversation = ({ data }) =>
    data.conversation.length
      ? html`<${Panel} title="Asked and answered" note=${format.plural(data.conversation.length, "question")}>
          ${data.conversation.map((turn) => html`<${Turn} key=${turn.turn} turn=${turn} />`)}
        <//>`
      : html`<${Panel} title="Asked and answered"><p class="note">${data.number === 0 ? "No model was asked: it is the seed, which the search began with." : "No model was asked: the built-in proposer made it."}</p><//>`;

  function Family({ data, unit }) {
    const { rows, total, inspired } = data.children;
    if (!total) return null;
    const columns = [
      { key: "number", title: "child", kind: "number", render: (row) => link(row.number) },
      { key: "status", title: "status", kind: "word", render: (row) => html`<${Status} status=${row.status} />` },
      { key: "objective", title: "objective", kind: "number", render: (row) => format.objective(row.objective, unit) },
      { key: "operator", title: "operator", kind: "word" },
      { key: "idea", title: "idea", render: (row) => oneLine(row.idea, 160) },
    ];
    const note = `${format.count(total)}${total > rows.number.length ? `, the best ${rows.number.length}` : ""}${inspired ? `; shown to ${format.count(inspired)} others` : ""}`;
    return html`<${Panel} title="Children" note=${note}><${Table} columns=${columns} rows=${rowsOf(rows)} rowKey=${(row) => row.number} label="children" /><//>`;
  }

  const Reproduce = ({ commands }) => html`<${Panel} title="See it again" className="candidate-commands">
    <${Facts} rows=${commands.map(({ shows, command }) => [shows, html`<code>${safe(command)}</code> <${Copy} text=${command} />`])} />
  <//>`;

  function Candidate({ run, params }) {
    const { data, error, stale } = useAnswer("candidate", { n: params.n });
    useEffect(() => {
      const pressed = (event) => {
        if (typed(event)) return;
        const to = data && { n: data.next, p: data.previous }[event.key];
        if (typeof to === "number") go("candidate", { ...params, n: to });
      };
      addEventListener("keydown", pressed);
      return () => removeEventListener("keydown", pressed);
    }, [data, params]);
    if (!data || (error && stale)) return html`<${Empty} error=${error} />`;
    if (data.number === null) return html`<${Empty}>no candidates yet<//>`;
    return html`
      <${Head} run=${run} data=${data} />
      ${data.status !== "valid" && html`<${Said} data=${data} />`}
      <${Program} key=${data.number} data=${data} params=${params} />
      <${Looks} looks=${data.looks} />
      ${data.status === "valid" && html`<${Said} data=${data} />`}
      <${Conversation} data=${data} />
      <${Family} data=${data} unit=${run.unit} />
      <${Reproduce} commands=${data.reproduce} />
    `;
  }

  page({
    key: "candidate",
    title: "Candidate",
    order: 35,
    hotkey: "d",
    component: Candidate,
    keys: [["n p", "next, previous candidate"]],
  });
})();
