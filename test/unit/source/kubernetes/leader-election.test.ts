// Several daemons and one Lease, on a clock that the test moves.
import { describe, expect, test } from 'vitest';
import { silentLogger } from '../../../../src/base/logger.ts';
import { LeaderElection } from '../../../../src/source/kubernetes/leader-election.ts';
import type { Lease, LeaseStore } from '../../../../src/source/kubernetes/lease.ts';
import { FakeClock, settled } from '../../../support/fake-clock.ts';

/** One Lease as the API server keeps it: a write must name the version that it read. */
class MemoryStore implements LeaseStore {
  lease: Lease | undefined;
  isAway = false;
  writes = 0;

  read(): Promise<Lease | undefined> {
    return this.#answer(() => this.lease);
  }

  write(...[spec, version]: Parameters<LeaseStore['write']>): Promise<Lease | undefined> {
    return this.#answer(() => {
      if (this.lease?.resourceVersion !== version) return undefined;
      this.writes += 1;
      this.lease = { ...spec, resourceVersion: String(this.writes) };
      return this.lease;
    });
  }

  async #answer<T>(give: () => T): Promise<T> {
    if (this.isAway) throw new Error('away');
    return give();
  }
}

function world() {
  const store = new MemoryStore();
  const clock = new FakeClock();
  /** Resolves when it has looked at the Lease once. */
  const daemon = async (identity: string, at: LeaseStore = store) => {
    const election = new LeaderElection({ store: at, identity, clock, logger: silentLogger });
    const stopping = new AbortController();
    const log: string[] = [];
    const lead = async (): Promise<void> => {
      await election.acquire(stopping.signal);
      log.push('leads');
      log.push(await election.hold(stopping.signal));
    };
    lead().catch(() => log.push('gave up'));
    await settled();
    return { log, election, stop: () => stopping.abort() };
  };
  return { store, clock, daemon };
}

describe('LeaderElection', () => {
  test('the first one leads, the second one waits however long it takes', async () => {
    const { store, clock, daemon } = world();
    const first = await daemon('a');
    const second = await daemon('b');
    await clock.advance(600_000);
    expect(first.log).toEqual(['leads']);
    expect(second.log).toEqual([]);
    expect(second.election.leader).toBe('a');
    expect(store.lease).toMatchObject({ holder: 'a', transitions: 0, durationSeconds: 6 });
  });

  test('who ends gives it back, and the next one has it at the next look', async () => {
    const { store, clock, daemon } = world();
    const first = await daemon('a');
    const second = await daemon('b');
    await clock.advance(10_000);
    first.stop();
    await settled();
    expect(first.log).toEqual(['leads', 'released']);
    expect(store.lease?.holder).toBe('');
    await clock.advance(2000);
    expect(second.log).toEqual(['leads']);
    expect(store.lease).toMatchObject({ holder: 'b', transitions: 1 });
  });

  test('who vanishes is followed when the Lease has not changed for as long as it lasts', async () => {
    const { store, clock, daemon } = world();
    store.lease = {
      resourceVersion: '7',
      holder: 'gone',
      durationSeconds: 10,
      renewTime: '2031-01-01T00:00:00.000000Z', // a clock that is years ahead
      acquireTime: '',
      transitions: 4,
    };
    store.writes = 7;
    const heir = await daemon('b');
    await clock.advance(9000);
    expect(heir.log).toEqual([]);
    await clock.advance(3000);
    expect(heir.log).toEqual(['leads']);
    expect(store.lease).toMatchObject({ holder: 'b', transitions: 5 });
  });

  test('who finds it in other hands after a pause has lost it', async () => {
    const { store, clock, daemon } = world();
    const paused = await daemon('a');
    store.writes = 50;
    store.lease = { ...(store.lease as Lease), holder: 'b', resourceVersion: '50' };
    await clock.advance(2000);
    expect(paused.log).toEqual(['leads', 'lost']);
    expect(store.lease).toMatchObject({ holder: 'b', resourceVersion: '50' });
  });

  test('a write of somebody else to the Lease that leaves the holder alone is no loss', async () => {
    const { store, clock, daemon } = world();
    const leader = await daemon('a');
    store.writes = 50;
    store.lease = { ...(store.lease as Lease), resourceVersion: '50' };
    await clock.advance(2000);
    expect(leader.log).toEqual(['leads']);
    expect(store.lease).toMatchObject({ holder: 'a', resourceVersion: '51' });
  });

  test('while the API server is away the leader goes on, and nobody else leads', async () => {
    const { store, clock, daemon } = world();
    const leader = await daemon('a');
    const other = await daemon('b');
    await clock.advance(4000);
    store.isAway = true;
    await clock.advance(600_000);
    store.isAway = false;
    await clock.advance(60_000);
    expect([leader.log, other.log]).toEqual([['leads'], []]);
  });

  test('one that alone cannot reach the API server is followed, and steps down when it sees that', async () => {
    const { store, clock, daemon } = world();
    const cut = new MemoryStore();
    const away = await daemon('a', {
      read: () => (cut.isAway ? cut.read() : store.read()),
      write: (...args) => (cut.isAway ? cut.write(...args) : store.write(...args)),
    });
    const heir = await daemon('b');
    cut.isAway = true;
    await clock.advance(9000);
    expect([away.log, heir.log]).toEqual([['leads'], ['leads']]);
    cut.isAway = false;
    await clock.advance(2000);
    expect([away.log, heir.log]).toEqual([['leads', 'lost'], ['leads']]);
  });

  test('who starts while the API server is away leads when it is back', async () => {
    const { store, clock, daemon } = world();
    store.isAway = true;
    const late = await daemon('a');
    await clock.advance(10_000);
    expect(late.log).toEqual([]);
    store.isAway = false;
    await clock.advance(2000);
    expect(late.log).toEqual(['leads']);
  });

  test('who comes back under its own name goes on at once', async () => {
    const { clock, daemon } = world();
    await daemon('a');
    const again = await daemon('a');
    await clock.advance(2000);
    expect(again.log).toEqual(['leads']);
  });
});
