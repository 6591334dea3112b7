// SPDX-License-Identifier: GPL-3.0-or-later
// Curves over time, of the load as it is and under each change.
function showCurves() {
  for (const [index, level] of (data.curves ?? []).entries()) {
    const grid = element('div', {className: 'grid'});
    section('curves-' + index, 'Over time, load ' + level.load).append(grid);
    for (const curve of level.curves) {
      const last = Math.max(...curve.lines.map(l => l.bins.at(-1)[0])), [seconds, unit] = timeUnit(last);
      const most = Math.max(...curve.lines.flatMap(l => l.bins.map(b => Math.max(b[1] ?? 0, b[3] ?? 0))));
      const [scale, name] = curve.shown === 'time' ? timeUnit(most) : curve.shown === 'part' ? [.01, '%']
        : [1, curve.shown === 'rate' ? 'requests/s' : ''];
      const at = (b, i) => b[i] == null ? NaN : b[i] / scale;
      const draw = width => Plot.plot({width, height: 240, marginLeft: 52, marginBottom: 40, style, color: {legend: curve.lines.length > 1, domain: curve.lines.map(l => l.name),
        range: colours}, y: {label: name || null, grid: true, domain: [0, 1.08 * most / scale || 1], clamp: true}, x: {label: `time (${unit})`}, marks: [Plot.ruleY([0], {strokeOpacity: .5}),
        ...curve.lines.flatMap((line, i) => [
          ...(curve.lines.length === 1 ? [Plot.areaY(line.bins, {x: b => b[0] / seconds, y1: b => at(b, 4), y2: b => at(b, 5), fill: colours[i], fillOpacity: .12, clip: true})] : []),
          Plot.areaY(line.bins, {x: b => b[0] / seconds, y1: b => at(b, 2), y2: b => at(b, 3), fill: colours[i], fillOpacity: .28, clip: true}),
          Plot.lineY(line.bins, {x: b => b[0] / seconds, y: b => at(b, 1), stroke: () => line.name, strokeWidth: 2, strokeDasharray: i ? `${3 + 2 * i} 3` : undefined})])]});
      figure(grid, {title: curve.title, draw, rows: () => [[`time (${unit})`, ...curve.lines.map(l => `${l.name}${name ? ` (${name})` : ''}`)],
        curve.lines[0].bins.map((b, i) => [digits(b[0] / seconds), ...curve.lines.map(l => digits(at(l.bins[i], 1)))])]});
    }
    grid.after(element('p', {className: 'note'}, 'Lines: means of all runs. Dark bands: their 95 % intervals. Light bands, where there is one line: 90 % of single runs.'));
  }
}
