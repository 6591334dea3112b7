// SPDX-License-Identifier: GPL-3.0-or-later
// The order of the page.
const wanted = /^#component=(.+)/.exec(location.hash);
if (wanted && data.components?.some(c => c.name === decodeURIComponent(wanted[1]))) chosen = decodeURIComponent(wanted[1]);
showMap();
showLoads();
showResponses();
showDates();
showChanges();
showCurves();
showTrends();
showFits();
showRequests();
showAssumptions();
if (typeof Plot === 'undefined')
  document.querySelector('main').prepend(element('p', {className: 'note'}, 'This program was built without charts: figures show their tables.'));
