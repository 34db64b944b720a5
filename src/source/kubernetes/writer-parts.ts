// What the writer of statuses is made of, put together for one loop.
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { DesiredEvent } from '../../status/events.ts';
import type { StatusContext, StatusObjects } from '../../status/unit-outcome.ts';
import { EndingObjects, endingObject, type UnseenObjects } from './ending-objects.ts';
import { EventRecorder } from './event-recorder.ts';
import type { KubeClient } from './kube-client.ts';
import type { ObjectWriter } from './object-writer.ts';
import { PlatformWrites } from './platform-writes.ts';
import { RealiseSampler } from './realise-sampler.ts';
import { RecentObjects } from './recent-objects.ts';
import { RejectedWrites } from './rejected-writes.ts';
import { servesEndpoints } from './serves-endpoints.ts';
import { UnitReleases } from './unit-releases.ts';
import { UnitWrites } from './unit-writes.ts';
import { Updates } from './updates.ts';

/** The loop, as far as whoever writes statuses has to do with it. */
export interface Loop {
  readonly view: {
    readonly objects: StatusObjects;
    /** How many changes of objects it has been told of. */
    revision(): number;
    readonly usage: StatusContext['usage'];
    /** Keys of objects that the unit in the database still serves. */
    served(unit: string): ReadonlySet<string>;
  };
  /** Resolves when everything that was committed before the call is on every hypervisor. */
  realise(signal: AbortSignal): Promise<void>;
  /** The largest IP packet in networks of Projects. */
  readonly mtuBytes: number;
}

export interface WriterPartsOptions {
  readonly client: Pick<KubeClient, 'request'>;
  readonly server: UnseenObjects;
  readonly writer: ObjectWriter;
  readonly loop: Loop;
  readonly hasChanged: (key: string, revision: number) => boolean;
  readonly realised: (units: ReadonlySet<string>) => void;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export type WriterParts = ReturnType<typeof openWriterParts>;

export function openWriterParts(options: WriterPartsOptions) {
  const { client, server, loop, logger, clock, hasChanged, realised, signal } = options;
  const { view, mtuBytes } = loop;
  const objects = new RecentObjects(view.objects, server);
  const updates = new Updates({ ...options, objects });
  const events = new EventRecorder(options);
  const now = (): string => `${new Date(clock.now()).toISOString().slice(0, 19)}Z`;
  const record = (event: DesiredEvent): void => void events.record(event);
  const served = (unit: string): ReadonlySet<string> => view.served(unit);
  const shared = { objects, updates, served };
  const ending = new EndingObjects(server, objects);
  return {
    objects,
    updates,
    events,
    writes: new UnitWrites({
      ...shared,
      usage: (pool) => view.usage(pool),
      servesEndpoints: servesEndpoints(client, signal),
      hasChanged,
      isHeld: (key) => server.held(key) !== undefined,
      ending: (key) => endingObject(key, server.held(key)),
      now,
      mtuBytes,
      record,
    }),
    ending,
    releases: new UnitReleases({ ...shared, ending, held: (key) => server.held(key)?.object, now }),
    platform: new PlatformWrites({ objects, updates, hasChanged, now }),
    rejected: new RejectedWrites({ server, updates, record, now }),
    sampler: new RealiseSampler({
      realise: (end) => loop.realise(end),
      realised,
      failed: (error) => logger.error({ err: error }, 'nobody is Ready any more'),
      clock,
      signal,
    }),
  };
}
