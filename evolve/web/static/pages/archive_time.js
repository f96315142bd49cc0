"use strict";
// Moving through the time of a run: a slider, what happened last before the moment that is shown, and playing it all.
(() => {
  const { html, useState, useEffect, useRef, go, format, oneLine } = evolve;
  const PLAYED = 14; // seconds that a whole run takes

  function Time({ told, at, data, playing, onMove, onSet, onPlay }) {
    const marks = data.marks.told.map((when, index) => ({ when, text: data.marks.text[index] }));
    const last = [...marks].reverse().find(({ when }) => when <= at);
    const event = last ? `${format.count(last.when)}: ${oneLine(last.text, 160)}` : "";
    return html`<div class="archive-time">
      <button type="button" onClick=${onPlay} aria-label=${playing ? "pause" : "play"} disabled=${!told}>${playing ? "❚❚" : "▶"}</button>
      <div class="archive-slider">
        <input type="range" min="0" max=${told} value=${at} aria-label="candidates told" disabled=${!told}
          onInput=${(event) => onMove(Number(event.target.value))} onChange=${(event) => onSet(Number(event.target.value))} />
        <div class="archive-marks" aria-hidden="true">
          ${marks.map(({ when }) => html`<i style=${{ left: `${(100 * when) / Math.max(1, told)}%` }}></i>`)}
        </div>
      </div>
      <output class="number">${format.count(at)} of ${format.count(told)}</output>
      <p class="note" title=${event}>${event}</p>
    </div>`;
  }

  /**
   * The moment that is shown; `moment` null is now. While it plays it moves by itself, not beyond what was read (`ready`:
   * the end of that, 0 while something is asked for); the address follows when it rests.
   */
  function useTime(params, told) {
    const asked = /^\d+$/.test(params.t || "") ? Number(params.t) : null;
    const [moment, setMoment] = useState(asked);
    const [playing, setPlaying] = useState(false);
    const ready = useRef(0);
    const now = useRef({}).current;
    Object.assign(now, { told, params, at: Math.min(moment ?? told, told) });
    const rest = (at) => {
      const t = at === null || at >= now.told ? null : at;
      setMoment(t);
      go("archive", { ...now.params, t }, { replace: true });
    };
    useEffect(() => setMoment(asked), [asked]);
    useEffect(() => {
      if (!playing) return undefined;
      let place = now.at >= now.told ? 0 : now.at;
      let before = performance.now();
      let frame = 0;
      const step = (time) => {
        if (ready.current) place = Math.min(place + (now.told * (time - before)) / (1000 * PLAYED), ready.current + 1);
        before = time;
        if (place >= now.told) {
          setPlaying(false);
          rest(null);
          return;
        }
        setMoment(Math.floor(place));
        frame = requestAnimationFrame(step);
      };
      frame = requestAnimationFrame(step);
      return () => cancelAnimationFrame(frame);
    }, [playing]);
    const play = () => {
      if (playing) rest(now.at);
      setPlaying(!playing);
    };
    const set = (at) => {
      setPlaying(false);
      rest(at);
    };
    return { moment, at: now.at, playing, ready, play, move: setMoment, set };
  }

  evolve.archiveTime = { Time, useTime };
})();
