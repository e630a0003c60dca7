// Reads a Chrome JSON trace with the engine of DevTools' Performance panel, and tells what the panel would draw:
//   node read-trace.mjs TRACE[.gz]
// One line of JSON: { error } when the panel would refuse it.
import fs from 'node:fs';
import zlib from 'node:zlib';
import { polyfillDOMRect } from '@paulirish/trace_engine/analyze-trace.mjs';
import * as Trace from '@paulirish/trace_engine/models/trace/trace.js';

polyfillDOMRect();
// The engine complains of what single events lack; only its results are asked for.
console.error = console.warn = console.assert = () => {};

function read(file) {
  const content = fs.readFileSync(file);
  const text = content[0] === 0x1f && content[1] === 0x8b ? zlib.gunzipSync(content) : content;
  const trace = JSON.parse(text.toString('utf8'));
  return { events: trace.traceEvents ?? trace, metadata: trace.metadata ?? {} };
}

async function main(file) {
  const { events, metadata } = read(file);
  const model = Trace.TraceModel.Model.createWithAllHandlers();
  await model.parse(events, { metadata, isCPUProfile: false });
  const { data } = model.parsedTrace(0);
  const processes = [...data.Renderer.processes].map(([pid, process]) => ({
    pid,
    url: process.url,
    isOnMainFrame: process.isOnMainFrame,
    threads: [...process.threads].map(([tid, thread]) => ({ tid, name: thread.name, entries: thread.entries.length })),
  }));
  return {
    events: events.length,
    isGeneric: data.Meta.traceIsGeneric,
    mainFrame: data.Meta.mainFrameId,
    frames: [...data.Meta.rendererProcessesByFrame].map(([frame, byProcess]) => ({ frame, pids: [...byProcess.keys()] })),
    processNames: Object.fromEntries([...data.Meta.processNames].map(([pid, event]) => [pid, event.args.name])),
    processes,
    minMicros: data.Meta.traceBounds.min,
    maxMicros: data.Meta.traceBounds.max,
    requests: data.NetworkRequests.byTime.length,
    flows: data.Flows.flows.length,
  };
}

try {
  console.log(JSON.stringify(await main(process.argv[2])));
} catch (error) {
  console.log(JSON.stringify({ error: String(error?.stack ?? error) }));
}
