"use strict";
// Programs, other long texts, and the differences between two of them. All of it may be hostile: it is only ever text,
// what would be invisible is written out, and no length of it freezes the page.
(() => {
  const { html, useState, useMemo, useEffect, format, safe, Copy, Empty } = evolve;

  const LINE = 2_000; // characters drawn of a line
  const FIRST = 500; // lines drawn at once, and how many more at a click
  const COLOURED = 200_000; // characters of a text that is coloured
  const ALIGNED = 100_000; // lines of a side that are aligned
  const EDITS = 3_000; // lines that may differ
  const CONTEXT = 3; // unchanged lines kept around a change
  const LANGUAGES = {
    py: "python",
    pyi: "python",
    js: "javascript",
    mjs: "javascript",
    c: "c",
    h: "c",
    cc: "cpp",
    cpp: "cpp",
    go: "go",
    rs: "rust",
    jl: "julia",
    json: "json",
    toml: "toml",
    ts: "typescript",
    java: "java",
  };

  // ---------------------------------------------------------------- text as lines of coloured pieces

  /** The lines of a text; a last line feed ends a line and begins none. */
  function linesOf(text) {
    const lines = text.split(/\r\n|\n/);
    if (lines.length > 1 && lines.at(-1) === "") lines.pop();
    return lines;
  }
  const cut = (line) => safe(line.length > LINE ? line.slice(0, LINE) : line);
  const rest = (line) => Math.max(0, line.length - LINE);

  // Prism takes minutes for a few kilobytes that are made for it, and nothing stops it. So it gets short lines one by
  // one while there is time; what goes over several lines (`[beginning, end, class]`) is found here, in linear time.
  const WAITED = 200; // milliseconds, after which the rest stays without colour
  const LONGEST = 300; // characters of a line that Prism is given
  const NOTE = ["/*", "*/", "comment"];
  const [DOUBLE, SINGLE, TICK] = ['"""', "'''", "`"].map((quote) => [quote, quote, "string"]);
  const BLOCKS = {
    python: [DOUBLE, SINGLE],
    toml: [DOUBLE, SINGLE],
    julia: [["#=", "=#", "comment"], DOUBLE],
    json: [],
  };
  const blocksOf = (language) =>
    BLOCKS[language] || (["javascript", "typescript", "go"].includes(language) ? [NOTE, TICK] : [NOTE]);
  const literal = (text) => text.replace(/[*`]/g, "\\$&");

  function languageOf(path) {
    const name = LANGUAGES[path.split(".").at(-1).toLowerCase()];
    return Prism.languages[name] ? name : null;
  }

  /** A text as [text, class]: what goes over several lines with its class, everything between with null. */
  function blocks(text, language) {
    const kinds = blocksOf(language);
    const comment = ["python", "toml", "julia"].includes(language) ? "#" : "//";
    const begins = kinds.map(([begin]) => literal(begin));
    const next = new RegExp(
      [...begins, `${comment}.*`, '"(?:\\\\.|[^"\\\\\n])*"?', "'(?:\\\\.|[^'\\\\\n])*'?"].join("|"),
      "g",
    );
    const found = [];
    let done = 0;
    for (let match = next.exec(text); match; match = next.exec(text)) {
      const kind = kinds.find(([begin]) => begin === match[0]);
      if (!kind) continue;
      const closed = text.indexOf(kind[1], next.lastIndex);
      const end = closed < 0 ? text.length : closed + kind[1].length;
      next.lastIndex = end;
      if (!text.slice(match.index, end).includes("\n")) continue; // of one line: Prism sees to it
      found.push([text.slice(done, match.index), null], [text.slice(match.index, end), kind[2]]);
      done = end;
    }
    return [...found, [text.slice(done), null]];
  }

  /** Tokens, which nest, as [text, class] one after the other. */
  function flat(tokens, kind, found) {
    for (const token of Array.isArray(tokens) ? tokens : [tokens]) {
      if (typeof token === "string") found.push([token, kind]);
      else flat(token.content, token.type, found);
    }
    return found;
  }

  /** Gives a line by its number, cut and safe, as a list of [text, class]; in colour unless there are too many. */
  function coloured(lines, path) {
    const language = languageOf(path);
    const size = lines.reduce((sum, line) => sum + Math.min(line.length, LINE) + 1, 0);
    if (!language || size > COLOURED) return (at) => [[cut(lines[at]), ""]];
    const until = performance.now() + WAITED;
    const rows = [[]];
    const add = (text, kind) => {
      if (!text) return;
      const short = kind === null && text.length <= LONGEST && performance.now() < until;
      rows
        .at(-1)
        .push(...(short ? flat(Prism.tokenize(text, Prism.languages[language]), "", []) : [[text, kind || ""]]));
    };
    for (const [text, kind] of blocks(lines.map(cut).join("\n"), language)) {
      text.split("\n").forEach((piece, index) => {
        if (index) rows.push([]);
        add(piece, kind);
      });
    }
    return (at) => rows[at];
  }

  /** Pieces cut at the ends of ranges of characters, [from, to, class], which lie in order. */
  function marked(pieces, ranges) {
    const found = [];
    let at = 0;
    for (const [text, kind] of pieces) {
      let done = 0;
      while (done < text.length) {
        const here = at + done;
        const range = ranges.find(([, to]) => to > here);
        const inside = range && range[0] <= here;
        const end = !range ? text.length : Math.min(text.length, (inside ? range[1] : range[0]) - at);
        found.push([text.slice(done, end), kind, Boolean(inside)]);
        done = end;
      }
      at += text.length;
    }
    return found;
  }

  const Line = ({ pieces, more, ranges }) => {
    const shown = ranges && ranges.length ? marked(pieces, ranges) : pieces;
    return html`<code>${shown.map(([text, kind, mark]) =>
      kind || mark ? html`<span class="${kind ? `t-${kind}` : ""} ${mark ? "mark" : ""}">${text}</span>` : text,
    )}${more > 0 && html`<span class="more">… ${format.count(more)} more characters</span>`}</code>`;
  };

  const More = ({ left, onMore, what = "line" }) =>
    left > 0 &&
    html`<button type="button" class="code-more" onClick=${onMore}>
      ${format.plural(left, `more ${what}`)}${left > FIRST ? `; show ${format.count(FIRST)}` : ""}
    </button>`;

  /** A text with line numbers, highlighted if its path says how. */
  function Code({ text, path = "", numbers = true, label }) {
    const [shown, setShown] = useState(FIRST);
    useEffect(() => setShown(FIRST), [text]);
    const lines = useMemo(() => linesOf(text), [text]);
    const drawn = useMemo(() => lines.slice(0, shown), [lines, shown]);
    const pieces = useMemo(() => coloured(drawn, path), [drawn, path]);
    return html`<div class="code ${numbers ? "numbered" : ""}" tabindex="0" role="region" aria-label=${label || "code"}>
      ${drawn.map((line, at) => html`<div class="code-line" data-line=${at + 1}><${Line} pieces=${pieces(at)} more=${rest(line)} /></div>`)}
      <${More} left=${lines.length - drawn.length} onMore=${() => setShown(shown + FIRST)} />
    </div>`;
  }

  // ---------------------------------------------------------------- differences

  /** Stretches of two texts' lines: {same, a: [from, to), b: [from, to)}; null when they are too different to align. */
  function stretches(a, b) {
    let head = 0;
    while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
    let tail = 0;
    while (tail < Math.min(a.length, b.length) - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1;
    const [inA, inB] = [a.slice(head, a.length - tail), b.slice(head, b.length - tail)];
    if (Math.max(inA.length, inB.length) > ALIGNED) return null;
    const parts = Diff.diffArrays(inA, inB, { timeout: 500, maxEditLength: EDITS });
    if (!parts) return null;
    const found = [];
    let [atA, atB] = [head, head];
    const add = (same, toA, toB) => {
      if (toA === atA && toB === atB) return;
      const last = found.at(-1);
      if (last && last.same === same) [last.a[1], last.b[1]] = [toA, toB];
      else found.push({ same, a: [atA, toA], b: [atB, toB] });
      [atA, atB] = [toA, toB];
    };
    if (head) found.push({ same: true, a: [0, head], b: [0, head] });
    for (const part of parts) {
      if (part.added) add(false, atA, atB + part.count);
      else if (part.removed) add(false, atA + part.count, atB);
      else add(true, atA + part.count, atB + part.count);
    }
    add(true, a.length, b.length);
    return found;
  }

  /** What differs inside two lines: ranges of characters of each, none when hardly anything is alike. */
  function inside(before, after) {
    if (Math.max(before.length, after.length) > 500) return [[], []];
    const parts = Diff.diffWordsWithSpace(before, after, { maxEditLength: 200 });
    if (!parts) return [[], []];
    const [a, b] = [[], []];
    let [atA, atB, alike] = [0, 0, 0];
    for (const { value, added, removed } of parts) {
      if (removed) a.push([atA, atA + value.length]);
      if (added) b.push([atB, atB + value.length]);
      if (!added) atA += value.length;
      if (!removed) atB += value.length;
      if (!added && !removed) alike += value.trim().length;
    }
    return alike * 3 < Math.max(before.trim().length, after.trim().length) ? [[], []] : [a, b];
  }

  /** Rows to draw, {a, b} line numbers from 0 (null where a side has none) with `same`, or {fold: [a, b, length]}. */
  function rowsOf(parts, open) {
    const rows = [];
    parts.forEach((part, index) => {
      const [lengthA, lengthB] = [part.a[1] - part.a[0], part.b[1] - part.b[0]];
      const line = (at) => ({
        same: part.same,
        a: at < lengthA ? part.a[0] + at : null,
        b: at < lengthB ? part.b[0] + at : null,
      });
      const length = Math.max(lengthA, lengthB);
      const before = part.same && index > 0 ? CONTEXT : 0; // lines kept after the change before, and before the next
      const after = part.same && index < parts.length - 1 ? CONTEXT : 0;
      const hidden = part.same ? length - before - after - (open[index] || 0) : 0;
      const from = part.same && hidden > 1 ? before + (open[index] || 0) : length;
      for (let at = 0; at < from; at += 1) rows.push(line(at));
      if (from < length) rows.push({ fold: index, hidden });
      for (let at = from < length ? from + hidden : length; at < length; at += 1) rows.push(line(at));
    });
    return rows;
  }

  function useNarrow() {
    const query = useMemo(() => matchMedia("(max-width: 700px)"), []);
    const [narrow, setNarrow] = useState(query.matches);
    useEffect(() => {
      const changed = () => setNarrow(query.matches);
      query.addEventListener("change", changed);
      return () => query.removeEventListener("change", changed);
    }, []);
    return narrow;
  }

  /** In one column: what was removed of a change comes before what was added. */
  function unified(rows) {
    const found = [];
    let [gone, come] = [[], []];
    const flush = () => {
      found.push(...gone, ...come);
      [gone, come] = [[], []];
    };
    for (const row of rows) {
      if (row.same || row.fold !== undefined) {
        flush();
        found.push(row);
      } else {
        if (row.a !== null) gone.push({ ...row, side: "a" });
        if (row.b !== null) come.push({ ...row, side: "b" });
      }
    }
    flush();
    return found;
  }

  /** Two texts as lines with their stretches, `parts`, and how many lines were `gone` and have `come`. */
  function aligned(before, after) {
    const [a, b] = [linesOf(before), linesOf(after)];
    const parts = stretches(a, b);
    const count = (name) =>
      (parts || []).reduce((sum, part) => sum + (part.same ? 0 : part[name][1] - part[name][0]), 0);
    return { a, b, parts, gone: count("a"), come: count("b") };
  }

  /** Two texts of one file, `aligned`, side by side, or in one column where there is no room. */
  function DiffView({ given: { a, b, parts }, path }) {
    const narrow = useNarrow();
    const [open, setOpen] = useState({});
    const [shown, setShown] = useState(FIRST);
    useEffect(() => {
      setOpen({});
      setShown(FIRST);
    }, [a, b]);
    const [inA, inB] = useMemo(() => [coloured(a, path), coloured(b, path)], [a, b, path]);
    const rows = useMemo(
      () => (parts ? (narrow ? unified : (each) => each)(rowsOf(parts, open)) : []),
      [parts, open, narrow],
    );
    const marks = useMemo(() => new Map(), [parts]);
    if (!parts) {
      return html`<${Empty}>too different to align, or too long: the whole file follows<//><${Code} text=${b.join("\n")} path=${path} />`;
    }
    const rangesOf = (row) => {
      if (row.same || row.a === null || row.b === null) return [[], []];
      const key = `${row.a} ${row.b}`;
      if (!marks.has(key)) marks.set(key, inside(cut(a[row.a]), cut(b[row.b])));
      return marks.get(key);
    };
    const side = (row, name) => {
      const at = row[name];
      if (at === null) return html`<div class="code-line none"></div>`;
      const [lines, pieces, kind] = name === "a" ? [a, inA, "gone"] : [b, inB, "come"];
      return html`<div class="code-line ${row.same ? "" : kind}" data-line=${at + 1}>
        <${Line} pieces=${pieces(at)} more=${rest(lines[at])} ranges=${rangesOf(row)[name === "a" ? 0 : 1]} />
      </div>`;
    };
    const unfold = (row) => {
      setOpen({ ...open, [row.fold]: (open[row.fold] || 0) + FIRST });
      setShown(shown + FIRST); // what follows stays in sight
    };
    const fold = (row) => html`<button type="button" class="code-fold" onClick=${() => unfold(row)}>
      ⋯ ${format.plural(row.hidden, "unchanged line")}
    </button>`;
    return html`<div class="code numbered diff ${narrow ? "unified" : "split"}" tabindex="0" role="region" aria-label="difference in ${safe(path)}">
      ${rows.slice(0, shown).map((row) => {
        if (row.fold !== undefined) return fold(row);
        if (narrow) return side(row, row.side || "b");
        return html`<div class="code-pair">${side(row, "a")}${side(row, "b")}</div>`;
      })}
      <${More} left=${rows.length - shown} onMore=${() => setShown(shown + FIRST)} what="row" />
    </div>`;
  }

  /** A long text {text, more} with a name, to be read and copied; `more` characters of it did not come with the page. */
  const LongText = ({ given, path, name, numbers = false }) => html`
    <div class="code-text">
      ${name && html`<header><h3>${name}</h3><${Copy} text=${given.text} /></header>`}
      <${Code} text=${given.text} path=${path} numbers=${numbers} label=${typeof name === "string" ? name : "text"} />
      ${given.more > 0 && html`<p class="note">${format.plural(given.more, "more character")} not shown here</p>`}
    </div>
  `;

  Object.assign(evolve, { Code, DiffView, LongText, aligned });
})();
