"use strict";
// Operators and models: how far their candidates got, and what an improvement took.
(() => {
  const { html, page, useAnswer, href, go, format, oneLine, Panel, Empty, Table, Choice, Bar } = evolve;

  const BUILT_IN = "built-in proposer";
  const LINES = [
    ["operator", "operators"],
    ["model", "models"],
    ["both", "both"],
  ];
  const COLUMNS = [
    ["outcome", "outcome"],
    ["cost", "cost"],
  ];
  const SHORT = 5; // lines of a family that are shown without being asked for
  const STEPS = [
    ["applied", "c7", "applied"],
    ["valid", "c0", "valid"],
    ["improved", "good", "better than the parent"],
  ];

  const name = (line) =>
    oneLine(line.model !== null && line.operator === null ? line.model || BUILT_IN : line.name, 60);

  /** How far the candidates of a line got, as shares of those that are settled, drawn over one another. */
  const Funnel = ({ line }) => {
    const said = STEPS.map(([step, , title]) => `${title} ${format.count(line[step])}`).join(", ");
    return html`<${Bar} title=${`of ${format.count(line.settled)}: ${said}`}
      parts=${STEPS.map(([step, color]) => [line.rates[step].share, color])} />`;
  };

  const shares = (rate) => `${format.share(rate.low)} to ${format.share(rate.high)}`;

  /** A share with its interval: a band from its low to its high end, and a mark where it is. */
  const Rate = ({ rate }) =>
    rate.share === null
      ? format.dash
      : html`<span class="operators-rate" title=${`${format.count(rate.count)} of ${format.count(rate.of)}; interval ${shares(rate)}`}>
          <span class="operators-band" aria-hidden="true">
            <i style=${{ left: `${100 * rate.low}%`, width: `${100 * (rate.high - rate.low)}%` }}></i>
            <b style=${{ left: `${100 * rate.share}%` }}></b>
          </span>
          <span class="operators-share">${Math.round(1000 * rate.share) / 10} %</span>
        </span>`;

  /** What an improvement took; how much more or less it may be is said on the spot. */
  const Price = ({ price, write, lost }) => {
    if (price.each === null) return format.dash;
    const high = price.high === null ? "or more than anybody can say" : `to ${write(price.high)}`;
    const also = lost ? ", with what calls without an answer may have cost" : "";
    return html`<span title=${`by the interval of the rate: ${write(price.low)} ${high}${also}`}>${write(price.each)}</span>`;
  };

  /** Whether the list of candidates can be filtered to a line: by operator and model, but not by "built in". */
  function listable(line, data) {
    if (line.model) return true;
    const namesakes = data.operators.filter((other) => other.operator === line.operator);
    return line.operator !== null && namesakes.length === 1;
  }

  /** How many candidates of a line got that far, with a link to their list. */
  const count = (data, step, wanted) => (line) => {
    const number = format.count(line[step]);
    if (!line[step] || !listable(line, data)) return number;
    return html`<a href=${href("candidates", { operator: line.operator, model: line.model, ...wanted })}>${number}</a>`;
  };

  const dollars = (bill) => (bill.calls ? (bill.cost === null ? "unknown" : format.dollars(bill.cost)) : format.dash);

  const VALUES = {
    cost: (line) => line.bill.cost,
    calls: (line) => line.bill.calls,
    tokens: (line) => line.bill.tokens,
    cached: (line) => line.bill.cached_share,
    rate: (line) => line.rates.improved.share,
    dollars: (line) => line.dollars_per.improved.each,
    dollars_best: (line) => line.dollars_per.new_best.each,
    seconds: (line) => line.seconds_per.improved.each,
    seconds_best: (line) => line.seconds_per.new_best.each,
    lost: (line) => line.bill.lost,
    asking: (line) => line.bill.seconds,
    evaluating: (line) => line.evaluation_seconds,
    name: (line) => `${name(line)} ${line.operator || ""}`,
    model: (line) => line.model || BUILT_IN,
  };

  function sorted(lines, sort) {
    const key = sort.replace(/^-/, "");
    const value = VALUES[key] || ((line) => line[key]);
    const way = sort.startsWith("-") ? -1 : 1;
    const order = (one, other) => {
      const [left, right] = [value(one), value(other)];
      if (left === null || right === null) return (left === null) - (right === null); // the unknown last, either way
      return way * (typeof left === "string" ? left.localeCompare(right) : left - right);
    };
    return key ? [...lines].sort(order) : lines;
  }

  /** Operators below the sum of their family; long families of the built-in proposer only when they are open. */
  function grouped(data, open) {
    return data.families.flatMap((family) => {
      const members = data.operators.filter((line) => line.family === family.family);
      if (members.length === 1) return members;
      const folds = family.family !== "asked" && members.length > SHORT;
      const shown = folds && !open ? [] : members.map((line) => ({ ...line, inner: true }));
      return [{ ...family, head: true, folds, members: members.length }, ...shown];
    });
  }

  const number = (key, title, render, more = {}) => ({ key, title, kind: "number", sort: true, render, ...more });
  const wide = { narrow: false };

  function nameColumns(view, params) {
    const open = Boolean(params.open);
    const fold = () => go("operators", { ...params, open: open ? "" : "1" }, { replace: true });
    const label = (
      line,
    ) => html`<span class="operators-name ${line.inner ? "operators-inner" : line.head ? "operators-head" : ""}">${name(line)}</span>
      ${line.folds && html`<button type="button" class="operators-fold" aria-expanded=${open} onClick=${fold}>${open ? "fold" : `show ${line.members}`}</button>`}`;
    const model = {
      key: "model",
      title: "model",
      kind: "word",
      sort: true,
      render: (line) => oneLine(line.model || BUILT_IN, 48),
    };
    return [
      ...(view === "both" ? [model] : []),
      { key: "name", title: view === "model" ? "model" : "operator", kind: "word", sort: true, render: label },
    ];
  }

  const priced = (line, step, unit, write) =>
    html`<${Price} price=${line[`${unit}_per`][step]} write=${write} lost=${unit === "dollars" && line.bill.lost > 0} />`;
  const dollarsPer = (step) => (line) =>
    line.bill.calls ? priced(line, step, "dollars", format.dollars) : format.dash;
  const secondsPer = (step) => (line) => priced(line, step, "seconds", format.seconds);

  const PER_BETTER = number("dollars", "$ / better", dollarsPer("improved"), {
    hint: "US dollars for each candidate better than its parent",
  });
  const TIME_PER_BETTER = number("seconds", "time / better", secondsPer("improved"), {
    ...wide,
    hint: "of calls, with queueing, and evaluations, for each candidate better than its parent",
  });

  const outcomes = (data) => [
    number("proposed", "proposed", count(data, "proposed", {})),
    {
      key: "funnel",
      title: "how far",
      kind: "word",
      ...wide,
      render: (line) => html`<div class="operators-funnel"><${Funnel} line=${line} /></div>`,
    },
    ...(data.asks
      ? [
          number("parsed", "parsed", (line) => format.count(line.parsed), {
            ...wide,
            hint: "an edit was found in the answer",
          }),
          number("applied", "applied", (line) => format.count(line.applied), {
            ...wide,
            hint: "the edit made a program",
          }),
        ]
      : []),
    number("valid", "valid", count(data, "valid", { status: "valid" }), wide),
    number("improved", "better", count(data, "improved", { improved: 1 }), { hint: "better than their first parent" }),
    number("rate", "rate", (line) => html`<${Rate} rate=${line.rates.improved} />`, {
      hint: `better than their parent, of all that are scored; the band is the ${100 * data.level} % interval (Wilson)`,
    }),
    number("new_cell", "new cell", (line) => format.count(line.new_cell), wide),
    number("new_best", "new best", count(data, "new_best", { new_best: 1 })),
    ...(data.asks ? [PER_BETTER] : []),
    TIME_PER_BETTER,
  ];

  const costs = () => [
    number("calls", "calls", (line) => format.count(line.bill.calls), wide),
    number("tokens", "tokens", (line) => format.count(line.bill.tokens), wide),
    number("cached", "cached", (line) => format.share(line.bill.cached_share), {
      ...wide,
      hint: "of the tokens of prompts",
    }),
    number("cost", "cost", (line) => dollars(line.bill)),
    number("lost", "lost", (line) => (line.bill.lost ? format.dollars(line.bill.lost) : format.dash), {
      ...wide,
      hint: "the most that attempts without an answer may have cost on top",
    }),
    PER_BETTER,
    number("dollars_best", "$ / best", dollarsPer("new_best"), { hint: "US dollars for each new best" }),
    number("asking", "asking", (line) => (line.bill.seconds ? format.seconds(line.bill.seconds) : format.dash), {
      ...wide,
      hint: "of calls, with queueing and retries",
    }),
    number("evaluating", "evaluating", (line) => format.seconds(line.evaluation_seconds), wide),
    TIME_PER_BETTER,
    number("seconds_best", "time / best", secondsPer("new_best"), {
      ...wide,
      hint: "of calls and evaluations, for each new best",
    }),
  ];

  function note(data) {
    const { money, total } = data;
    if (!data.asks)
      return (
        total.proposed &&
        `no model was asked: the built-in proposer made all ${format.plural(total.proposed, "candidate")}`
      );
    const cost = money.cost === null ? "price unknown" : format.dollars(money.cost);
    const lost = money.lost
      ? `, up to ${format.dollars(money.lost)} lost on calls without an answer, which $ / better and $ / best leave out`
      : "";
    const when = data.replay ? ` when recorded; this run replays ${data.replay} and paid nothing` : "";
    return `${format.plural(money.calls, "answer")}, ${cost}${when}${lost}`;
  }

  const Legend = () => html`<ul class="operators-legend" aria-hidden="true">
    ${STEPS.map(([, color, title]) => html`<li><i style=${{ background: `var(--${color})` }}></i>${title}</li>`)}
  </ul>`;

  function Operators({ params }) {
    const { data, error } = useAnswer("operators");
    if (!data) return html`<${Empty} error=${error} />`;
    const view = data.asks && LINES.some(([key]) => key === params.by) ? params.by : "operator";
    const show = data.asks && params.show === "cost" ? "cost" : "outcome";
    const sort = params.sort || "";
    const lines = {
      operator: sort ? data.operators : grouped(data, Boolean(params.open)),
      model: data.models,
      both: data.pairs,
    }[view];
    const set = (changed) => go("operators", { ...params, ...changed }, { replace: true });
    const choices =
      data.asks &&
      html`
      <${Choice} label="columns" options=${COLUMNS} value=${show} onChange=${(chosen) => set({ show: chosen })} />
      <${Choice} label="lines" options=${LINES} value=${view} onChange=${(chosen) => set({ by: chosen })} />`;
    return html`<${Panel} title="What became of candidates" note=${note(data)} actions=${choices}>
      ${show === "outcome" && html`<${Legend} />`}
      <${Table} label="operators and models" sort=${sort} onSort=${(next) => set({ sort: next })} empty="nothing was proposed yet"
        columns=${[...nameColumns(view, params), ...(show === "cost" ? costs() : outcomes(data))]}
        rows=${sorted(lines, sort)} rowKey=${(line) => `${line.family} ${line.model} ${line.operator}`} />
    <//>`;
  }
  page({ key: "operators", title: "Operators & models", order: 50, hotkey: "m", component: Operators });
})();
