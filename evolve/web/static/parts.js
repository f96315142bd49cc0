"use strict";
// The pieces pages are built of.
(() => {
  const { html, useState, useRef, useEffect, safe, oneLine, format } = evolve;

  /** A titled box. */
  const Panel = ({ title, note, actions, children, className = "" }) => html`
    <section class="panel ${className}">
      ${
        (title || actions) &&
        html`<header>
        <h2>${title}</h2>
        ${note && html`<span class="note">${note}</span>`}
        ${actions && html`<div class="actions">${actions}</div>`}
      </header>`
      }
      ${children}
    </section>
  `;

  /** Names and what they stand for: rows of [name, value]; rows that are null or have no value are left out. */
  const Facts = ({ rows }) => html`
    <dl class="facts">
      ${rows
        .filter((row) => row && row[1] !== null && row[1] !== undefined && row[1] !== "")
        .map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}
    </dl>
  `;

  /** What stands where there is nothing to show yet. */
  const Empty = ({ error, children }) => html`
    <div class="empty ${error ? "failed" : ""}" role=${error ? "alert" : undefined}>
      ${error ? oneLine(error, 400) : children || "reading …"}
    </div>
  `;

  /** A button that copies `text`, which may be a function that gives it. */
  function Copy({ text, label = "copy", title }) {
    const [done, setDone] = useState("");
    const timer = useRef(0);
    useEffect(() => () => clearTimeout(timer.current), []);
    const copy = async () => {
      const value = await (typeof text === "function" ? text() : text);
      setDone((await toClipboard(value)) ? "copied" : "could not copy");
      clearTimeout(timer.current);
      timer.current = setTimeout(() => setDone(""), 1500);
    };
    return html`<button class="copy" type="button" onClick=${copy} title=${title} aria-live="polite">
      <span class=${done ? "gone" : ""}>${label}</span>${done && html`<span class="done">${done}</span>`}
    </button>`;
  }

  async function toClipboard(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // Not allowed, or a file opened from disk: the old way.
      const area = document.createElement("textarea");
      area.value = text;
      area.className = "offscreen";
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      return done;
    }
  }

  /**
   * A table. Columns: {key, title, kind: "text" | "word" (never broken) | "number", render: (row) => content,
   * sort: true or the order of the first click ("descending" unless "ascending"), hint, narrow: false to
   * leave it out on narrow screens}. `sort` is a key, with a - before it for descending; `onSort` gets the next one.
   */
  function Table({ columns, rows, sort = "", onSort, empty = "nothing here", rowKey, rowHref, label }) {
    const sorted = sort.replace(/^-/, "");
    const next = ({ key, sort: first }) => {
      const [one, other] = first === "ascending" ? [key, `-${key}`] : [`-${key}`, key];
      return sort === one ? other : one;
    };
    const heading = (column) => {
      const direction = column.key !== sorted ? "" : sort.startsWith("-") ? "descending" : "ascending";
      return html`<th scope="col" class=${classes(column)} aria-sort=${direction || undefined} title=${column.hint}>
        ${
          column.sort && onSort
            ? html`<button type="button" onClick=${() => onSort(next(column))}>
              ${column.title}<span class="arrow" aria-hidden="true">${{ ascending: "↑", descending: "↓" }[direction] || ""}</span>
            </button>`
            : column.title
        }
      </th>`;
    };
    return html`<div class="scroll" tabindex="0" role="region" aria-label=${label || "table"}>
      <table>
        <thead><tr>${columns.map(heading)}</tr></thead>
        <tbody>
          ${rows.map(
            (row, index) => html`<tr key=${rowKey ? rowKey(row) : index}>
              ${columns.map((column) => {
                const content = column.render ? column.render(row) : cell(row[column.key], column.kind);
                return html`<td class=${classes(column)}>${column.link && rowHref ? html`<a href=${rowHref(row)}>${content}</a>` : content}</td>`;
              })}
            </tr>`,
          )}
        </tbody>
      </table>
      ${!rows.length && html`<p class="empty">${empty}</p>`}
    </div>`;
  }
  const classes = (column) => `${column.kind || "text"} ${column.narrow === false ? "wide-only" : ""}`;
  const cell = (value, kind) => (kind === "number" ? format.number(value) : safe(value));

  /** One of a few: options are [value, title]. */
  const Choice = ({ label, options, value, onChange }) => html`
    <div class="choice" role="group" aria-label=${label}>
      ${options.map(
        ([option, title]) =>
          html`<button type="button" aria-pressed=${option === value} onClick=${() => onChange(option)}>${title}</button>`,
      )}
    </div>
  `;

  /** A bar filled to `fraction`, with `parts` drawn over one another if there are several: [fraction, colour name]. */
  const Bar = ({ fraction, parts, title }) => html`
    <span class="bar" title=${title} aria-hidden="true">
      ${(parts || [[fraction, "accent"]]).map(
        ([share, color]) =>
          html`<i style=${{ width: `${100 * Math.min(1, Math.max(0, share || 0))}%`, background: `var(--${color})` }}></i>`,
      )}
    </span>
  `;

  /** The status of a run or a candidate as a word with a colour. */
  const Status = ({ status }) =>
    html`<span class="status ${safe(status)}">${safe(status || "unscored").replaceAll("_", " ")}</span>`;

  const UNSEALED = "unsealed: program and scorer shared one process, so a program can forge its score";
  /** The label of a run whose scores a program could forge, as evolve/report/sealing.py words it; else nothing. */
  const Sealing = ({ run }) =>
    run.sealed === false &&
    html`<span class="unsealed" title=${UNSEALED}>unsealed</span>`;

  Object.assign(evolve, { Panel, Facts, Empty, Copy, Table, Choice, Bar, Status, Sealing, UNSEALED });
})();
