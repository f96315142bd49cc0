"use strict";
// Why candidates failed: kinds and statuses as bars, who made them, and what they were told most often.
(() => {
  const { html, page, useAnswer, href, format, safe, oneLine, Panel, Empty, Bar } = evolve;

  const BUILT_IN = "built-in proposer";
  const COLORS = {
    no_answer: "c3",
    no_program: "c4",
    not_run: "c7",
    failed: "bad",
    rejected: "c1",
    infrastructure: "c5",
  };
  const NAMED = 6; // operators and models that are named

  const words = (status) => safe(status).replaceAll("_", " ");
  const share = (part, whole) => (whole ? format.share(part / whole) : format.dash);

  /** All candidates as one bar of parts, and what the parts are. */
  function Whole({ data }) {
    const parts = [
      ["valid", data.valid, "good"],
      ...data.kinds.map((kind) => [kind.title, kind.count, COLORS[kind.kind]]),
    ];
    return html`<div class="failures-whole" aria-hidden="true">
        ${parts.map(([title, count, color]) => html`<i key=${title} title=${`${title}: ${format.count(count)}`} style=${{ flexGrow: count, background: `var(--${color})` }}></i>`)}
      </div>
      <ul class="failures-legend">
        ${parts.map(
          ([
            title,
            count,
            color,
          ]) => html`<li key=${title}><i style=${{ background: `var(--${color})` }}></i>${title} <b>${format.count(count)}</b>
            <span class="note">${share(count, data.settled)}</span></li>`,
        )}
      </ul>`;
  }

  /** Who made failures of a status: how many, and of how many that they made. */
  const Makers = ({ title, makers, unnamed }) => html`<p class="failures-makers">
    <span class="note">${title}</span>
    ${makers.slice(0, NAMED).map(
      (maker) => html`<span title=${`${format.share(maker.share)} of the ${format.count(maker.of)} it made`}>
        ${oneLine(maker.name || unnamed, 60)} <b>${format.count(maker.count)}</b><span class="note"> of ${format.count(maker.of)}</span>
      </span>`,
    )}
    ${makers.length > NAMED && html`<span class="note">and ${makers.length - NAMED} more</span>`}
  </p>`;

  const Message = ({ message }) => html`<li>
    <span class="number">${format.count(message.candidates)} ×</span>
    <code>${message.text ? oneLine(message.text, 300) : html`<span class="muted">(said nothing)</span>`}</code>
    <a href=${href("candidate", { n: message.example })}>#${message.example}</a>
  </li>`;

  function Failure({ failure, most, color, level, asked }) {
    const hidden = failure.different - failure.messages.length;
    const read = failure.sampled < failure.count ? `, of the latest ${format.count(failure.sampled)}` : "";
    return html`<article class="failures-status">
      <header>
        <h3><a href=${href("candidates", { status: failure.status })}>${words(failure.status)}</a></h3>
        <${Bar} parts=${[[failure.count / most, color]]} />
        <span class="number" title=${`${Math.round(100 * level)} % interval ${format.share(failure.low)} to ${format.share(failure.high)} of all candidates`}>
          <b>${format.count(failure.count)}</b> <span class="note">${format.share(failure.share)}</span>
        </span>
      </header>
      <ul class="failures-messages">
        ${failure.messages.map((message) => html`<${Message} key=${message.text} message=${message} />`)}
        ${hidden > 0 && html`<li class="note"><span></span>and ${format.plural(hidden, "other message")}${read}</li>`}
        ${hidden <= 0 && read && html`<li class="note"><span></span>${read.slice(2)}</li>`}
      </ul>
      <${Makers} title="operators" makers=${failure.operators} unnamed="unnamed" />
      ${asked && html`<${Makers} title="models" makers=${failure.models} unnamed=${BUILT_IN} />`}
    </article>`;
  }

  function Failures() {
    const { data, error } = useAnswer("failures");
    if (!data) return html`<${Empty} error=${error} />`;
    if (!data.settled) return html`<${Panel} title="Failures"><${Empty}>no candidate is scored yet<//><//>`;
    const all = data.kinds.flatMap((kind) => kind.failures);
    const most = Math.max(1, ...all.map((failure) => failure.count));
    const asked = all.some((failure) => failure.models.some((maker) => maker.name));
    const note = `${format.count(data.failed)} of ${format.plural(data.settled, "candidate")}, ${share(data.failed, data.settled)}; the seed counts nowhere`;
    return html`
      <${Panel} title="Failures" note=${note}>
        <${Whole} data=${data} />
        ${
          data.failed > 0 &&
          html`<p class="note failures-note">
          The commonest messages of each status, with the latest candidate that was told so. What differs between them is folded away:
          numbers are #, quoted words '…', paths ${"<path>"}.
          ${data.sampled && ` Messages are those of the latest ${format.count(data.sample)} candidates of each status.`}
        </p>`
        }
      <//>
      ${data.kinds.map(
        (
          kind,
        ) => html`<${Panel} key=${kind.kind} title=${kind.title} note=${`${kind.meaning} · ${format.count(kind.count)}, ${share(kind.count, data.settled)}`}>
          ${kind.failures.map((failure) => html`<${Failure} key=${failure.status} failure=${failure} most=${most} color=${COLORS[kind.kind]} level=${data.level} asked=${asked} />`)}
        <//>`,
      )}
    `;
  }
  page({ key: "failures", title: "Failures", order: 60, hotkey: "f", component: Failures });
})();
