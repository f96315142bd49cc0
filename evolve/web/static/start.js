"use strict";
// The frame around every page: which run, which page, live or not, theme, keys.
(() => {
  const { html, render, useState, useEffect, useLayoutEffect, useMemo, useRef, pages, href, go, useRoute, RunContext } =
    evolve;
  const { setTheme, useTheme, RETRY, asked, settled, typed, Empty, Status, Sealing, oneLine, format } = evolve;

  const inOrder = (scope) =>
    [...pages.values()].filter((each) => each.scope === scope && !each.hidden).sort((a, b) => a.order - b.order);
  const openable = (each) => !(evolve.source.recorded && each.scope === "database");

  /** The open run and how its stream does; null while it is not known. */
  function useRun(runId) {
    const [state, setState] = useState({ run: null, state: "open", error: null });
    useEffect(() => {
      setState({ run: null, state: "open", error: null });
      if (runId === null) return undefined;
      let stop = () => {};
      let gone = false;
      let timer = 0;
      const news = (message) => {
        setState((old) => ({ ...old, run: message.run, state: "open", error: null }));
        evolve.tell(message);
      };
      const begin = async () => {
        const { data, error, retry } = await asked("run", {}, runId);
        if (gone) return;
        setState({ run: data ?? null, state: retry ? "lost" : "open", error });
        if (data) stop = evolve.source.live(runId, news, (link) => setState((old) => ({ ...old, state: link })));
        else if (retry) timer = setTimeout(begin, RETRY);
      };
      begin();
      return () => {
        gone = true;
        clearTimeout(timer);
        stop();
      };
    }, [runId]);
    return state;
  }

  function useKeys(shown, runId, setHelp) {
    useEffect(() => {
      const pressed = (event) => {
        if (event.key === "Escape" && !event.defaultPrevented) setHelp(false);
        if (typed(event)) return;
        if (event.key === "?") setHelp((open) => !open);
        if (event.key === "t") setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
        const to = shown.find((each) => each.hotkey === event.key);
        if (to) go(to.key, {}, { runId: to.scope === "database" ? null : runId });
      };
      addEventListener("keydown", pressed);
      return () => removeEventListener("keydown", pressed);
    }, [shown, runId]);
  }

  const Keys = ({ rows }) => html`<dl class="facts">
    ${rows.map(([keys, title]) => html`<div><dt>${keys.split(" ").map((key) => html`<kbd>${key}</kbd> `)}</dt><dd>${title}</dd></div>`)}
  </dl>`;

  function Help({ shown, close }) {
    const button = useRef(null);
    useLayoutEffect(() => {
      const before = document.activeElement;
      button.current.focus();
      return () => before?.focus();
    }, []);
    const everywhere = [
      ...shown.filter((each) => each.hotkey).map((each) => [each.hotkey, each.title]),
      ["t", "dark or light"],
      ["?", "these keys"],
    ];
    return html`<div class="help" role="dialog" aria-label="Keys">
      <button type="button" class="copy" onClick=${close} ref=${button}>close</button>
      <div class="help-groups">
        <section><h3>Everywhere</h3><${Keys} rows=${everywhere} /></section>
        <div>${shown.filter((each) => each.keys).map((each) => html`<section><h3>${each.title}</h3><${Keys} rows=${each.keys} /></section>`)}</div>
      </div>
    </div>`;
  }

  function Pulse({ run, state }) {
    const going = run.status === "running" || state !== "open";
    return html`<span class="pulse ${going ? state : ""}" title=${going ? (state === "open" ? "live" : "trying again") : ""}></span>`;
  }

  function Head({ run, runId, link, shown, current, setHelp }) {
    const theme = useTheme();
    const { asOf } = evolve.source;
    return html`<header class="top">
      <div class="line">
        <a class="brand" href=${openable({ scope: "database" }) ? "#/" : href("overview", {}, runId)}>evolve</a>
        <span class="where">
          ${
            run
              ? html`<a href=${href("overview", {}, runId)} title=${oneLine(run.name)}>run ${run.id} · ${oneLine(run.name, 60)}</a>
                <${Sealing} run=${run} />
                <${Status} status=${run.status} />
                ${asOf ? html`<span class="asof">as of ${format.when(asOf)} UTC</span>` : html`<${Pulse} run=${run} state=${link} />`}
                <span class="state">
                  <span class="told ${link === "open" ? "" : "gone"}">${format.plural(run.told, "candidate")} · ${format.seconds(run.elapsed)}</span>
                  <span class="link" role="status">${link === "open" ? "" : "no connection"}</span>
                </span>`
              : html`<span class="told">what the search did</span>`
          }
        </span>
        <span class="tools">
          <button type="button" onClick=${() => setHelp((open) => !open)} aria-label="keys">?</button>
          <button type="button" onClick=${() => setTheme(theme === "dark" ? "light" : "dark")} aria-label="dark or light">
            ${theme === "dark" ? "☀" : "☾"}
          </button>
        </span>
      </div>
      <nav aria-label="pages">
        ${shown.map(
          (each) => html`<a href=${href(each.key, {}, runId)} aria-current=${each.key === current ? "page" : undefined}
            title=${each.hotkey ? `key ${each.hotkey}` : undefined}>${each.title}</a>`,
        )}
      </nav>
    </header>`;
  }

  function App() {
    const route = useRoute();
    const [help, setHelp] = useState(false);
    const { only } = evolve.source; // the one run of an exported file
    const runId = only ?? route.runId;
    const { run, state, error } = useRun(runId);
    const shown = useMemo(
      () => [...(runId === null ? [] : inOrder("run")), ...inOrder("database")].filter(openable),
      [runId],
    );
    useKeys(shown, runId, setHelp);
    useEffect(() => {
      settled(0); // a page that asks for nothing is ready, too
    }, []);
    const page = pages.get(route.page);
    const title = page ? page.title : "not found";
    useEffect(() => {
      document.title = run ? `${title} · run ${run.id} · evolve` : `${title} · evolve`;
    }, [title, run && run.id]);
    const context = useMemo(() => ({ run, state }), [run, state]);
    const body = () => {
      if (runId !== route.runId) {
        return html`<${Empty}>this file holds <a href=${href("overview", {}, only)}>run ${only}</a> alone<//>`;
      }
      if (!page) return html`<${Empty} error="there is no such page; the tabs above lead to those there are" />`;
      if (page.scope === "database") return html`<${page.component} params=${route.params} />`;
      if (error) return html`<${Empty} error=${error} />`;
      if (!run || run.id !== runId) return html`<${Empty} />`;
      return html`<${page.component} key=${run.id} run=${run} params=${route.params} />`;
    };
    return html`<${RunContext.Provider} value=${context}>
      <${Head} run=${run} runId=${runId} link=${state} shown=${shown} current=${route.page} setHelp=${setHelp} />
      ${help && html`<${Help} shown=${shown} close=${() => setHelp(false)} />`}
      <main class="page ${route.page}">${body()}</main>
    <//>`;
  }

  const start = () => render(html`<${App} />`, document.getElementById("app"));
  // An exported file unpacks its answers first.
  Promise.resolve(evolve.source.opening).then(start);
})();
