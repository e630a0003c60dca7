// puppeteer-core, as its documentation shows it: page.tracing.start, page.tracing.stop.
import { statSync } from 'node:fs';
import puppeteer from 'puppeteer-core';
import { readArguments, sleepSeconds, startOfEnd } from './arguments.mjs';

const options = readArguments(['stream-json']);
const address = options.endpoint.startsWith('ws') ? { browserWSEndpoint: options.endpoint } : { browserURL: options.endpoint };
const browser = await puppeteer.connect({ ...address, defaultViewport: null });

// The busy page is open already; --url opens one where it is not.
let [page] = await browser.pages();
if (options.url) {
  page ??= await browser.newPage();
  await page.goto(options.url);
}

await page.tracing.start({
  path: options.out,
  categories: options.categories,
  ...(options.bufferSizeKb && { bufferSize: options.bufferSizeKb }),
});
await sleepSeconds(options.seconds);

const end = startOfEnd();
// Writes the file itself, and returns its whole contents in memory as well: that is its interface.
await page.tracing.stop();
end.finish({ client: 'puppeteer-core', mode: options.mode, bytes: statSync(options.out).size });
await browser.disconnect();
