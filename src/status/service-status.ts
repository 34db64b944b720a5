// Status of a Service of type LoadBalancer: its address, and the ports that somebody else has.
import { isOwnLoadBalancer } from '../api/service.ts';
import type { Service } from '../api/service.ts';
import type { Problem } from '../base/problem.ts';
import { formatAddress } from '../net/address.ts';
import { currentConditions } from './condition.ts';
import { asArray, asObject, asText } from './json.ts';
import type { JsonObject } from './json.ts';
import { desiredStatus, judge } from './subject.ts';
import type { DesiredStatus, StatusFields, Subject } from './subject.ts';
import type { UnitOutcome } from './unit-outcome.ts';

/**
 * Undefined: another controller's, and nothing of ours is in it. One that was ours loses what we wrote, and no more:
 * an empty list, applied, takes away what this field manager has put there.
 */
export function serviceStatus(subject: Subject<Service>, isInProject: boolean): DesiredStatus | undefined {
  const { object, key, current } = subject;
  if (isOwnLoadBalancer(object) && isInProject) {
    const fields = { loadBalancer: { ingress: ingressOf(subject) } };
    return desiredStatus(subject, fields, judge(subject, fields));
  }
  if (Object.keys(currentConditions(current)).length === 0) return undefined;
  const { apiVersion, kind, metadata } = object;
  const { name, namespace } = metadata;
  return { key, apiVersion, kind, namespace, name, status: { conditions: [] } };
}

/** Published once its rows are there, and until they are gone. */
function ingressOf(subject: Subject<Service>): readonly JsonObject[] {
  const { outcome, isKept, current } = subject;
  if (isKept || !outcome.isCommitted) return ingressAsBefore(current);
  const taken = takenPorts(subject);
  const statuses = taken.size === 0 ? undefined : portStatuses(subject.object, taken);
  return serviceAddresses(subject).map((ip) => ({ ip, ports: statuses }));
}

/** One of each family. Not where every port is taken: that address would lead to somebody else's Service. */
function serviceAddresses({ object, key, outcome }: Subject<Service>): readonly string[] {
  const { name } = object.metadata;
  const eip = outcome.result?.eips.find(({ owners }) =>
    owners.some(({ type, ownerRef }) => type === 'ServiceLb' && ownerRef === name),
  );
  const used = vipAddresses(key, outcome);
  return (eip?.ipAddresses ?? []).map(formatAddress).filter((text) => used.has(text));
}

function vipAddresses(key: string, { result }: UnitOutcome): ReadonlySet<string> {
  if (result?.model?.kind !== 'vpc') return new Set();
  const { loadBalancers, edges } = result.model;
  const all = [...loadBalancers, ...edges.flatMap((edge) => edge.loadBalancers)];
  const own = all.filter(({ source }) => source === key);
  return new Set(own.flatMap(({ vips }) => vips.map(({ address }) => formatAddress(address))));
}

/** Source: Kubernetes API, core/v1 PortStatus: where used, it has every port; errors of others than Kubernetes are qualified. */
function portStatuses({ spec }: Service, taken: ReadonlySet<number>): readonly JsonObject[] {
  return spec.ports.map(({ port, protocol }, index) => ({
    port,
    protocol,
    error: taken.has(index) ? 'kube-dc.com/Conflict' : undefined,
  }));
}

function takenPorts({ key, outcome }: Subject<Service>): ReadonlySet<number> {
  const index = ({ object, code, path }: Problem): number[] => {
    const match = object === key && code === 'Conflict' ? /^spec\.ports\[(\d+)\]/.exec(path) : null;
    return match === null ? [] : [Number(match[1])];
  };
  return new Set(outcome.problems.flatMap(index));
}

function ingressAsBefore(current: StatusFields | Readonly<Record<string, unknown>>): readonly JsonObject[] {
  return asArray(asObject(current['loadBalancer'])['ingress']).map((entry) => {
    const { ip, ports } = asObject(entry);
    const statuses = asArray(ports).map((port) => {
      const { port: number, protocol, error } = asObject(port);
      return { port: Number(number), protocol: asText(protocol), error: asText(error) || undefined };
    });
    return { ip: asText(ip), ports: statuses.length === 0 ? undefined : statuses };
  });
}
