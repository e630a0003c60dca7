'use strict';
// Two comforts; the page is whole without them. No 'less than' and no ampersand in here: the page is XML, too.

// Only the rows whose text has what was typed.
const filter = document.getElementById('filter');
if (filter) {
  filter.parentElement.hidden = false;
  const rows = Array.from(document.querySelectorAll('tbody tr'));
  filter.addEventListener('input', () => {
    const wanted = filter.value.trim().toLowerCase();
    for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
  });
}

// The instant under the pointer.
for (const plot of document.querySelectorAll('.plot')) {
  const line = document.createElement('div');
  const text = document.createElement('span');
  line.className = 'pointer';
  line.hidden = true;
  line.append(text);
  plot.append(line);
  const from = Number(plot.dataset.from) - Number(plot.dataset.zero);
  const length = Number(plot.dataset.length);
  const written = nanos => {
    const size = Math.abs(nanos);
    if (size >= 1e8) return (nanos / 1e9).toFixed(3) + ' s';
    return size >= 1e5 ? (nanos / 1e6).toFixed(2) + ' ms' : (nanos / 1e3).toFixed(1) + ' µs';
  };
  plot.addEventListener('pointerleave', () => { line.hidden = true; });
  plot.addEventListener('pointermove', event => {
    const box = plot.querySelector('svg.lanes').getBoundingClientRect();
    const share = (event.clientX - box.left) / box.width;
    line.hidden = !(share >= 0) || share > 1;
    if (line.hidden) return;
    line.style.height = plot.scrollHeight + 'px';
    line.style.left = (event.clientX - plot.getBoundingClientRect().left + plot.scrollLeft) + 'px';
    text.textContent = written(from + share * length);
    text.className = share > 0.85 ? 'before' : '';
  });
}
