// SPDX-License-Identifier: GPL-3.0-or-later
// Response times of each workload against traffic, in a picture of its own, with its goals.
// The values moved apart by at least `gap`, in their order: labels of lines that end close together.
function spread(values, gap) {
  const order = values.map((value, i) => ({value, i})).filter(v => v.value >= 0).sort((a, b) => a.value - b.value);
  order.forEach((v, k) => { if (k > 0) v.value = Math.max(v.value, order[k - 1].value + gap); });
  const moved = [];
  for (const v of order) moved[v.i] = v.value;
  return moved;
}
function showResponses() {
  const names = [...new Set((data.levels ?? []).flatMap(level => level.workloads.map(w => w.name)))];
  if (!names.length) return;
  const grid = element('div', {className: 'grid'});
  section('responses', 'Response times').append(grid);
  for (const name of names) {
    const all = data.levels.flatMap((level, index) => level.workloads.filter(w => w.name === name)
      .map(w => ({x: place(level, index), label: level.label, ...w})));
    const goals = data.goals.filter(g => g.kind === 'response_time' && g.workload === name);
    const kinds = [...new Set(['mean', 'p50', 'p95', 'p99', ...goals.filter(g => g.percentile).map(g => 'p' + g.percentile)])];
    const most = Math.max(...all.flatMap(w => kinds.map(k => w[k]?.[0] ?? 0)), ...goals.map(g => g.limit));
    const [scale, unit] = timeUnit(most);
    const draw = width => {
      const axes = loadAxes(lastFactor(), width);
      const marks = [...axes.marks, Plot.axisY({label: unit}), Plot.gridY({strokeOpacity: .12}), Plot.ruleY([0], {strokeOpacity: .5})];
      const ends = spread(kinds.map(kind => all.findLast(w => w[kind])?.[kind][0] / scale), 14 * 1.1 * most / scale / 214);
      kinds.forEach((kind, i) => {
        const line = all.filter(w => w[kind]);
        if (!line.length) return;
        const y = (w, j) => (w[kind][j] ?? w[kind][0]) / scale;
        marks.push(Plot.areaY(line, {x: 'x', y1: w => y(w, 1), y2: w => y(w, 2), fill: colours[i], fillOpacity: .15, clip: true}),
          Plot.lineY(line, {x: 'x', y: w => y(w, 0), stroke: colours[i], strokeWidth: 2}),
          Plot.dot(line, {x: 'x', y: w => y(w, 0), symbol: symbols[i], fill: colours[i], stroke: colours[i], r: 3.5, tip: true,
            title: w => `load ${w.label}: ${kind} ${interval(w[kind], time)}`}),
          Plot.text(line.slice(-1), {x: 'x', y: () => ends[i], text: () => kind, dx: 8, textAnchor: 'start', fill: colours[i]}));
      });
      for (const goal of goals)
        marks.push(Plot.ruleY([goal.limit / scale], {strokeDasharray: '5 4', stroke: colours[goal.percentile ? kinds.indexOf('p' + goal.percentile) : 0]}),
          Plot.text([goal], {y: g => g.limit / scale, text: g => `goal: ${g.percentile ? 'p' + g.percentile : 'mean'} ≤ ${time(g.limit)}`,
            frameAnchor: 'left', dx: 4, dy: -7, textAnchor: 'start', fill: 'currentColor'}));
      return Plot.plot({width, height: 280, marginLeft: 52, marginRight: 40, marginTop: data.rate > 0 ? 44 : 22, marginBottom: 44,
        style, x: axes.x, y: {domain: [0, 1.1 * most / scale]}, marks});
    };
    figure(grid, {title: name, draw, rows: () => [['load', 'served/s', ...kinds],
      all.map(w => [w.label, interval(w.served, digits), ...kinds.map(k => interval(w[k], time))])]});
  }
}
