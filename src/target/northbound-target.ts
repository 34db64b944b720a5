// The target over a live connection: keeps counts, records and epoch in step with the replica and tells the loop.
import { isDeepStrictEqual } from 'node:util';
import { CodedError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { capabilitiesOf } from '../northbound/capabilities.ts';
import type { Capabilities } from '../northbound/capabilities.ts';
import { managedTables } from '../northbound/monitored-columns.ts';
import type { Database, RowChange } from '../ovsdb/index.ts';
import type { ChangeSet } from '../plan/change-set.ts';
import { currentFromReplica } from '../plan/current-rows.ts';
import type { OwnershipPolicy } from '../plan/ownership-policy.ts';
import { AskedChassis } from './asked-chassis.ts';
import { Committer } from './committer.ts';
import { DriftReader } from './drift.ts';
import { EpochFence } from './epoch.ts';
import type { EpochMode } from './epoch.ts';
import { bridgedNetworksOf, chassisNamed, gatewayChassisOf } from './gateway-chassis.ts';
import type { GatewayChassis } from './gateway-chassis.ts';
import { observe } from './observations.ts';
import { OwnedRows } from './owned-rows.ts';
import { Realiser } from './realiser.ts';
import { Records } from './records.ts';
import type { CommitOutcome, Target, TargetChange, TargetListener } from './target.ts';

export interface NorthboundTargetOptions {
  readonly owner: string;
  readonly policy: OwnershipPolicy;
  /** For when there is no Southbound database. */
  readonly gatewayChassis: readonly GatewayChassis[];
  readonly logger: Logger;
}

const noChange: TargetChange = {
  units: new Set(),
  moved: new Map(),
  observed: new Set(),
  everything: false,
  rows: [],
  recordsGone: [],
};

/** Owns both databases: `close` ends them. */
export class NorthboundTarget implements Target {
  readonly owner: string;
  readonly policy: OwnershipPolicy;
  readonly current: Target['current'];
  readonly owned: OwnedRows;
  readonly records: Records;
  readonly observations: Target['observations'];
  readonly #nb: Database;
  readonly #sb: Database | undefined;
  readonly #logger: Logger;
  readonly #fence: EpochFence;
  readonly #committer: Committer;
  readonly #realiser: Realiser;
  readonly #drift: DriftReader;
  readonly #listeners = new Set<TargetListener>();
  readonly #schemaGeneration: number;
  #capabilities: Capabilities;
  readonly #asked = new AskedChassis((names) => this.#chassisOf(names));
  #chassis: readonly GatewayChassis[];
  #bridged: ReadonlySet<string> | undefined;
  #ended: CodedError | undefined;

  constructor(nb: Database, sb: Database | undefined, options: NorthboundTargetOptions) {
    const { owner, policy, logger } = options;
    this.#nb = nb;
    this.#sb = sb;
    this.#logger = logger;
    this.owner = owner;
    this.policy = policy;
    this.current = currentFromReplica(nb.replica, managedTables, policy);
    this.owned = new OwnedRows(owner, nb.replica);
    this.records = new Records(owner, nb.replica);
    this.#fence = new EpochFence(owner);
    this.#committer = new Committer(nb, this.#fence);
    this.#realiser = new Realiser(nb, this.#committer);
    this.#drift = new DriftReader(owner, nb.schema);
    this.#schemaGeneration = nb.schemaGeneration;
    this.#capabilities = this.#readCapabilities();
    this.#chassis = sb === undefined ? options.gatewayChassis : this.#readChassis(sb);
    this.#bridged = sb && this.#readBridged(sb);
    this.observations = observe(
      this.current,
      policy,
      this.records,
      this.owned,
      () => this.#chassis,
      () => this.#bridged,
      () => this.#capabilities,
      (names) => this.#asked.of(names),
    );
    this.#follow();
  }

  get capabilities(): Capabilities {
    return this.#capabilities;
  }

  get connection(): Target['connection'] {
    return { isSynced: this.#nb.state === 'synced', stats: this.#nb.stats };
  }

  async claimEpoch(mode: EpochMode): Promise<void> {
    await this.#committer.claimEpoch(mode);
  }

  async retireEpoch(): Promise<void> {
    if (this.owned.total === 0) await this.#committer.retireEpoch();
  }

  async commit(changes: ChangeSet): Promise<CommitOutcome> {
    if (this.#ended !== undefined) return { kind: 'fenced', error: this.#ended };
    return this.#committer.commit(changes);
  }

  async realise(signal: AbortSignal): Promise<void> {
    if (this.#ended !== undefined) throw this.#ended;
    await this.#realiser.realise(signal);
  }

  listen(listener: TargetListener): () => void {
    this.#listeners.add(listener);
    if (this.#ended !== undefined) listener.ended(this.#ended);
    return () => void this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    await Promise.all([this.#nb.close(), this.#sb?.close()]);
  }

  #follow(): void {
    this.#nb.onChange((changes) => this.#northboundChanged(changes));
    this.#nb.onState((state) => {
      if (state !== 'synced') return;
      if (this.#nb.schemaGeneration !== this.#schemaGeneration) {
        this.#end(schemaChanged());
        return;
      }
      this.#realiser.changed(undefined);
      for (const listener of this.#listeners) listener.connected();
    });
    this.#sb?.onChange(() => this.#southboundChanged());
  }

  #northboundChanged(rows: readonly RowChange[]): void {
    if (this.#nb.schemaGeneration !== this.#schemaGeneration) return;
    const recordsGone: string[] = [];
    const units = new Set<string>();
    const moved = new Map<string, string>();
    const observed = new Set<string>();
    for (const change of rows) {
      this.owned.apply(change);
      recordsGone.push(...this.records.apply(change));
      this.#drift.collect(change, this.#nb.replica, units, moved);
      this.#drift.collectObserved(change, observed);
    }
    this.#realiser.changed(rows);
    if (this.#fence.isLost(this.#nb.replica)) this.#end(this.#fence.lossOf(this.#nb.replica));
    const everything = rows.some(({ table }) => table === 'NB_Global') && this.#northdChanged();
    this.#emit({ units, moved, observed, everything, rows, recordsGone });
  }

  #northdChanged(): boolean {
    const before = this.#capabilities.northd;
    const after = this.#readCapabilities();
    if (isDeepStrictEqual(before, after.northd)) return false;
    this.#capabilities = after;
    return true;
  }

  #southboundChanged(): void {
    if (this.#sb === undefined) return;
    const chassis = this.#readChassis(this.#sb);
    const bridged = this.#readBridged(this.#sb);
    const areSame = isDeepStrictEqual(chassis, this.#chassis);
    if (areSame && isDeepStrictEqual(bridged, this.#bridged) && !this.#asked.haveChanged()) return;
    this.#chassis = chassis;
    this.#bridged = bridged;
    if (!areSame) this.#logger.info({ chassis: chassis.map(({ name }) => name) }, 'gateway chassis changed');
    this.#emit({ ...noChange, everything: true });
  }

  #readCapabilities(): Capabilities {
    const [global] = this.#nb.replica.rows('NB_Global').values();
    return capabilitiesOf(this.#nb.schema, global);
  }

  #readChassis(sb: Database): readonly GatewayChassis[] {
    return gatewayChassisOf(sb.replica.rows('Chassis').values());
  }

  #chassisOf(names: readonly string[]): string | undefined {
    const replica = this.#sb?.replica;
    if (replica === undefined) return names[0];
    return chassisNamed(names, replica.rows('Chassis').values(), replica.rows('Encap').values());
  }

  #readBridged(sb: Database): ReadonlySet<string> {
    return bridgedNetworksOf(sb.replica.rows('Chassis').values());
  }

  #emit(change: TargetChange): void {
    for (const listener of this.#listeners) listener.changed(change);
  }

  #end(error: CodedError): void {
    if (this.#ended !== undefined) return;
    this.#ended = error;
    this.#realiser.end(error);
    for (const listener of this.#listeners) listener.ended(error);
  }
}

function schemaChanged(): CodedError {
  return new CodedError('NB_SCHEMA_CHANGED', 'the schema of NB changed; start again to use the new one', {
    retryable: true,
  });
}
