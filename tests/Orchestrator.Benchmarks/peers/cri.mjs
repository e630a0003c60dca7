// chrome-remote-interface, which speaks the bare protocol: events are gathered the way its wiki does,
// streams are read with IO.read until the end.
import { createWriteStream, statSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import CDP from 'chrome-remote-interface';
import { readArguments, sleepSeconds, startOfEnd } from './arguments.mjs';

const options = readArguments(['stream-json', 'stream-json-gzip', 'stream-proto', 'stream-proto-gzip', 'events']);
const [transfer, format, compression] = options.mode.split('-');

const client = await CDP({ target: await browserEndpoint(options.endpoint), local: true });
const { Tracing, IO } = client;

const events = [];
Tracing.dataCollected(({ value }) => { events.push(...value); });
const complete = new Promise(done => Tracing.tracingComplete(done));

await Tracing.start({
  transferMode: transfer === 'events' ? 'ReportEvents' : 'ReturnAsStream',
  ...(format && { streamFormat: format }),
  ...(compression && { streamCompression: compression }),
  traceConfig: {
    includedCategories: options.categories.filter(category => !category.startsWith('-')),
    excludedCategories: options.categories.filter(category => category.startsWith('-')).map(category => category.slice(1)),
    ...(options.bufferSizeKb && { traceBufferSizeInKb: options.bufferSizeKb }),
  },
});
await sleepSeconds(options.seconds);

const end = startOfEnd();
await Tracing.end();
const { stream, dataLossOccurred } = await complete;
const completeMs = Math.round(Number(process.hrtime.bigint() - end.began) / 1e6);
if (stream) await writeStream(stream);
else writeFileSync(options.out, JSON.stringify(events));
end.finish({ client: 'chrome-remote-interface', mode: options.mode, bytes: statSync(options.out).size, completeMs, dataLossOccurred });
await client.close();

async function writeStream(handle) {
  const file = createWriteStream(options.out);
  for (;;) {
    const { data, base64Encoded, eof } = await IO.read({ handle, ...(options.readSize && { size: options.readSize }) });
    if (!file.write(data, base64Encoded ? 'base64' : 'utf8')) await once(file, 'drain');
    if (eof) break;
  }
  await IO.close({ handle });
  file.end();
  await finished(file);
}

async function browserEndpoint(address) {
  if (address.startsWith('ws')) return address;
  const { hostname, port } = new URL(address);
  return (await CDP.Version({ host: hostname, port: Number(port), local: true })).webSocketDebuggerUrl;
}
