// Statuses of policies of the platform: written from what all units say of them, a moment after one of them has spoken.
import { objectKey } from '../../api/api-object.ts';
import { platformKinds } from '../../api/platform-policy.ts';
import type { PlatformPolicy } from '../../api/platform-policy.ts';
import { platformStatus, unrealisedUnits } from '../../status/platform-status.ts';
import type { PlatformLook } from '../../status/platform-status.ts';
import type { RecentObjects } from './recent-objects.ts';
import { settle } from './settle.ts';
import type { Look, UnitProgress } from './unit-progress.ts';
import type { Updates } from './updates.ts';

/** What the queue calls them; units are called by their names. */
export const platformTask = 'policies of the platform';

export interface PlatformWritesOptions {
  readonly objects: RecentObjects;
  readonly updates: Updates;
  /** As of {@link UnitWritesOptions}. */
  readonly hasChanged: (key: string, revision: number) => boolean;
  /** RFC 3339, in whole seconds. */
  readonly now: () => string;
}

export class PlatformWrites {
  readonly #options: PlatformWritesOptions;

  constructor(options: PlatformWritesOptions) {
    this.#options = options;
  }

  /** Whether there is anything to be written about. */
  get isNeeded(): boolean {
    const { objects } = this.#options;
    return platformKinds.some((kind) => objects.inNamespace(kind, '').length > 0);
  }

  /** Returns the units that hypervisors have to be asked about. @throws KubeError */
  async write(progress: UnitProgress): Promise<readonly string[]> {
    const { objects, updates, hasChanged, now } = this.#options;
    const policies = platformKinds.flatMap((kind): readonly PlatformPolicy[] =>
      objects.inNamespace(kind, ''),
    );
    const looks = [...progress.units()].flatMap((unit) => progress.lookAt(unit) ?? []);
    const judged = policies.map((policy) => {
      const key = objectKey(policy);
      const judgedBy = ({ outcome, isRealised }: Look): PlatformLook => {
        const isCurrent = !hasChanged(key, outcome.revision);
        return { outcome, isRealised, isCurrent };
      };
      return { policy, looks: looks.map(judgedBy) };
    });
    await settle(judged.map(({ policy, looks: own }) => updates.status(platformStatus(policy, own, now()))));
    return [...new Set(judged.flatMap(({ policy, looks: own }) => unrealisedUnits(policy, own)))];
  }
}
