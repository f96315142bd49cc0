"use strict";
// The overview: scores and whether they hold, the course of the run, its budget, and what happened last.
(() => {
  const { html, useMemo, page, pages, useAnswer, href, go, format, safe, oneLine } = evolve;
  const { Panel, Facts, Empty, Table, Choice, Bar, Status, Chart, UNSEALED } = evolve;

  const TONES = { better: "good", worse: "bad", failed: "bad", noise: "warn", "too few": "warn" };
  /** How a verdict looks. What may be forged is never good news. */
  function toneOf({ verdict, sealed }) {
    const tone = TONES[verdict.finding] || "";
    return tone === "good" && !sealed ? "warn" : tone;
  }
  const AXES = {
    evaluations: { label: "evaluations", format: format.count },
    elapsed: { label: "time", format: format.seconds },
    cost: { label: "US dollars", format: format.dollars },
  };

  const link = (number) => html`<a href=${href("candidate", { n: number })}>#${number}</a>`;
  const author = (row) => safe(row.model ? `${row.operator} by ${row.model}` : row.operator);
  const step = (value) => (value === null ? "" : value ? format.signed(value) : "shorter");
  const sense = (goal) => (goal.direction === "minimize" ? "less is better" : "more is better");

  function rate(perSecond) {
    if (perSecond >= 1) return `${format.short(perSecond)} a second`;
    return perSecond * 60 >= 1
      ? `${format.short(perSecond * 60)} a minute`
      : `${format.short(perSecond * 3600)} an hour`;
  }
  const interval = (of, level, write = format.number) =>
    of.low === null ? "no interval" : `${Math.round(100 * level)} % interval ${write(of.low)} to ${write(of.high)}`;

  // ---------------------------------------------------------------- scores

  const Tile = ({ title, value, unit, note, tone }) => html`<div class="overview-tile">
    <h3>${title}</h3>
    <p class="overview-value ${tone || ""}">${value}${unit && value !== format.dash ? html`<small> ${safe(unit)}</small>` : ""}</p>
    <p class="note">${note}</p>
  </div>`;

  function heldNote(held, level) {
    if (!held) return "not measured";
    if (held.mean === null) return `fails: ${held.status.replaceAll("_", " ")}`;
    return `${interval(held, level)} · ${format.plural(held.cases, "case")}`;
  }

  function Scores({ data }) {
    const { goal, held_out: held, confirmed, budget } = data;
    const { unit } = goal;
    const { best } = data;
    const change = best.gain === null || !best.number ? "" : ` · ${format.signed(best.gain)}`;
    const by = best.number === null ? "nothing valid yet" : html`${link(best.number)}${change}`;
    const confirmedBy =
      confirmed &&
      html`${by} · ${interval(confirmed, confirmed.level)} · ${format.plural(confirmed.looks, "fresh look")}<br />
      search score (optimistic) ${format.objective(best.search_objective, unit)}`;
    const { money } = budget;
    const asked = money.calls || money.tokens || data.models.names.length;
    const seedHeld =
      held.seed && held.seed.mean !== null ? `held out ${format.objective(held.seed.mean, unit)}` : sense(goal);
    return html`<div class="overview-tiles">
      <${Tile} title="seed" value=${format.number(data.seed_objective)} unit=${unit} note=${safe(seedHeld)} />
      <${Tile} title=${confirmed ? "best, confirmed" : "best, search cases"} value=${format.number(best.objective)} unit=${unit} note=${confirmedBy || by} />
      <${Tile} title="best, held out" value=${format.number(held.best && held.best.mean)} unit=${unit} tone=${toneOf(data) === "good" ? "good" : ""}
        note=${heldNote(held.best, held.level)} />
      <${Tile} title="evaluations" value=${format.count(budget.evaluations)}
        note=${data.rate ? `${rate(data.rate)} lately` : `${format.plural(data.told, "candidate")}`} />
      <${Tile} title="time" value=${format.seconds(data.elapsed)} note=${html`<${Status} status=${data.status} />`} />
      ${
        asked
          ? html`<${Tile} title=${data.models.replay ? "money when recorded" : "money"} value=${money.cost === null ? "unknown" : format.dollars(money.cost + money.lost)}
            note=${`${format.count(money.tokens + money.lost_tokens)} tokens`} />`
          : html`<${Tile} title="money" value="$0" note="no model was asked" />`
      }
    </div>`;
  }

  function Verdict({ data }) {
    const { verdict, held_out: held, goal } = data;
    const tone = toneOf(data);
    const [head, ...rest] = safe(verdict.sentence).split(": ");
    const { difference } = held;
    const tested = verdict.exact
      ? "exact sign-flip test"
      : `sign-flip test with ${format.count(verdict.of)} random patterns of signs`;
    return html`<section class="panel overview-verdict ${tone}" aria-label="verdict">
      <p><strong>${head}</strong>${rest.length ? `: ${rest.join(": ")}` : ""}</p>
      ${!data.sealed && html`<p class="warn">${UNSEALED}</p>`}
      <p class="note">
        ${
          difference
            ? `paired difference ${format.signed(difference.mean)}${goal.unit ? ` ${safe(goal.unit)}` : ""}, ${interval(difference, held.level, format.signed)}; ${tested}, two-sided`
            : `${safe(goal.metric)}, ${sense(goal)}`
        }
      </p>
    </section>`;
  }

  // ---------------------------------------------------------------- the course of the run

  function seriesOf(points, axis, data) {
    const { curve, dots, failures } = points;
    const rules = data.goal.references.map(({ name, value }) => ({
      kind: "rule",
      value,
      color: "ink-2",
      label: `${oneLine(name, 40)} ${format.number(value)}`,
    }));
    const seed =
      data.seed_objective === null
        ? []
        : [{ kind: "rule", value: data.seed_objective, color: "muted", dash: [2, 3], label: "seed program" }];
    return [
      { kind: "rug", label: "share that failed", color: "bad", x: failures[axis], y: failures.share },
      {
        kind: "dots",
        label: "candidate",
        color: "muted",
        x: dots[axis],
        y: dots.objective,
        text: (point) => `#${dots.number[point]}`,
      },
      ...rules,
      ...seed,
      { kind: "step", label: "best so far", color: "accent", x: curve[axis], y: curve.objective },
    ];
  }

  function Course({ data, params }) {
    const { data: points, error } = useAnswer("points");
    const paid = points && points.dots.cost.some((cost) => cost > 0);
    const axis = AXES[params.axis] && (params.axis !== "cost" || paid) ? params.axis : "evaluations";
    const references = JSON.stringify([data.goal.references, data.seed_objective]);
    const series = useMemo(() => points && seriesOf(points, axis, data), [points, axis, references]);
    const options = Object.entries({ evaluations: "evaluations", elapsed: "time", cost: "money" }).filter(
      ([key]) => key !== "cost" || paid,
    );
    const choose = (chosen) => go("overview", { ...params, axis: chosen }, { replace: true });
    const unit = data.goal.unit ? ` in ${safe(data.goal.unit)}` : "";
    const note = [
      points && points.step > 1 && `every new best, and one in ${points.step} of the others`,
      data.confirmed && "scores of the search; fresh looks chose the winner at the end",
    ]
      .filter(Boolean)
      .join(" · ");
    return html`<${Panel} title="Best so far" note=${note}
      actions=${html`<${Choice} label="against" options=${options} value=${axis} onChange=${choose} />`}>
      ${
        points && points.dots.number.length
          ? html`<${Chart} height=${300} label=${`best so far against ${AXES[axis].label}`} x=${AXES[axis]} y=${{ label: `${safe(data.goal.metric)}${unit}, ${sense(data.goal)}`, format: format.number }}
            series=${series} onPick=${(_series, point) => go("candidate", { n: points.dots.number[point] })} />`
          : html`<div class=${!points || data.status === "running" ? "overview-nothing" : ""}><${Empty} error=${error}>${points ? "no valid candidate" : ""}<//></div>`
      }
      <${Sources} references=${data.goal.references} />
    <//>`;
  }

  const Sources = ({ references }) => {
    const cited = references.filter(({ source }) => source);
    return cited.length
      ? html`<ul class="overview-sources">
          ${cited.map(({ name, value, source }) => html`<li><b>${oneLine(name, 60)}</b> ${format.number(value)}: ${oneLine(source, 240)}</li>`)}
        </ul>`
      : null;
  };

  // ---------------------------------------------------------------- budget

  function left({ name, used, limit }) {
    if (used === null) return "unknown: nobody knows a price";
    const amount = Math.max(0, limit - used);
    const write = { time: format.seconds, money: format.dollars }[name] || format.count;
    return `${write(amount)} of ${write(limit)} left`;
  }

  function Budget({ data }) {
    const { budget } = data;
    return html`<${Panel} title="Budget">
      ${budget.limits.map(
        (limit) => html`<div class="overview-limit">
          <span>${limit.name}</span>
          <${Bar} parts=${[[limit.share, limit.share >= 1 ? "muted" : "accent"]]} />
          <span class="number">${left(limit)}</span>
        </div>`,
      )}
      ${!budget.limits.length && html`<p class="note">no limit</p>`}
      <${Facts} rows=${[
        [
          "will end",
          budget.ends && `in about ${format.seconds(budget.ends.seconds)} at this pace, by ${budget.ends.limit}`,
        ],
        ["ended", data.status !== "running" && safe(data.reason)],
        ["under way", data.status === "running" && underWay(data)],
        ["parameters", oneLine(data.given.parameters, 300)],
        ["held-out files", data.given.holdout && `of ${oneLine(data.given.holdout, 300)}`],
        ["evaluators", data.workers],
        ["models", data.models.names.map((name) => oneLine(name, 60)).join(", ")],
        ["replay of", safe(data.models.replay)],
        ["strategy", data.strategy === "evolve" ? "" : safe(data.strategy)],
        ["isolation", html`<${Isolation} sentence=${safe(data.isolation.sentence)} />`],
      ].map(([name, value]) => [name, value || ""])} />
    <//>`;
  }

  /** The kind of sandbox and what it does not keep apart; what it does on demand. */
  function Isolation({ sentence }) {
    const short = sentence.replace(/: .*?(?=; not isolated|$)/, "");
    return short === sentence ? sentence : html`<details><summary>${short}</summary>${sentence}</details>`;
  }

  function underWay({ asked, waiting }) {
    const parts = [
      asked && `${format.count(asked)} being asked for`,
      waiting && `${format.count(waiting)} being evaluated`,
    ];
    return parts.filter(Boolean).join(", ");
  }

  /** Room for every island from the start: their figures come last. */
  function Islands({ run }) {
    const { data } = useAnswer("coverage");
    const rows =
      data && data.length ? data : Array.from({ length: run.islands }, (_, island) => ({ island, held: null }));
    return html`<${Panel} title="Archive" actions=${pages.has("archive") && html`<a href=${href("archive")}>look inside</a>`}>
      ${rows.map(
        ({ island, held, cells, learning }) => html`<div class="overview-limit">
          <span>${rows.length > 1 ? `island ${island}` : "cells"}</span>
          <${Bar} fraction=${cells ? held / cells : 0} />
          <span class="number">${held === null ? format.dash : cells ? `${format.count(held)} of ${format.count(cells)} held` : `${format.plural(held, "elite")}${learning ? ", bounds are being learnt" : ""}`}</span>
        </div>`,
      )}
    <//>`;
  }

  // ---------------------------------------------------------------- what happened

  const Improvements = ({ data }) => html`<${Panel} title="Last improvements" className="overview-improvements"
    note=${data.improvements.length ? "" : "none yet"}>
    <${Table} label="last improvements" rows=${data.improvements} rowKey=${(row) => row.number} empty="" columns=${[
      { key: "number", title: "candidate", kind: "word", render: (row) => link(row.number) },
      {
        key: "objective",
        title: data.goal.unit ? `${safe(data.goal.metric)} (${safe(data.goal.unit)})` : safe(data.goal.metric),
        kind: "number",
      },
      { key: "step", title: "change", kind: "number", render: (row) => step(row.step) },
      { key: "elapsed", title: "after", kind: "number", narrow: false, render: (row) => format.seconds(row.elapsed) },
      { key: "operator", title: "by", render: (row) => oneLine(author(row), 60) },
      ...(data.improvements.some((row) => row.idea)
        ? [{ key: "idea", title: "idea", narrow: false, render: (row) => oneLine(row.idea, 120) }]
        : []),
    ]} />
  <//>`;

  const Latest = ({ data }) => html`<${Panel} title="Last candidates">
    <${Table} label="last candidates" rows=${data.latest} rowKey=${(row) => row.number} empty="none yet" columns=${[
      { key: "number", title: "candidate", kind: "word", render: (row) => link(row.number) },
      { key: "status", title: "status", kind: "word", render: (row) => html`<${Status} status=${row.status} />` },
      { key: "objective", title: "score", kind: "number" },
      {
        key: "operator",
        title: "by",
        kind: "word",
        render: (row) => html`<span title=${author(row)}>${oneLine(row.operator, 22)}</span>`,
      },
    ]} />
  <//>`;

  function Failures({ data }) {
    const kinds = Object.entries(data.failures);
    const most = Math.max(...kinds.map(([, count]) => count));
    const all = kinds.reduce((sum, [, count]) => sum + count, 0);
    const settled = data.evaluated - 1; // as on the page of failures, the seed counts nowhere
    const note = settled > 0 ? `${format.share(all / settled)} of ${format.plural(settled, "candidate")}` : "";
    return html`<${Panel} title="Failures" note=${note} actions=${pages.has("failures") && html`<a href=${href("failures")}>what they say</a>`}>
      ${kinds.map(
        ([kind, count]) => html`<div class="overview-limit"><span>${safe(kind).replaceAll("_", " ")}</span>
          <${Bar} parts=${[[count / most, "bad"]]} /><span class="number">${format.count(count)}</span></div>`,
      )}
      ${!kinds.length && html`<p class="note">none</p>`}
    <//>`;
  }

  const Events = ({ data }) =>
    data.events.length
      ? html`<${Panel} title="Events">
          <ol class="overview-events">
            ${data.events.map((event) => html`<li key=${event.seq}><time>${format.seconds(event.elapsed)}</time><span>${oneLine(event.sentence, 300)}</span></li>`)}
          </ol>
        <//>`
      : null;

  function Overview({ run, params }) {
    const { data, error } = useAnswer("overview");
    if (!data) return html`<${Empty} error=${error} />`;
    return html`
      <${Scores} data=${data} />
      <${Verdict} data=${data} />
      <${Course} data=${data} params=${params} />
      <${Improvements} data=${data} />
      <div class="columns overview-columns">
        <div><${Budget} data=${data} /><${Islands} run=${run} /></div>
        <div><${Failures} data=${data} /><${Events} data=${data} /></div>
        <${Latest} data=${data} />
      </div>
    `;
  }
  page({ key: "overview", title: "Overview", order: 10, hotkey: "o", component: Overview });
})();
