"use strict";
// What every page uses: preact, the address, where answers come from, and how figures are written.
const evolve = (() => {
  const {
    html,
    render,
    createContext,
    useState,
    useEffect,
    useLayoutEffect,
    useMemo,
    useRef,
    useCallback,
    useContext,
  } = htmPreact;

  // ---------------------------------------------------------------- pages and addresses

  const pages = new Map();
  /** Registers a page: {key, title, order, hotkey, component, scope: "run" (default) | "database", hidden}. */
  const page = (given) => pages.set(given.key, { scope: "run", order: 99, ...given });

  /** The address after the #: {runId, page, params}; runId is null on pages about the whole database. */
  function parseRoute(hash) {
    const [path, query = ""] = hash.replace(/^#\/?/, "").split("?");
    const params = Object.fromEntries(new URLSearchParams(query));
    const parts = path.split("/").filter(Boolean);
    if (parts[0] === "run" && /^\d+$/.test(parts[1] || "")) {
      return { runId: Number(parts[1]), page: parts[2] || "overview", params };
    }
    return { runId: null, page: parts[0] || "runs", params };
  }
  const route = () => parseRoute(location.hash);

  /** The address of a page; of the run that is open unless another is named. Empty parameters are left out. */
  function href(key, params = {}, runId = route().runId) {
    const kept = Object.entries(params).filter(([, value]) => value !== "" && value !== null && value !== undefined);
    const query = kept.length ? `?${new URLSearchParams(kept)}` : "";
    const about = pages.get(key)?.scope === "database" || runId === null ? key : `run/${runId}/${key}`;
    return `#/${about}${query}`;
  }

  function go(key, params = {}, { replace = false, runId } = {}) {
    const to = href(key, params, runId === undefined ? route().runId : runId);
    if (!replace) {
      location.hash = to;
    } else if (to !== location.hash) {
      history.replaceState(null, "", to);
      dispatchEvent(new HashChangeEvent("hashchange"));
    }
  }

  function useRoute() {
    const [hash, setHash] = useState(location.hash);
    useEffect(() => {
      const changed = () => setHash(location.hash);
      addEventListener("hashchange", changed);
      return () => removeEventListener("hashchange", changed);
    }, []);
    return useMemo(() => parseRoute(hash), [hash]);
  }

  // ---------------------------------------------------------------- where answers come from

  const path = (topic, params, runId) => {
    const query = new URLSearchParams(
      Object.entries(params).filter(([, value]) => value !== "" && value !== undefined),
    );
    return `api/${runId === null ? "" : `run/${runId}/`}${topic}${query.size ? `?${query}` : ""}`;
  };

  /** Nobody answered; whoever asked asks again after `RETRY` milliseconds. */
  class Unanswered extends Error {
    constructor() {
      super("evolve ui does not answer; start it again");
    }
  }
  const RETRY = 3000;

  /** Status and text of what the server says. */
  async function fetched(address) {
    try {
      const response = await fetch(address);
      return [response, await response.text()];
    } catch {
      throw new Unanswered();
    }
  }
  function parsed(text) {
    try {
      return JSON.parse(text);
    } catch {
      return undefined;
    }
  }

  /** The server. An exported file puts another source of the same shape in its place. */
  const source = {
    recorded: false,
    async answer(topic, params, runId) {
      const [response, text] = await fetched(path(topic, params, runId));
      const data = parsed(text);
      if (!response.ok || data === undefined) throw new Error(data?.error || `the server said ${response.status}`);
      return data;
    },
    /**
     * Calls back with {run, tells, events} for ever; after a pause it goes on where it was. Returns how to end it.
     * Not while nobody looks: a browser has six connections to a server, and every open tab would hold one.
     */
    live(runId, onMessage, onState) {
      let stream = null;
      let place = "";
      let timer = 0;
      const open = () => {
        stream = new EventSource(path("live", { after: place }, runId));
        stream.onmessage = (event) => {
          place = event.lastEventId;
          onMessage(JSON.parse(event.data));
        };
        stream.onopen = () => onState("open");
        stream.onerror = () => {
          onState("lost");
          // Browsers try again by themselves, but for some errors.
          clearTimeout(timer);
          timer = setTimeout(looked, RETRY);
        };
      };
      const looked = () => {
        if (document.hidden) stream.close();
        else if (stream.readyState === EventSource.CLOSED) open();
      };
      open();
      document.addEventListener("visibilitychange", looked);
      return () => {
        document.removeEventListener("visibilitychange", looked);
        clearTimeout(timer);
        stream.close();
      };
    },
    /** The address of a file to download, or null where there is none. */
    download: (name, params, runId) => path(name, params, runId),
  };
  /** Pages whose answers cannot be listed answer from a recorded one here, by topic: (params, recorded) => answer. */
  const local = {};

  // ---------------------------------------------------------------- what is known of the open run

  const RunContext = createContext({ run: null, state: "open" });
  const listeners = new Set();
  /** Calls back with every message of the live stream: {run, tells, events}; returns how to stop that. */
  const onLive = (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  const tell = (message) => listeners.forEach((listener) => listener(message));

  // Tests and screenshots wait for this: nothing is being asked any more.
  let asking = 0;
  const busy = (step) => {
    asking += step;
    document.documentElement.dataset.ready = asking ? "" : "1";
  };
  /** Nothing more is asked from here. Once it is drawn, for what is drawn may ask: its effects are in a timer, too. */
  const settled = (step) => requestAnimationFrame(() => setTimeout(() => setTimeout(() => busy(step))));

  /** {data, error: null}, or {error, retry}: `retry` says that nobody was there to answer. */
  async function asked(topic, params, runId) {
    busy(1);
    try {
      return { data: await evolve.source.answer(topic, params, runId), error: null };
    } catch (error) {
      return { error: error.message, retry: error instanceof Unanswered };
    } finally {
      settled(-1);
    }
  }

  /**
   * The answer to a question: {data, error, stale}. The old data stays while a new one is on its way, so that nothing
   * jumps; while the run goes on it is asked again, at most every second and a half and for a quarter of the time, and
   * where nobody answers until somebody does.
   */
  function useAnswer(topic, params = {}, { scope = "run", live = true } = {}) {
    const { run } = useContext(RunContext);
    const runId = scope === "run" && run ? run.id : null;
    const key = `${topic} ${runId} ${JSON.stringify(params)}`;
    const [state, setState] = useState({ topic: "", key: "", data: null, error: null });
    const pace = useRef({ key: "", asking: "", again: false, until: 0, timer: 0 }).current;
    const told = live && scope === "run" && run ? `${run.told} ${run.status}` : "";

    // Before the page is painted: two frames sooner.
    useLayoutEffect(() => {
      const wait = pace.key === key ? Math.max(0, pace.until - performance.now()) : 0;
      pace.key = key;
      const ask = async () => {
        if (pace.asking === key) {
          pace.again = true; // one question at a time: the answer that is on its way is asked for anew once it is here
          return;
        }
        pace.asking = key;
        pace.again = false;
        const begun = performance.now();
        const answered = await asked(topic, params, runId);
        pace.until = performance.now() + Math.max(1500, 3 * (performance.now() - begun));
        if (pace.asking === key) pace.asking = "";
        if (pace.key !== key) return; // another question was asked meanwhile
        setState((old) => ({ topic, key, data: old.key === key ? old.data : null, ...answered }));
        if (answered.retry) pace.timer = setTimeout(ask, RETRY);
        else if (pace.again) pace.timer = setTimeout(ask, pace.until - performance.now());
      };
      if (wait) pace.timer = setTimeout(ask, wait);
      else ask();
      return () => clearTimeout(pace.timer);
    }, [key, told]);
    useEffect(
      () => () => {
        pace.key = null;
      },
      [],
    );
    // Data of another question is better than a blank page, unless it is of another kind.
    return state.topic === topic ? { ...state, stale: state.key !== key } : { data: null, error: null, stale: true };
  }

  // ---------------------------------------------------------------- keys

  const TEXT = "input:not([type=range], [type=checkbox], [type=radio]), select, textarea";
  /** Whether a key is meant for a field or the browser, and not for the page. */
  const typed = (event) =>
    event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.target.closest(TEXT) !== null;

  // ---------------------------------------------------------------- figures, as evolve/report/figures.py writes them

  const grouped = new Intl.NumberFormat("en-US");
  const DASH = "–";
  const none = (value) => value === null || value === undefined || Number.isNaN(value);
  const trimmed = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);

  /** Like Python's %.{digits}g. */
  function general(value, digits) {
    if (!Number.isFinite(value)) return String(value);
    if (value === 0) return "0";
    const [mantissa, power] = value.toExponential(digits - 1).split("e");
    const exponent = Number(power);
    if (exponent < -4 || exponent >= digits) {
      const size = String(Math.abs(exponent)).padStart(2, "0");
      return `${trimmed(mantissa)}e${exponent < 0 ? "-" : "+"}${size}`;
    }
    return trimmed(value.toFixed(Math.max(0, digits - 1 - exponent)));
  }

  const format = {
    dash: DASH,
    number: (value) => (none(value) ? DASH : general(value, 6)),
    short: (value) => (none(value) ? DASH : general(value, 3)),
    objective: (value, unit = "") => (none(value) ? DASH : `${general(value, 6)}${unit ? ` ${unit}` : ""}`),
    signed: (value) => (none(value) ? DASH : `${value < 0 ? "−" : "+"}${general(Math.abs(value), 4)}`),
    count: (value) => (none(value) ? DASH : grouped.format(Math.round(value))),
    plural: (value, noun) => `${format.count(value)} ${noun}${value === 1 ? "" : "s"}`,
    share: (value) => (none(value) ? DASH : `${general(100 * value, value > 0.0995 ? 3 : 2)} %`),
    seconds(value) {
      if (none(value)) return DASH;
      if (value < 1) return `${general(1000 * value, 3)} ms`;
      if (value < 100) return `${general(value, 3)} s`;
      const whole = Math.round(value);
      const minutes = Math.floor(whole / 60);
      if (minutes < 100) return `${minutes} min ${String(whole % 60).padStart(2, "0")} s`;
      return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
    },
    dollars(value) {
      if (none(value)) return DASH;
      if (value >= 1 || value === 0) return `$${grouped.format(Number(value.toFixed(2)))}`;
      return value >= 0.1 ? `$${value.toFixed(2)}` : `$${trimmed(Number(value.toPrecision(2)).toFixed(12))}`;
    },
    bytes(value) {
      if (none(value)) return DASH;
      const power = Math.min(3, value > 0 ? Math.floor(Math.log2(value) / 10) : 0);
      return `${general(value / 1024 ** power, 3)} ${["B", "KB", "MB", "GB"][power]}`;
    },
    /** A moment (ISO, UTC) as 2026-11-21 20:15. */
    when: (iso) => (iso ? iso.slice(0, 16).replace("T", " ") : DASH),
  };

  // ---------------------------------------------------------------- text of candidates and models

  // Characters that are invisible, move text about or cannot be shown, as evolve/report/text.py has them.
  const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;
  const shown = (char) => {
    if (char === "\n" || char === "\t") return char;
    const code = char.codePointAt(0);
    if (code < 0x100) return `\\x${code.toString(16).padStart(2, "0")}`;
    return code < 0x10000 ? `\\u${code.toString(16).padStart(4, "0")}` : `\\U${code.toString(16).padStart(8, "0")}`;
  };
  /** Text in which nothing hides: what would be invisible is written out. */
  const safe = (text) =>
    String(text ?? "")
      .replace(/\r\n/g, "\n")
      .replace(HIDDEN, shown);
  /** The same on one line of at most `limit` characters. */
  const oneLine = (text, limit = 200) => {
    const line = safe(String(text ?? "").slice(0, 4 * limit))
      .split(/\s+/)
      .join(" ")
      .trim();
    return line.length <= limit ? line : `${line.slice(0, limit - 1)}…`;
  };

  // ---------------------------------------------------------------- colours

  // Viridis (Smith and van der Walt 2015) at ninths: even steps of lightness, told apart by the colour-blind.
  const STOPS = ["440154", "472d7b", "3b528b", "2c728e", "21918c", "28ae80", "5ec962", "addc30", "fde725"].map((hex) =>
    [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16)),
  );
  /** The colour of a fraction from 0 (worst) to 1 (best), as rgb(...). */
  function ramp(fraction) {
    const place = Math.min(1, Math.max(0, fraction)) * (STOPS.length - 1);
    const low = Math.min(STOPS.length - 2, Math.floor(place));
    const mix = STOPS[low].map((from, index) => Math.round(from + (place - low) * (STOPS[low + 1][index] - from)));
    return `rgb(${mix.join(",")})`;
  }
  /** The value of a CSS variable now, for canvases. */
  const cssColor = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

  function setTheme(theme) {
    document.documentElement.dataset.theme = theme;
    try {
      localStorage.setItem("evolve-theme", theme);
    } catch {
      // A file opened from disk may have no storage; the theme then lasts as long as the page.
    }
    dispatchEvent(new Event("themechange"));
  }
  function firstTheme() {
    const asked = new URLSearchParams(location.search).get("theme");
    let kept = null;
    try {
      kept = localStorage.getItem("evolve-theme");
    } catch {
      // As above.
    }
    const wanted = asked || kept;
    if (wanted === "dark" || wanted === "light") return wanted;
    return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  }
  document.documentElement.dataset.theme = firstTheme();
  /** "light" or "dark"; components that draw on canvases draw again when it changes. */
  function useTheme() {
    const [theme, set] = useState(document.documentElement.dataset.theme);
    useEffect(() => {
      const changed = () => set(document.documentElement.dataset.theme);
      addEventListener("themechange", changed);
      return () => removeEventListener("themechange", changed);
    }, []);
    return theme;
  }

  return {
    html,
    render,
    useState,
    useEffect,
    useLayoutEffect,
    useMemo,
    useRef,
    useCallback,
    useContext,
    pages,
    page,
    route,
    href,
    go,
    useRoute,
    source,
    local,
    RunContext,
    onLive,
    tell,
    RETRY,
    asked,
    settled,
    useAnswer,
    typed,
    format,
    safe,
    oneLine,
    ramp,
    cssColor,
    setTheme,
    useTheme,
  };
})();
