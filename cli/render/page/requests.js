// SPDX-License-Identifier: GPL-3.0-or-later
// Recorded requests span by span: a typical and a slow one of each operation.
function showRequests() {
  if (!data.requests?.length && !data.no_requests) return;
  const part = section('requests', 'Recorded requests');
  if (data.no_requests) { part.append(element('p', {className: 'note'}, data.no_requests)); return; }
  const select = element('select', {ariaLabel: 'Operation'},
    ...data.requests.map((r, i) => element('option', {value: i}, `${r.service}/${r.operation} (${r.requests})`)));
  const grid = element('div', {className: 'grid wide'});
  part.append(element('div', {className: 'bar'}, select), grid);
  const services = [...new Set(data.requests.flatMap(r => [...r.typical.nodes, ...r.slow.nodes]).map(n => n[0]))];
  const colour = service => colours[services.indexOf(service) % colours.length];
  // Callers before what they call, in the order of time.
  function ordered(nodes) {
    const below = nodes.map(() => []), rows = [], open = [[0, 0]];
    nodes.forEach((n, i) => n[2] >= 0 && below[n[2]].push(i));
    while (open.length) {
      const [i, depth] = open.pop();
      rows.push({i, depth, service: nodes[i][0], operation: nodes[i][1], start: nodes[i][3], end: nodes[i][4], kind: nodes[i][5]});
      open.push(...below[i].sort((a, b) => nodes[b][3] - nodes[a][3]).map(c => [c, depth + 1]));
    }
    return rows;
  }
  const kinds = {root: '', sync: 'waited for', concurrent: 'waited for, beside others', forget: 'nobody waits for it'};
  function show() {
    const r = data.requests[select.value];
    grid.replaceChildren();
    for (const [request, which] of [[r.typical, 'typical: the median'], [r.slow, 'slow: 95 % are faster']]) {
      const rows = ordered(request.nodes), last = Math.max(...rows.map(n => n.end)), [scale, unit] = timeUnit(last);
      const text = n => `${n.service} ${n.operation}`;
      const draw = width => Plot.plot({width, height: 44 + 19 * rows.length, marginLeft: 4, marginRight: 4, marginTop: 4, marginBottom: 36, style,
        x: {domain: [0, last / scale], label: unit, grid: true}, y: {domain: rows.map((_, k) => k), axis: null, padding: .15},
        marks: [Plot.barX(rows, {y: (_, k) => k, x1: n => n.start / scale, x2: n => Math.max(n.end, n.start + .002 * last) / scale, fill: n => colour(n.service),
            fillOpacity: n => n.kind === 'forget' ? .3 : .6, tip: true,
            title: n => `${text(n)}\nfrom ${time(n.start)}, for ${time(n.end - n.start)}${kinds[n.kind] ? '\n' + kinds[n.kind] : ''}`}),
          Plot.text(rows, {y: (_, k) => k, x: n => n.start / last > .6 ? n.end / scale : n.start / scale, text, dx: 3, textAnchor: 'start',
            filter: n => n.start / last <= .6, fill: 'currentColor', fontSize: 11}),
          Plot.text(rows, {y: (_, k) => k, x: n => n.end / scale, text, dx: -3, textAnchor: 'end', filter: n => n.start / last > .6, fill: 'currentColor', fontSize: 11})]});
      figure(grid, {title: `${which} (${time(request.duration)})`, draw,
        caption: `Of ${r.of} requests that were looked at.${request.left_out ? ` ${request.left_out} more calls are not shown.` : ''} Pale: nobody waits for it.`,
        rows: () => [['call', 'from', 'for', 'kind'], rows.map(n => ['\u2003'.repeat(n.depth) + text(n), time(n.start), time(n.end - n.start), kinds[n.kind]])]});
    }
  }
  select.onchange = show;
  show();
}
