"use strict";
// In an exported file answers come out of its blocks, which are unpacked as they are asked for: recording_pieces.py says
// how they are made.
(() => {
  const { format, local } = evolve;
  const CACHED = 16;
  const element = (id) => document.getElementById(id);
  const about = JSON.parse(element("about").textContent);

  async function unpacked(id) {
    const packed = Uint8Array.from(atob(element(id).textContent), (char) => char.charCodeAt(0));
    element(id).remove();
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).text();
  }

  const index = unpacked("index").then(JSON.parse);
  const blocks = [];
  async function unpackedBlock(number) {
    const lines = (await unpacked(`block-${number}`)).split("\n");
    const { first, pieces } = JSON.parse(lines[0]);
    return { first, pieces: lines.slice(1, 1 + pieces), answers: lines.slice(1 + pieces) };
  }
  const block = (number) => (blocks[number] ??= unpackedBlock(number));

  /** The text of an answer: runs of pieces, from its block and those before it. */
  async function textAt(number, line) {
    const { firsts } = await index;
    const runs = (await block(number)).answers[line].split(",").map(Number);
    const texts = [];
    let holder = 0;
    for (let at = 0; at < runs.length; at += 2) {
      for (let piece = runs[at]; piece < runs[at] + runs[at + 1]; piece += 1) {
        while (piece < firsts[holder]) holder -= 1;
        while (piece >= firsts[holder + 1]) holder += 1;
        const { first, pieces } = await block(holder);
        texts.push(pieces[piece - first]);
      }
    }
    return texts.join("");
  }

  const address = (params) =>
    Object.entries(params)
      .filter(([, value]) => value !== "" && value !== null && value !== undefined)
      .map(([name, value]) => `${name}=${value}`)
      .sort()
      .join("\n");

  /** Complains about a candidate that the run has not, as the server does. */
  function check(number) {
    const last = about.candidates - 1;
    if (!number || (/^\d+$/.test(number) && Number(number) <= last)) return;
    const known = last >= 0 ? `its candidates are 0 to ${last}` : "it has no candidates yet";
    throw new Error(`run ${about.run} has no candidate ${number}; ${known}`);
  }

  function missing(params) {
    if (!params.n) return new Error("this file has no answer to that; evolve ui has");
    const whole = `${format.count(about.whole)} of ${format.count(about.candidates)} candidates whole`;
    return new Error(
      `candidate ${params.n} is only listed here: this file has ${whole}; evolve export --candidates keeps more`,
    );
  }

  async function found(topic, params) {
    const place = (await index).places[topic]?.[address(params)];
    if (!place) throw missing(params);
    const [number, line, failed] = place;
    const answer = JSON.parse(await textAt(number, line));
    if (failed) throw new Error(answer);
    return answer;
  }

  // Answers asked for lately: a page that answers from one asks for it at every key stroke.
  const cache = new Map();
  function recall(topic, params = {}) {
    const key = `${topic}\n${address(params)}`;
    const answer = cache.get(key) || found(topic, params);
    cache.delete(key);
    cache.set(key, answer);
    if (cache.size > CACHED) cache.delete(cache.keys().next().value);
    return answer;
  }

  async function answer(topic, params) {
    check(params.n);
    const own = local[topic];
    if (!own) return recall(topic, params);
    const places = (await index).places[topic] || {};
    const first = Object.keys(places)[0] || "";
    const plain = Object.fromEntries(
      first
        .split("\n")
        .filter(Boolean)
        .map((pair) => pair.split(/=(.*)/s).slice(0, 2)),
    );
    return own(params, await recall(topic, plain), (others, of = topic) => recall(of, others));
  }

  function foot() {
    const whole = about.whole < about.candidates ? `, ${format.count(about.whole)} of them whole` : "";
    const line = document.createElement("footer");
    line.className = "recorded";
    line.textContent =
      `Run ${about.run} as it stood on ${format.when(about.as_of)} (UTC): ${format.plural(about.candidates, "candidate")}${whole}.` +
      ` Written by evolve ${about.version}.`;
    document.body.append(line);
  }

  function complain(error) {
    const line = document.createElement("p");
    line.className = "empty failed";
    line.textContent = `This file cannot be read: ${error.message}. It needs a browser of 2023 or later, and to be whole.`;
    element("app").replaceChildren(line);
    throw error;
  }

  foot();
  if (!location.hash) history.replaceState(null, "", `#/run/${about.run}/overview`);
  evolve.source = {
    recorded: true,
    only: about.run,
    asOf: about.as_of,
    answer,
    live: () => () => {},
    download: () => null,
    opening: index.catch(complain),
  };
})();
