// A question for a name, from a host of the lab.
import type { Host } from './host.ts';

const question = `
const { Resolver } = require('node:dns').promises;
const [server, name, type] = process.argv.slice(1);
const resolver = new Resolver({ timeout: 1000, tries: 2 });
resolver.setServers([server]);
resolver.resolve(name, type).then((found) => found.join(' '), ({ code }) => code).then(console.log);
`;

/** Asks `server` and returns the sorted answer, `10.0.10.2 10.0.10.3`, or the code of the failure: `ENOTFOUND`. */
export async function lookUp(
  host: Host,
  server: string,
  name: string,
  type: 'A' | 'AAAA' = 'A',
): Promise<string> {
  const { stdout } = await host.exec(process.execPath, '-e', question, server, name, type);
  return stdout.trim().split(' ').toSorted().join(' ');
}
