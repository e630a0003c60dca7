// What a script does that merges traces without further thought: parse all, put the events together, write all.
//   node merge-json.mjs --files A,B,C --out FILE [--gzip yes]
import fs from 'node:fs';
import zlib from 'node:zlib';

const options = {};
for (let i = 2; i + 1 < process.argv.length; i += 2) options[process.argv[i].replace(/^--/, '')] = process.argv[i + 1];
const files = options.files.split(',');
const began = process.hrtime.bigint();
let bytes = 0;
const traces = files.map(file => {
  let content = fs.readFileSync(file);
  if (content[0] === 0x1f) content = zlib.gunzipSync(content);
  bytes += content.length;
  return JSON.parse(content.toString('utf8'));
});
const merged = { traceEvents: [].concat(...traces.map(trace => trace.traceEvents ?? trace)), metadata: traces[0].metadata };
let text = JSON.stringify(merged);
if (options.gzip === 'yes') text = zlib.gzipSync(text, { level: 1 });
fs.writeFileSync(options.out, text);
const ms = Number(process.hrtime.bigint() - began) / 1e6;
const usage = process.resourceUsage();
console.log(JSON.stringify({
  client: 'node',
  expandedMB: Math.round(bytes / 1e5) / 10,
  events: merged.traceEvents.length,
  outMB: Math.round(fs.statSync(options.out).size / 1e5) / 10,
  ms: Math.round(ms),
  mbPerSecond: Math.round(bytes / 1e3 / ms),
  cpuMs: Math.round((usage.userCPUTime + usage.systemCPUTime) / 1e3),
  peakRssMB: Math.round(usage.maxRSS / 1024),
}));
