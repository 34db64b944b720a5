// Subject: the program following objects in memory. Tells `in step`, then takes over a Service of one project, changed
// to another port, for every message that comes in.
// Arguments: remote, number of projects.
import { silentLogger } from '../../src/base/logger.ts';
import { Engine } from '../../src/controller/engine.ts';
import { openTarget } from '../../src/target/open-target.ts';
import { benchConfig, decodeChange, fleetChanges, projectNamespace, serviceManifest } from '../fleet.ts';

/** Change Service `api` of the project to this port. */
export interface ChangeRequest {
  readonly project: number;
  readonly port: number;
}

const [remote = '', count = '0'] = process.argv.slice(2);
const config = benchConfig();
const { owner, gatewayChassis } = config;
const target = await openTarget({ nb: remote, owner, gatewayChassis, logger: silentLogger });
const inStep = (_fields: object, message: string): void => {
  if (message === 'in step') process.send?.(message);
};
const engine = new Engine({ config, target, logger: { ...silentLogger, info: inStep } });
engine.sink.changed(fleetChanges(Number(count)));
engine.sink.synced();
const end = new AbortController();
process.on('message', ({ project, port }: ChangeRequest) => {
  engine.sink.changed([decodeChange(serviceManifest(projectNamespace(project), 'api', port))]);
});
process.on('disconnect', () => end.abort());
await engine.run(end.signal);
await target.close();
