// What a script does that starts the tracing of many browsers "at once": Promise.all over Tracing.start, from one process.
// The first line of stdin has the browsers' endpoints; for each further line one recording of all of them, and a line of JSON.
import { createInterface } from 'node:readline';
import CDP from 'chrome-remote-interface';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const endpoints = (await lines.next()).value.split(' ');

while (!(await lines.next()).done) {
  const clients = await Promise.all(endpoints.map(target => CDP({ target, local: true })));
  const sent = [];
  await Promise.all(clients.map(({ Tracing }) => {
    sent.push(performance.now());
    return Tracing.start({
      transferMode: 'ReturnAsStream',
      streamFormat: 'proto',
      streamCompression: 'gzip',
      bufferUsageReportingInterval: 500,
      traceConfig: { includedCategories: ['*'] },
    });
  }));
  await new Promise(done => setTimeout(done, 500));
  await Promise.all(clients.map(({ Tracing }) => Promise.all([new Promise(done => Tracing.tracingComplete(done)), Tracing.end()])));
  await Promise.all(clients.map(client => client.close()));
  console.log(JSON.stringify({ sentMs: sent.at(-1) - sent[0] }));
}
