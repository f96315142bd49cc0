"use strict";
// The frame around every page: which run, which page, live or not, theme, keys.
(() => {
  const { html, render, useState, useEffect, useMemo, pages, href, go, useRoute, RunContext, setTheme, useTheme } = evolve;
  const { Empty, Status, oneLine, format } = evolve;

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
      const news = (message) => {
        setState((old) => ({ ...old, run: message.run, state: "open", error: null }));
        evolve.tell(message);
      };
      const follow = (run) => {
        if (gone) return;
        setState({ run, state: "open", error: null });
        stop = evolve.source.live(runId, news, (link) => setState((old) => ({ ...old, state: link })));
      };
      evolve.source.answer("run", {}, runId).then(follow, (error) => setState({ run: null, state: "lost", error: error.message }));
      return () => {
        gone = true;
        stop();
      };
    }, [runId]);
    return state;
  }

  function useKeys(shown, runId, setHelp) {
    useEffect(() => {
      const pressed = (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
        if (event.target.closest("input, select, textarea")) return;
        if (event.key === "Escape") setHelp(false);
        if (event.key === "?") setHelp((open) => !open);
        if (event.key === "t") setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
        const to = shown.find((each) => each.hotkey === event.key);
        if (to) go(to.key, {}, { runId: to.scope === "database" ? null : runId });
      };
      addEventListener("keydown", pressed);
      return () => removeEventListener("keydown", pressed);
    }, [shown, runId]);
  }

  function Help({ shown, close }) {
    const rows = [...shown.filter((each) => each.hotkey).map((each) => [each.hotkey, each.title]), ["t", "dark or light"], ["?", "these keys"]];
    return html`<div class="help" role="dialog" aria-label="Keys">
      <button type="button" class="copy" onClick=${close} autofocus>close</button>
      <dl class="facts">${rows.map(([key, title]) => html`<div><dt><kbd>${key}</kbd></dt><dd>${title}</dd></div>`)}</dl>
    </div>`;
  }

  function Head({ run, link, shown, current, setHelp }) {
    const theme = useTheme();
    const going = run && run.status === "running" && !evolve.source.recorded;
    return html`<header class="top">
      <div class="line">
        <a class="brand" href=${openable({ scope: "database" }) ? "#/" : href("overview")}>evolve</a>
        <span class="where">
          ${run
            ? html`<a href=${href("overview")} title=${oneLine(run.name)}>run ${run.id} · ${oneLine(run.name, 60)}</a>
                <${Status} status=${run.status} />
                <span class="pulse ${going ? link : ""}" title=${going ? (link === "open" ? "live" : "no connection; trying again") : ""}></span>
                <span class="told">${format.plural(run.told, "candidate")} · ${format.seconds(run.elapsed)}</span>`
            : html`<span class="told">what the search did</span>`}
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
          (each) => html`<a href=${href(each.key)} aria-current=${each.key === current ? "page" : undefined}
            title=${each.hotkey ? `key ${each.hotkey}` : undefined}>${each.title}</a>`,
        )}
      </nav>
    </header>`;
  }

  function App() {
    const route = useRoute();
    const [help, setHelp] = useState(false);
    const { run, state, error } = useRun(route.runId);
    const shown = useMemo(
      () => [...(route.runId === null ? [] : inOrder("run")), ...inOrder("database")].filter(openable),
      [route.runId],
    );
    useKeys(shown, route.runId, setHelp);
    const page = pages.get(route.page);
    const title = page ? page.title : "not found";
    useEffect(() => {
      document.title = run ? `${title} · run ${run.id} · evolve` : `${title} · evolve`;
    }, [title, run && run.id]);
    const context = useMemo(() => ({ run, state }), [run, state]);
    const body = () => {
      if (!page) return html`<${Empty} error="there is no such page; the tabs above lead to those there are" />`;
      if (page.scope === "database") return html`<${page.component} params=${route.params} />`;
      if (error) return html`<${Empty} error=${error} />`;
      if (!run || run.id !== route.runId) return html`<${Empty} />`;
      return html`<${page.component} key=${run.id} run=${run} params=${route.params} />`;
    };
    return html`<${RunContext.Provider} value=${context}>
      <${Head} run=${run} link=${state} shown=${shown} current=${route.page} setHelp=${setHelp} />
      ${help && html`<${Help} shown=${shown} close=${() => setHelp(false)} />`}
      <main class="page ${route.page}">${body()}</main>
    <//>`;
  }

  const start = () => render(html`<${App} />`, document.getElementById("app"));
  // An exported file unpacks its answers first.
  Promise.resolve(evolve.source.opening).then(start);
})();
