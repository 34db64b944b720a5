// Who of several daemons writes: the election, and the loop that runs while the Lease is held.
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { InvalidArgumentError } from 'commander';
import { systemClock } from '../base/clock.ts';
import { CodedError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { KubeClient } from '../source/kubernetes/kube-client.ts';
import { LeaderElection } from '../source/kubernetes/leader-election.ts';
import { KubeLeaseStore, type LeaseName } from '../source/kubernetes/lease.ts';

/** Reads `--lease`. */
export function leaseName(text: string): LeaseName {
  const [namespace = '', name = '', ...more] = text.split('/');
  if (namespace === '' || name === '' || more.length > 0)
    throw new InvalidArgumentError('It must be a namespace and a name: kube-system/ovn-projector.');
  return { namespace, name };
}

export function createElection(client: KubeClient, lease: LeaseName, logger: Logger): LeaderElection {
  const place = process.env['POD_NAME'] ?? hostname();
  return new LeaderElection({
    store: new KubeLeaseStore(client, lease),
    identity: `${place}_${randomUUID()}`,
    clock: systemClock,
    logger,
  });
}

/**
 * Runs `work` while the Lease is held, and gives the Lease back when it has ended: nothing is in flight then.
 * @throws KUBE_LEASE_LOST, and what `work` throws
 */
export async function whileLeading(
  election: LeaderElection,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  await election.acquire(signal);
  const [lost, done] = [new AbortController(), new AbortController()];
  const holding = election.hold(done.signal).finally(() => lost.abort());
  try {
    await work(AbortSignal.any([signal, lost.signal]));
  } finally {
    done.abort();
  }
  if ((await holding) === 'lost')
    throw new CodedError('KUBE_LEASE_LOST', 'another instance leads now: start again to stand by', {
      retryable: true,
    });
}
