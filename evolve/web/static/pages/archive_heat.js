"use strict";
// A map of the archive on a canvas: a small one to look at, and a large one to point at, with keys or a mouse.
(() => {
  const { html, useState, useLayoutEffect, useRef, format, oneLine, useTheme } = evolve;
  const TALLEST = 480;
  const LARGEST = 56; // a box, in pixels
  const LABELS = 26; // what stands beside a map
  const ARROWS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

  const named = (axis) => oneLine(axis.name, 40);

  /** The width of an element, as it changes. */
  function useWidth() {
    const [width, setWidth] = useState(0);
    const element = useRef(null);
    useLayoutEffect(() => {
      setWidth(Math.floor(element.current.clientWidth)); // before anything is painted, so that nothing jumps
      const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry.contentRect.width)));
      observer.observe(element.current);
      return () => observer.disconnect();
    }, []);
    return [element, width];
  }

  function Heat({ geometry, shown, width, height, scale, best, focus = null, ...rest }) {
    const canvas = useRef(null);
    const theme = useTheme();
    useLayoutEffect(() => {
      if (width > 0) evolve.archiveMap.draw(canvas.current, geometry, shown, { width, height, scale, best, focus });
    }, [geometry, shown, width, height, scale, best, focus, theme]);
    return html`<canvas ref=${canvas} style=${{ width: `${width}px`, height: `${height}px` }} ...${rest}></canvas>`;
  }

  function Large({ geometry, shown, best, data, axes, label, onPoint, onOpen }) {
    const [element, room] = useWidth();
    const [focus, setFocus] = useState(null);
    const [x, y] = axes.map((index) => (index === null || !geometry.spot ? null : data.axes[index]));
    const most = Math.max(0, room - LABELS);
    const wide = Math.min(most, geometry.dots ? 640 : geometry.columns * LARGEST);
    const high = Math.min(TALLEST, geometry.dots ? wide : geometry.rows * LARGEST);
    const here =
      focus !== null && (geometry.dots ? geometry.dots.has(focus) : focus < geometry.columns * geometry.rows)
        ? focus
        : null;
    const at = (event) => {
      const frame = event.currentTarget.getBoundingClientRect();
      return evolve.archiveMap.hit(geometry, event.clientX - frame.left, event.clientY - frame.top, wide, high);
    };
    const move = (spot) => {
      setFocus(spot);
      onPoint(spot);
    };
    const pressed = (event) => {
      const start = here ?? best ?? 0;
      if (ARROWS[event.key]) {
        const among = event.shiftKey ? shown : null;
        move(here === null ? start : evolve.archiveMap.step(geometry, start, ...ARROWS[event.key], among));
      } else if (event.key === "Home" && best !== null) move(best);
      else if (event.key === "Enter" && shown.has(here)) onOpen(shown.get(here).number);
      else if (event.key === "Escape") move(null);
      else return;
      event.preventDefault();
    };
    const known = (bound) => (bound === null || bound === undefined ? "" : format.number(bound));
    return html`<div class="archive-large" ref=${element}>
      <div class="archive-up" style=${{ height: `${high}px` }}>
        ${y && html`<span>${known(y.low)}</span><b>${named(y)} →</b><span>${known(y.high)}</span>`}
      </div>
      <${Heat} geometry=${geometry} shown=${shown} width=${wide} height=${high} scale=${data.scale} best=${best} focus=${here}
        class="archive-map" tabindex="0" role="img" aria-label=${label} aria-describedby="archive-keys"
        onPointerMove=${(event) => onPoint(at(event))} onPointerLeave=${() => onPoint(here)}
        onClick=${(event) => shown.has(at(event)) && onOpen(shown.get(at(event)).number)}
        onKeyDown=${pressed} onBlur=${() => move(null)} />
      <div class="archive-right" style=${{ width: `${wide}px` }}>
        ${x && html`<span>${known(x.low)}</span><b>${named(x)} →</b><span>${known(x.high)}</span>`}
      </div>
    </div>`;
  }

  evolve.archiveHeat = { Heat, Large };
})();
