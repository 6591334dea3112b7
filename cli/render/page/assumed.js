// SPDX-License-Identifier: GPL-3.0-or-later
// What the answer rests on: assumptions with the keys that replace them, and what was repaired in the traces.
function showAssumptions() {
  const list = data.assumptions ?? [], read = data.read;
  if (!list.length && !read) return;
  const part = section('assumptions', 'Assumptions and data');
  if (list.length) {
    const shown = table(['assumed', 'value', 'why', 'key that replaces it'],
      list.map(a => [a.what, a.value, a.evidence, a.key ? element('code', {}, a.key) : a.no_key ?? '–']));
    shown.classList.add('words');
    part.append(shown);
  }
  if (!read) return;
  const repairs = Object.entries(read.repairs).map(([kind, count]) => `${count} × ${kind.replaceAll('_', ' ')}`);
  part.append(element('p', {className: 'note'}, `Read ${read.traces} traces with ${read.spans} spans from ${read.files} ` +
    `${read.files === 1 ? 'file' : 'files'}; ${repairs.length ? 'repaired: ' + repairs.join(', ') : 'nothing had to be repaired'}.`));
}
