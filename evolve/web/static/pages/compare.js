"use strict";
// Arms of runs against each other: how they climbed at equal evaluations and equal money, and what may be said of that.
(() => {
  const { html, useState, useEffect, useMemo, page, useAnswer, href, go, format, safe, oneLine } = evolve;
  const { Panel, Empty, Copy, Chart, Status, Sealing, Table } = evolve;

  const BETWEEN = "|"; // between arms in the address, as evolve/web/answers/compare.py has it
  const MOST = 40; // characters of an arm's name in a legend
  const TONES = { better: "good", worse: "bad", open: "warn" };
  const AXES = {
    evaluations: { label: "evaluations", format: format.count },
    money: { label: "US dollars", format: format.dollars },
    tokens: {
      label: "tokens",
      format: (value) => (value < 10000 ? format.count(value) : `${format.short(value / 1000)} k`),
    },
  };
  const choose = (arms, how) => go("compare", { arms: arms.join(BETWEEN) }, how);

  // ---------------------------------------------------------------- which arms

  /** Runs of one problem by name: what may become an arm. A name that would read as something else gives numbers. */
  function groupsOf(runs) {
    const problems = new Map();
    const homes = new Map();
    for (const run of runs) {
      const problem = `${run.problem} · ${run.direction} ${run.objective}`;
      if (!problems.has(problem)) problems.set(problem, new Map());
      const names = problems.get(problem);
      if (!names.has(run.name)) names.set(run.name, []);
      names.get(run.name).unshift(run);
      homes.set(run.name, (homes.get(run.name) || new Set()).add(problem));
    }
    return [...problems].map(([problem, names]) => ({
      problem,
      arms: [...names].map(([name, members]) => {
        const plain =
          homes.get(name).size === 1 && name.trim() === name && name && name !== "last" && !/^\d+$|[|,]/.test(name);
        return { name, members, arm: plain ? name : members.map((run) => run.id).join(",") };
      }),
    }));
  }

  const ids = (members) =>
    members.length > 8
      ? `${members[0].id} … ${members[members.length - 1].id}`
      : members.map((run) => run.id).join(", ");

  function Group({ group, arms }) {
    const toggle = (arm) => choose(arms.includes(arm) ? arms.filter((each) => each !== arm) : [...arms, arm]);
    return html`<h3>${oneLine(group.problem, 120)}</h3>
      <ul class="compare-choices">
        ${group.arms.map(
          ({ name, members, arm }) => html`<li key=${arm}>
            <button type="button" aria-pressed=${arms.includes(arm)} onClick=${() => toggle(arm)} title=${safe(name)}>
              <b>${oneLine(name, 60) || "unnamed"}</b>
              <span>${members.length === 1 ? `run ${members[0].id}` : `${members.length} runs: ${ids(members)}`}</span>
              <${Sealing} run=${{ sealed: members.every((run) => run.sealed) }} />
              ${members.length === 1 && html`<${Status} status=${members[0].status} />`}
            </button>
          </li>`,
        )}
      </ul>`;
  }

  /** The arms in order, each to be taken out or put first, and a line to type them; sent as they are, they are asked again. */
  function Arms({ arms, askAgain }) {
    const [text, setText] = useState(arms.join(` ${BETWEEN} `));
    useEffect(() => setText(arms.join(` ${BETWEEN} `)), [arms.join(BETWEEN)]);
    const typed = (event) => {
      event.preventDefault();
      choose(
        text
          .split(BETWEEN)
          .map((each) => each.trim())
          .filter(Boolean),
      );
      askAgain();
    };
    return html`<form class="compare-arms" onSubmit=${typed}>
      ${arms.map(
        (arm, index) => html`<span class="compare-arm" key=${arm}>
          <i style=${{ background: `var(--c${index % 8})` }}></i>${oneLine(arm, MOST)}
          ${
            index > 0 &&
            html`<button type="button" title="hold the others against this one" aria-label=${`put ${safe(arm)} first`}
            onClick=${() => choose([arm, ...arms.filter((each) => each !== arm)])}>⇤</button>`
          }
          <button type="button" title="leave out" aria-label=${`leave ${safe(arm)} out`}
            onClick=${() => choose(arms.filter((each) => each !== arm))}>×</button>
        </span>`,
      )}
      <input value=${text} onInput=${(event) => setText(event.target.value)} spellcheck=${false} aria-label="arms"
        placeholder="plain | evolve | 4,5,last" />
      <button type="submit">compare</button>
    </form>`;
  }

  function Picker({ data, open }) {
    const groups = useMemo(() => groupsOf(data.choices), [data.choices]);
    if (!groups.length) return html`<${Empty}>no runs yet; start one with evolve run PROBLEM<//>`;
    // Only runs of one problem can be compared: once one is chosen, the others stand back.
    const begun = groups.filter((group) => group.arms.some((each) => data.arms.includes(each.arm)));
    return html`<details class="compare-picker" open=${open}>
      <summary>runs to choose from${begun.length ? ", of the same problem" : ""}</summary>
      ${(begun.length ? begun : groups).map((group) => html`<${Group} key=${group.problem} group=${group} arms=${data.arms} />`)}
    </details>`;
  }

  // ---------------------------------------------------------------- what came of it

  const Sentences = ({ verdicts }) =>
    html`${verdicts.map(
      (each) =>
        html`<p class="compare-verdict"><strong class=${TONES[each.tone]}>${safe(each.head)}</strong>: ${safe(each.evidence)}</p>`,
    )}`;

  const Grid = ({ grid, label }) => html`<${Table} label=${label}
    columns=${grid.headings.map((heading, index) => ({ key: index, title: safe(heading.title), kind: heading.text ? "text" : "number", render: (row) => safe(row[index]) }))}
    rows=${grid.rows} />`;

  /** What the bands are: how often such an interval holds the true median, which depends on how many runs there are. */
  function bandNote(arms) {
    const shares = [
      ...new Set(
        arms
          .map((arm) => arm.coverage)
          .filter(Boolean)
          .map((share) => format.share(share)),
      ),
    ];
    return shares.length ? `median; band: its ${shares.join(" or ")} interval` : "one run an arm: no intervals";
  }

  function Climb({ track, comparison }) {
    const { climb } = track;
    const series = useMemo(
      () =>
        climb.arms.flatMap((arm, color) => [
          { kind: "band", color, x: climb.amount, low: arm.low, high: arm.high },
          { kind: "line", color, label: oneLine(arm.arm, MOST), x: climb.amount, y: arm.median },
        ]),
      [climb],
    );
    const { objective, unit, direction } = comparison;
    const sense = direction === "minimize" ? "less is better" : "more is better";
    const y = {
      label: `${oneLine(objective, MOST)}${unit ? ` (${oneLine(unit, 12)})` : ""}, ${sense}`,
      format: format.number,
    };
    return html`<${Panel} title=${climb.title} note=${bandNote(climb.arms)}>
      <${Chart} label=${climb.title} height=${300} x=${AXES[climb.axis]} y=${y} series=${series} />
      <${Sentences} verdicts=${track.verdicts} />
      <details><summary>on the way there</summary><${Grid} grid=${track.table} label=${climb.title} /></details>
    <//>`;
  }

  function Download({ text, name, type, label }) {
    const save = () => {
      const address = URL.createObjectURL(new Blob([text], { type }));
      Object.assign(document.createElement("a"), { href: address, download: name }).click();
      setTimeout(() => URL.revokeObjectURL(address), 10000);
    };
    return html`<button class="copy" type="button" onClick=${save}>${label}</button>`;
  }

  const Files = ({ csv, latex }) => html`
    <${Copy} text=${csv} label="copy CSV" />
    <${Download} text=${csv} name="compare.csv" type="text/csv" label="save .csv" />
    <${Copy} text=${latex} label="copy LaTeX" />
    <${Download} text=${latex} name="compare.tex" type="text/x-tex" label="save .tex" />
  `;

  function Found({ comparison }) {
    const { tracks, held_out: heldOut, remarks } = comparison;
    const runs = html`${comparison.arms.map(
      (arm, index) => html`<p class="compare-runs"><i style=${{ background: `var(--c${index % 8})` }}></i>
        <span>${oneLine(arm.label, 80)}: runs ${arm.runs.map((id, place) => html`${place ? ", " : ""}<a href=${href("overview", {}, id)}>${id}</a>`)}</span></p>`,
    )}`;
    return html`
      <${Panel} title=${safe(comparison.headline)} actions=${html`<${Files} ...${comparison} />`}>
        <${Grid} grid=${comparison.table} label="arms" />
        ${runs}
        ${remarks.map((remark) => html`<p class="warn">${safe(remark)}</p>`)}
      <//>
      <div class="compare-climbs">
        ${tracks.map((track) => html`<${Climb} key=${track.climb.axis} track=${track} comparison=${comparison} />`)}
      </div>
      ${heldOut.length > 0 && html`<${Panel} title="final programs on held-out cases"><${Sentences} verdicts=${heldOut} /><//>`}
      <p class="note">${comparison.method}</p>
    `;
  }

  function Compare({ params }) {
    const [again, setAgain] = useState(0); // runs may have gone on since
    const { data, error, stale } = useAnswer(
      "compare",
      { arms: params.arms || "", again: again || "" },
      { scope: "database" },
    );
    if (!data) return html`<${Empty} error=${error} />`;
    const { comparison } = data;
    const arms = (params.arms || "")
      .split(BETWEEN)
      .map((each) => each.trim())
      .filter(Boolean);
    const hint =
      arms.length < 2 &&
      "Choose two arms or more: runs of one name, or any runs by number. The others are held against the first.";
    return html`
      <${Panel} title="Compare" note=${hint}>
        <${Arms} arms=${arms} askAgain=${() => setAgain(again + 1)} />
        ${data.refused && !stale && html`<p class="bad" role="alert">${oneLine(data.refused, 600)}</p>`}
        <${Picker} data=${{ ...data, arms }} open=${!comparison} />
      <//>
      ${comparison && html`<${Found} comparison=${comparison} />`}
    `;
  }
  page({ key: "compare", title: "Compare", order: 95, hotkey: "v", scope: "database", component: Compare });
})();
