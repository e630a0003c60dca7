// What every peer takes and prints, so that the table compares like with like.
import { parseArgs } from 'node:util';

export function readArguments(modes) {
  const { values } = parseArgs({
    options: {
      endpoint: { type: 'string' },
      out: { type: 'string' },
      categories: { type: 'string', default: '*,disabled-by-default-*' },
      seconds: { type: 'string', default: '8' },
      mode: { type: 'string', default: modes[0] },
      url: { type: 'string' },
      'buffer-size-kb': { type: 'string' },
      'read-size': { type: 'string' },
    },
  });
  if (!values.endpoint || !values.out) usage('--endpoint and --out are needed');
  if (!modes.includes(values.mode)) usage(`--mode is one of ${modes.join(', ')}`);
  return {
    ...values,
    categories: values.categories.split(','),
    seconds: Number(values.seconds),
    bufferSizeKb: values['buffer-size-kb'] ? Number(values['buffer-size-kb']) : undefined,
    readSize: values['read-size'] ? Number(values['read-size']) : undefined,
  };
}

function usage(message) {
  console.error(`${message}\nusage: --endpoint http://HOST:PORT|ws://... --out FILE [--mode ${'MODE'}] [--categories a,b] [--seconds N] [--url URL] [--buffer-size-kb N] [--read-size N]`);
  process.exit(2);
}

export const sleepSeconds = seconds => new Promise(done => setTimeout(done, seconds * 1000));

/** Starts the clock: the moment before `Tracing.end` is sent. */
export function startOfEnd() {
  const rssBeforeEnd = process.memoryUsage.rss();
  const cpuBefore = process.cpuUsage();
  const began = process.hrtime.bigint();
  return {
    began,
    finish(facts) {
      const endToClosedMs = Number(process.hrtime.bigint() - began) / 1e6;
      const cpu = process.cpuUsage(cpuBefore);
      console.log(JSON.stringify({
        ...facts,
        endToClosedMs: Math.round(endToClosedMs),
        cpuMs: Math.round((cpu.user + cpu.system) / 1000),
        peakRssMB: Math.round(process.resourceUsage().maxRSS / 1024),
        rssBeforeEndMB: Math.round(rssBeforeEnd / 1048576),
      }));
    },
  };
}
