// A Lease (coordination.k8s.io/v1) as leader election uses it, and its one object on the API server.
import { CodedError } from '../../base/errors.ts';
import type { KubeClient } from './kube-client.ts';
import { KubeError } from './kube-error.ts';
import { isObject, metadataOf, textOf } from './raw-object.ts';

/** Who holds it, as the server has it. */
export interface Lease {
  readonly resourceVersion: string;
  /** Empty: nobody. */
  readonly holder: string;
  readonly durationSeconds: number;
  /** Texts of the server, for comparison only: its clock is not ours. */
  readonly renewTime: string;
  readonly acquireTime: string;
  readonly transitions: number;
}

/** What is written; times are ISO 8601 with microseconds. */
export type LeaseSpec = Omit<Lease, 'resourceVersion'>;

/** Reads and writes one Lease. `write` refuses (undefined) when somebody else wrote since `version` was read. */
export interface LeaseStore {
  read(signal: AbortSignal): Promise<Lease | undefined>;
  /** `version` undefined: it must not exist yet. */
  write(spec: LeaseSpec, version: string | undefined, signal: AbortSignal): Promise<Lease | undefined>;
}

/** Where a Lease is: `kube-system/ovn-projector`. */
export interface LeaseName {
  readonly namespace: string;
  readonly name: string;
}

export class KubeLeaseStore implements LeaseStore {
  readonly #client: Pick<KubeClient, 'request'>;
  readonly #at: LeaseName;

  constructor(client: Pick<KubeClient, 'request'>, at: LeaseName) {
    this.#client = client;
    this.#at = at;
  }

  async read(signal: AbortSignal): Promise<Lease | undefined> {
    return this.#unless(404, async () =>
      readLease(await this.#client.request({ path: this.#path, timeoutMs: requestTimeoutMs }, signal)),
    );
  }

  async write(spec: LeaseSpec, version: string | undefined, signal: AbortSignal): Promise<Lease | undefined> {
    const body = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { ...this.#at, ...(version !== undefined && { resourceVersion: version }) },
      spec: {
        holderIdentity: spec.holder,
        leaseDurationSeconds: spec.durationSeconds,
        renewTime: spec.renewTime,
        acquireTime: spec.acquireTime,
        leaseTransitions: spec.transitions,
      },
    };
    const request =
      version === undefined
        ? ({ method: 'POST', path: this.#collection } as const)
        : ({ method: 'PUT', path: this.#path } as const);
    return this.#unless(409, async () =>
      readLease(await this.#client.request({ ...request, body, timeoutMs: requestTimeoutMs }, signal)),
    );
  }

  get #collection(): string {
    return `/apis/coordination.k8s.io/v1/namespaces/${this.#at.namespace}/leases`;
  }

  get #path(): string {
    return `${this.#collection}/${this.#at.name}`;
  }

  async #unless(status: number, ask: () => Promise<Lease>): Promise<Lease | undefined> {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof KubeError && error.status === status) return undefined;
      throw error;
    }
  }
}

/** Shorter than a lease lasts: an answer that comes later is of no use. */
const requestTimeoutMs = 3000;

function readLease(answer: unknown): Lease {
  if (!isObject(answer) || !isObject(answer['spec']))
    throw new CodedError('KUBE_BAD_ANSWER', 'the answer is no Lease', { retryable: true });
  const { spec } = answer;
  return {
    resourceVersion: textOf(metadataOf(answer)['resourceVersion']),
    holder: textOf(spec['holderIdentity']),
    durationSeconds: numberOf(spec['leaseDurationSeconds']),
    renewTime: textOf(spec['renewTime']),
    acquireTime: textOf(spec['acquireTime']),
    transitions: numberOf(spec['leaseTransitions']),
  };
}

const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0);
