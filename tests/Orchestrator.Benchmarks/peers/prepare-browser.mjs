// Brings a fresh browser into the state in which every client is to find it: started up, the busy page in front.
// Chromium holds its lowest-priority tasks back, and the compression of traces is among them, until a page of it
// was idle once; opened on a page that never is, it waits a minute. So the browser is started on an idle page, and
// a short compressed recording tells when it is over that.
import CDP from 'chrome-remote-interface';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { sleepSeconds } from './arguments.mjs';

const { values: { profile, url } } = parseArgs({ options: { profile: { type: 'string' }, url: { type: 'string' } } });

const [port, path] = await activePort(`${profile}/DevToolsActivePort`);
const browser = await CDP({ target: `ws://127.0.0.1:${port}${path}`, local: true });
const complete = new Promise(done => browser.Tracing.tracingComplete(done));
await browser.Tracing.start({ transferMode: 'ReturnAsStream', streamCompression: 'gzip', traceConfig: { includedCategories: ['devtools.timeline'] } });
await browser.Tracing.end();
await browser.IO.close({ handle: (await complete).stream });
await browser.close();

const page = await CDP({ port, local: true });
await page.Page.enable();
const loaded = page.Page.loadEventFired();
await page.Page.navigate({ url });
await loaded;
await page.close();
await sleepSeconds(2);
console.log(`ws://127.0.0.1:${port}${path}`);

async function activePort(file) {
  for (let tries = 0; ; tries++) {
    try {
      const [port, path] = readFileSync(file, 'utf8').split('\n');
      if (path) return [Number(port), path];
    } catch (error) {
      if (tries > 300) throw error;
    }
    await sleepSeconds(0.1);
  }
}
