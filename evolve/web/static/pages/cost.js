"use strict";
// What a run cost: money by what became of it, by model, operator and question, over time; and where the seconds went.
(() => {
  const {
    html,
    useMemo,
    page,
    useAnswer,
    go,
    format,
    safe,
    oneLine,
    Panel,
    Facts,
    Empty,
    Table,
    Choice,
    Bar,
    Status,
    Chart,
  } = evolve;

  const COLORS = {
    new_best: "c0",
    improved: "good",
    valid: "c7",
    pending: "muted",
    no_answer: "c3",
    no_program: "c4",
    not_run: "c5",
    failed: "bad",
    rejected: "c1",
    infrastructure: "warn",
  };
  const PARTS = [
    ["models", "models"],
    ["operators", "operators"],
    ["steps", "questions"],
  ];
  const GROWN = { cost: ["money", "US dollars", format.dollars], tokens: ["tokens", "tokens", format.count] };
  const PURPOSES = { search: "evaluations", holdout: "held-out cases" };

  const swatch = (color) => html`<i class="cost-swatch" style=${{ background: `var(--${color})` }}></i>`;
  const known = (bill) => (bill.cost === null ? `more than ${format.dollars(bill.known)}` : format.dollars(bill.cost));

  // ---------------------------------------------------------------- money

  function Money({ data }) {
    const { burn, total, dollars_per: per, most_per: most, asked_for: counted } = data;
    const { money } = burn;
    // From what answers cost to what it is with calls without an answer, if they may have cost anything.
    const between = (low, high) => (low === high ? low : `${low} to ${high}`);
    const each = (name) =>
      per[name] !== null &&
      `${between(format.dollars(per[name]), format.dollars(most[name]))} · ${format.count(counted[name])} of them`;
    const unpriced = money.unknown ? `${format.plural(money.unknown, "call")} of unknown price` : "";
    const waiting = money.in_flight || money.unknown_in_flight || money.tokens_in_flight;
    const flight = `${format.dollars(money.in_flight)} and ${format.count(money.tokens_in_flight)} tokens reserved${money.unknown_in_flight ? `, ${format.plural(money.unknown_in_flight, "call")} of unknown price` : ""}`;
    return html`<${Panel} title="Money" note=${data.replay ? `as recorded; this run replays ${safe(data.replay)} and paid nothing` : ""}>
      <${Facts} rows=${[
        ["answers", `${format.count(total.calls)}, ${known(total)}`],
        ["price unknown", unpriced],
        [
          "lost",
          (money.lost > 0 || money.lost_tokens > 0) &&
            `up to ${format.dollars(money.lost)} and ${format.count(money.lost_tokens)} tokens, on calls without an answer`,
        ],
        ["in flight", waiting && flight],
        [
          "tokens",
          `${format.count(total.prompt)} in, ${format.count(total.output)} out${total.reasoning ? `, ${format.count(total.reasoning)} of them reasoning` : ""}`,
        ],
        ["cached", total.cached_share !== null && `${format.share(total.cached_share)} of the tokens in`],
        ["per candidate", each("candidates")],
        ["per evaluation", each("evaluated")],
        ["per improvement", each("improved")],
        ["per new best", each("new_best")],
      ].filter((row) => row[1])} />
    <//>`;
  }

  function left({ name, used, limit }) {
    if (used === null) return "nobody knows: a price is unknown";
    const write = { time: format.seconds, money: format.dollars }[name] || format.count;
    return `${write(Math.max(0, limit - used))} of ${write(limit)} left`;
  }

  const Budget = ({
    burn,
  }) => html`<${Panel} title="Budget" note=${burn.ends ? `at this pace ${burn.ends.limit} will be used up in ${format.seconds(burn.ends.seconds)}` : ""}>
    ${burn.limits.map(
      (limit) => html`<div class="cost-limit" key=${limit.name}>
        <span>${limit.name}</span><${Bar} fraction=${limit.share} /><span class="number">${left(limit)}</span>
      </div>`,
    )}
    ${!burn.limits.length && html`<p class="note">no limit</p>`}
  <//>`;

  /** What the money was spent on in the end, as one bar and its parts. By tokens where a price is unknown or all is free. */
  function Fates({ data }) {
    const { total, fates } = data;
    const byMoney = total.cost !== null && total.cost > 0;
    const size = (part) => (byMoney ? part.cost : part.tokens);
    const all = byMoney ? total.cost : total.tokens;
    return html`<${Panel} title="What became of it" note=${byMoney ? "by money; every question counts for the candidate it was asked for" : "by tokens"}>
      <div class="cost-whole" aria-hidden="true">
        ${fates.map((part) => html`<i key=${part.name} title=${part.title} style=${{ flexGrow: all ? size(part) / all : 0, background: `var(--${COLORS[part.name]})` }}></i>`)}
      </div>
      <${Table} label="what became of the money" rows=${fates} rowKey=${(part) => part.name} empty="nothing was answered yet" columns=${[
        { key: "title", title: "candidates", render: (part) => html`${swatch(COLORS[part.name])}${part.title}` },
        { key: "calls", title: "calls", kind: "number", render: (part) => format.count(part.calls) },
        { key: "cost", title: "cost", kind: "number", render: known },
        {
          key: "share",
          title: "share",
          kind: "number",
          render: (part) => (all ? format.share(size(part) / all) : format.dash),
        },
        { key: "tokens", title: "tokens", kind: "number", narrow: false, render: (part) => format.count(part.tokens) },
      ]} />
    <//>`;
  }

  function Parts({ data, params }) {
    const by = PARTS.some(([key]) => key === params.by) ? params.by : "models";
    const { total } = data;
    const choose = (chosen) => go("cost", { ...params, by: chosen }, { replace: true });
    const tokens = (key, title) => ({
      key,
      title,
      kind: "number",
      narrow: false,
      render: (part) => format.count(part[key]),
    });
    return html`<${Panel} title="Money by" actions=${html`<${Choice} label="by" options=${PARTS} value=${by} onChange=${choose} />`}>
      <${Table} label=${`cost by ${by}`} rows=${data[by]} rowKey=${(part) => part.name} empty="nothing was answered yet" columns=${[
        { key: "name", title: by.slice(0, -1), render: (part) => oneLine(part.name, 80) },
        { key: "calls", title: "calls", kind: "number", render: (part) => format.count(part.calls) },
        { key: "cost", title: "cost", kind: "number", render: known },
        {
          key: "share",
          title: "share",
          kind: "number",
          render: (part) => (total.cost ? format.share(part.cost / total.cost) : format.dash),
        },
        tokens("prompt", "tokens in"),
        {
          key: "cached",
          title: "cached",
          kind: "number",
          narrow: false,
          render: (part) => format.share(part.cached_share),
        },
        tokens("output", "out"),
        tokens("reasoning", "reasoning"),
        {
          key: "each",
          title: "time of a call",
          kind: "number",
          narrow: false,
          render: (part) => (part.calls ? format.seconds(part.seconds / part.calls) : format.dash),
        },
        {
          key: "lost",
          title: "lost",
          kind: "number",
          narrow: false,
          render: (part) => (part.lost ? format.dollars(part.lost) : format.dash),
        },
      ]} />
    <//>`;
  }

  // ---------------------------------------------------------------- over time

  const TIME = { label: "time", format: (value) => (value ? format.seconds(value) : "0") };
  const begun = (values) => [0, ...values]; // every curve begins with nothing at the beginning

  function Grown({ data, params }) {
    const { course } = data;
    const paid = course.models.some((model) => model.cost.at(-1) > 0);
    const what = GROWN[params.grown] && (params.grown !== "cost" || paid) ? params.grown : paid ? "cost" : "tokens";
    const [, label, write] = GROWN[what];
    const series = useMemo(() => {
      const x = begun(course.elapsed);
      const lines = course.models.map((model, index) => ({
        kind: "line",
        label: oneLine(model.name, 40),
        color: index,
        x,
        y: begun(model[what]),
      }));
      const sum = x.map((_, place) => lines.reduce((all, line) => all + line.y[place], 0));
      return lines.length > 1
        ? [{ kind: "line", label: "all", color: "ink-2", dash: [5, 4], x, y: sum }, ...lines]
        : lines;
    }, [course, what]);
    const options = Object.entries(GROWN)
      .filter(([key]) => key !== "cost" || paid)
      .map(([key, [title]]) => [key, title]);
    const unpriced =
      course.models.some((model) => model.unknown) && what === "cost" ? "as far as prices are known" : "";
    const choose = (chosen) => go("cost", { ...params, grown: chosen }, { replace: true });
    return html`<${Panel} title="Over time" note=${unpriced} actions=${html`<${Choice} label="what" options=${options} value=${what} onChange=${choose} />`}>
      <${Chart} label=${`${label} over time`} height=${220} x=${TIME} y=${{ label, format: write }} series=${series} />
    <//>`;
  }

  function Told({ course }) {
    const series = useMemo(
      () => [{ kind: "line", label: "candidates", color: "accent", x: begun(course.elapsed), y: begun(course.told) }],
      [course],
    );
    return html`<${Panel} title="Candidates over time">
      <${Chart} label="candidates over time" height=${220} x=${TIME} y=${{ label: "candidates", format: format.count }} series=${series} />
    <//>`;
  }

  // ---------------------------------------------------------------- seconds

  function Time({ data }) {
    const { times, asked_for: counted } = data;
    const seconds = (rows) => rows.reduce((sum, row) => sum + row.seconds, 0);
    const number = (rows, key) => rows.reduce((sum, row) => sum + row[key], 0);
    const purposes = Object.keys(PURPOSES).map((purpose) =>
      times.evaluations.filter((row) => row.purpose === purpose && row.seconds > 0),
    );
    return html`<${Panel} title="Time" note=${data.asks ? "" : "no model was asked: this run costs time alone"}>
      <${Facts} rows=${[
        ["at work", format.seconds(times.elapsed)],
        ...purposes.map(
          (rows) =>
            rows.length && [
              PURPOSES[rows[0].purpose],
              `${format.seconds(seconds(rows))}, ${format.count(number(rows, "evaluations"))} of them`,
            ],
        ),
        ...times.looks.map((row) => [
          `${row.series} looks`,
          `${format.seconds(row.seconds)} with waiting, ${format.count(row.looks)} of them`,
        ]),
        ["an evaluation", times.each !== null && `${format.seconds(times.each)} on average`],
        [
          "slots busy",
          times.busy > 0 && `${format.share(times.busy)} of the time of ${format.plural(times.slots, "slot")}`,
        ],
        [
          "asking models",
          times.asking > 0 &&
            `${format.seconds(times.asking)} in all, ${format.short(times.calls_at_once)} calls at once on average`,
        ],
      ].filter((row) => row && row[1])} />
      ${counted.candidates > 0 && !data.replay && html`<${Journey} counted=${counted} />`}
    <//>`;
  }

  /** Where the time of a candidate of a model goes, from its first question to its result. */
  function Journey({ counted }) {
    const { candidates, span, models, evaluation } = counted;
    const parts = [
      ["models", models, "c0"],
      ["evaluation", evaluation, "c2"],
      ["waiting", Math.max(0, span - models - evaluation), "c7"],
    ];
    return html`<div class="cost-journey">
      <h3>A candidate of a model: ${format.seconds(span / candidates)} from question to result</h3>
      <div class="cost-whole" aria-hidden="true">
        ${parts.map(([title, value, color]) => html`<i key=${title} style=${{ flexGrow: span > 0 ? value / span : 0, background: `var(--${color})` }}></i>`)}
      </div>
      <ul>${parts.map(([title, value, color]) => html`<li key=${title}>${swatch(color)}${title} ${format.seconds(value / candidates)}</li>`)}</ul>
      <p class="note">models: with queueing and retries; waiting: for a slot, for further looks, for its turn</p>
    </div>`;
  }

  /** What the seconds of the search's evaluations came to, by status. */
  function Evaluating({ times }) {
    const rows = times.evaluations
      .filter((row) => row.purpose === "search" && row.seconds > 0)
      .sort((one, other) => other.seconds - one.seconds);
    const all = rows.reduce((sum, row) => sum + row.seconds, 0);
    return html`<${Panel} title="Evaluating" note="by what came of it">
      <${Table} label="seconds of evaluations by status" rows=${rows} rowKey=${(row) => row.status} empty="nothing was evaluated yet" columns=${[
        { key: "status", title: "status", kind: "word", render: (row) => html`<${Status} status=${row.status} />` },
        { key: "evaluations", title: "evaluations", kind: "number", render: (row) => format.count(row.evaluations) },
        { key: "seconds", title: "time", kind: "number", render: (row) => format.seconds(row.seconds) },
        { key: "share", title: "share", kind: "number", render: (row) => format.share(row.seconds / all) },
        { key: "each", title: "each", kind: "number", render: (row) => format.seconds(row.seconds / row.evaluations) },
      ]} />
    <//>`;
  }

  function Cost({ params }) {
    const { data, error } = useAnswer("cost");
    if (!data) return html`<${Empty} error=${error} />`;
    const time = html`<${Time} data=${data} /><${Budget} burn=${data.burn} />`;
    const told = html`<div class="columns cost-wide">
      <${Evaluating} times=${data.times} />
      ${data.course.elapsed.length > 0 && html`<${Told} course=${data.course} />`}
    </div>`;
    if (!data.asks) return html`<div class="columns">${time}</div>${told}`;
    return html`
      <div class="columns">
        <${Money} data=${data} />
        ${time}
      </div>
      <div class="columns cost-wide">
        <${Fates} data=${data} />
        ${data.course.models.length > 0 && html`<${Grown} data=${data} params=${params} />`}
      </div>
      <${Parts} data=${data} params=${params} />
      ${told}
    `;
  }
  page({ key: "cost", title: "Cost", order: 70, hotkey: "s", component: Cost });
})();
