// A process that owns a lab, to be killed: tells its folder and its namespaces as JSON, then does nothing.
import { readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { startLab } from '../../src/lab/lab.ts';

const lab = await startLab({ programFolders: process.argv.slice(2) });
const host = await lab.outside('host', { network: 'ext-cloud', vlan: 4013, addresses: ['100.65.0.10/16'] });
const pids = [lab.fabric.switch, ...lab.chassis.map((chassis) => chassis.switch), host].map(
  ({ namespace }) => namespace.pid,
);
const namespaces = pids.map((pid) => readlinkSync(`/proc/${pid}/ns/net`));
console.log(JSON.stringify({ directory: lab.directory, namespaces }));
await delay(600_000);
