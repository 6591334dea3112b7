// SPDX-License-Identifier: GPL-3.0-or-later
// When growth passes limits.
function showDates() {
  const rows = data.dates?.crossings ?? [];
  if (!rows.length) return;
  const day = d => new Date(d * 86400e3), end = data.dates.start + 2 * (data.dates.end - data.dates.start);
  const near = rows.filter(r => r.day < end).sort((a, b) => a.day - b.day);
  const part = section('dates', 'When limits are passed');
  const draw = width => {
    const narrow = width < 560, left = narrow ? 10 : 12 + 6.6 * Math.max(...near.map(r => r.what.length));
    const marks = [Plot.axisX({label: null}), Plot.gridX({strokeOpacity: .12}), Plot.ruleX([day(data.dates.end)], {strokeDasharray: '5 4'}),
      Plot.ruleY(near, {y: 'what', x1: r => day(r.early ?? r.day), x2: r => day(Math.min(r.late ?? end, end)), strokeWidth: 4, stroke: colours[0], strokeOpacity: .45}),
      Plot.dot(near, {y: 'what', x: r => day(r.day), fill: colours[0], r: 5, tip: true,
        title: r => `${r.what}\n${date(r.day)} [${date(r.early)}, ${date(r.late)}]`})];
    marks.push(narrow ? Plot.text(near, {y: 'what', frameAnchor: 'left', text: 'what', dy: -11, textAnchor: 'start', fill: 'currentColor'})
      : Plot.axisY({label: null, tickSize: 0}));
    return Plot.plot({width, height: 50 + (narrow ? 40 : 30) * near.length, marginLeft: left, marginBottom: 34, style,
      y: {domain: near.map(r => r.what), axis: null, type: 'band'}, x: {domain: [day(data.dates.start), day(end)], type: 'utc'}, marks});
  };
  const rowsOf = () => [['limit', 'passed on', 'at the earliest', 'at the latest'], rows.map(r => [r.what, date(r.day), date(r.early), date(r.late)])];
  if (near.length)
    figure(part, {title: '', draw, caption: 'Bars: 95 % of what samples and trend allow. Dashed: the horizon of the scenario.', rows: rowsOf});
  else
    part.append(table(...rowsOf()));
}
