"use strict";
// In an exported file: the lineage of any candidate, put together from the recorded tree and the list of candidates.
(() => {
  const CHILDREN = 50;

  const grouped = ({ child, parent }) => {
    const groups = new Map();
    child.forEach((number, index) => groups.set(number, [...(groups.get(number) || []), parent[index]]));
    return groups;
  };

  /** Columns of these candidates as the server gives them. */
  function columns(tree, numbers) {
    const others = grouped(tree.others);
    const shown = grouped(tree.inspirations);
    const places = numbers.map((number) => tree.place.get(number));
    const text = (name) => numbers.map((number) => tree.lines[name][tree.line.get(number)] ?? "");
    return {
      number: numbers,
      operator: places.map((place) => tree.operators[tree.operator[place]]),
      status: places.map((place) => tree.statuses[tree.status[place]]),
      objective: places.map((place) => tree.objective[place]),
      island: places.map((place) => tree.island[place]),
      parents: places.map((place, index) =>
        [tree.parent[place], ...(others.get(numbers[index]) || [])].filter((each) => each !== null),
      ),
      inspirations: numbers.map((number) => shown.get(number) || []),
      model: text("model"),
      idea: text("idea"),
    };
  }

  function children(tree, number, sign) {
    const mine = tree.number.filter((_, index) => tree.parent[index] === number);
    const crossed = tree.others.child.filter((_, index) => tree.others.parent[index] === number);
    const all = [...new Set([...mine, ...crossed])];
    const score = (each) => tree.objective[tree.place.get(each)] ?? -sign * Infinity;
    const inspired = new Set(tree.inspirations.child.filter((_, index) => tree.inspirations.parent[index] === number));
    const best = all.sort((a, b) => sign * (score(b) - score(a)) || a - b).slice(0, CHILDREN);
    return { rows: columns(tree, best), total: all.length, inspired: inspired.size };
  }

  evolve.local.lineage = async (params, recorded, recall) => {
    const number = Number(params.n);
    if (!params.n || number === recorded.number) return recorded;
    const run = await recall({}, "run");
    const { lines } = await recall({ all: "1" }, "candidates"); // for ideas and models
    const places = (numbers) => new Map(numbers.map((each, index) => [each, index]));
    const recordedTree = await recall({}, "tree");
    const tree = { ...recordedTree, place: places(recordedTree.number), lines, line: places(lines.number) };
    if (!tree.place.has(number))
      throw new Error(`candidate ${number} is not in this file's tree; evolve ui shows every lineage`);
    const path = [];
    for (let step = number; step !== null && step !== undefined; step = tree.parent[tree.place.get(step)])
      path.push(step);
    const family = columns(tree, path);
    const everybody = [...new Set([...path, ...family.parents.flat(), ...family.inspirations.flat()])].filter((each) =>
      tree.place.has(each),
    );
    const sign = run.direction === "minimize" ? -1 : 1;
    return { number, path, rows: columns(tree, everybody), children: children(tree, number, sign) };
  };
  evolve.local.tree = async (params, recorded) => recorded;
})();
