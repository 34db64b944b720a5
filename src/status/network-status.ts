// Statuses of what makes networks: Projects, Vpcs, Subnets, ExternalNetworks.
import type { ExternalNetwork } from '../api/external-network.ts';
import { backingNamespace } from '../api/project.ts';
import type { Project } from '../api/project.ts';
import { formatPrefixList } from '../net/family-list.ts';
import { asText } from './json.ts';
import { problemText } from './problem-text.ts';
import { desiredStatus, judge, ownStatus } from './subject.ts';
import type { DesiredStatus, Subject } from './subject.ts';

export function projectStatus(subject: Subject<Project>): DesiredStatus {
  const { object, key, outcome, current } = subject;
  const model = outcome.result?.model;
  const subnet = model?.kind === 'vpc' ? model.subnets.find(({ source }) => source === key) : undefined;
  const fields = {
    namespace: hasNamespace(subject) ? backingNamespace(object) : undefined,
    cidrBlock:
      subnet === undefined
        ? asText(current['cidrBlock']) || undefined
        : formatPrefixList(subnet.ranges.map(({ prefix }) => prefix)),
  };
  return ownStatus(subject, fields, fields);
}

/** Of two Projects with one backing namespace, the younger has none. */
function hasNamespace({ key, outcome }: Pick<Subject<Project>, 'key' | 'outcome'>): boolean {
  return !outcome.problems.some(
    ({ object, code, path }) => object === key && code === 'Conflict' && path === 'metadata.name',
  );
}

export function externalNetworkStatus(subject: Subject<ExternalNetwork>): DesiredStatus {
  const { key, outcome, context, current } = subject;
  // Of IPv6 there are always enough; a network without IPv4 counts those.
  const usage = context.usage(key) ?? context.usage(`${key} IPv6`);
  const fields = {
    capacity: usage === undefined ? numberOf(current['capacity']) : countOf(usage.size),
    allocated: usage === undefined ? numberOf(current['allocated']) : countOf(usage.used),
  };
  // Who has an address more changes nothing about whether the network is in place.
  const verdicts = judge(subject, {});
  const deaf = outcome.problems.find(({ object, code }) => object === key && code === 'NoGatewayChassis');
  const ready =
    deaf === undefined || verdicts.Programmed.status !== 'True'
      ? verdicts.Ready
      : { status: 'False' as const, reason: deaf.code, message: problemText(deaf) };
  const isReady = ready.status === 'True';
  return desiredStatus(subject, { ...fields, ready: isReady }, { ...verdicts, Ready: ready });
}

/** Larger numbers lose their last digits in JSON. */
function countOf(count: bigint): number {
  return Math.min(Number(count), Number.MAX_SAFE_INTEGER);
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
